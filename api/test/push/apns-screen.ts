import { z } from 'zod';

/** What we send: whatever else is in it is a mistake. */
export const apnsPayload = z.strictObject({
  aps: z.strictObject({
    alert: z.strictObject({ 'loc-key': z.string(), 'loc-args': z.array(z.string()).optional() }).optional(),
    badge: z.int().nonnegative().optional(),
    sound: z.string().optional(),
    'thread-id': z.string().optional(),
    'mutable-content': z.literal(1).optional(),
    'content-available': z.literal(1).optional(),
  }),
  parley: z.strictObject({
    channelId: z.string().optional(),
    messageId: z.string().optional(),
    seq: z.int().optional(),
    number: z.int().optional(),
    count: z.int().optional(),
    clear: z.strictObject({ channelId: z.string(), number: z.int() }).optional(),
    test: z.literal(true).optional(),
  }),
});
export type ApnsPayload = z.infer<typeof apnsPayload>;

/** A notification on a screen. */
export type Shown = {
  readonly collapseId: string | undefined;
  readonly key: string;
  readonly args: readonly string[];
  readonly parley: ApnsPayload['parley'];
};

/** What the devices of one service show: one notification for each collapse id; an app takes away what it is told to clear. */
export function createScreens() {
  const shown = new Map<string, Shown[]>();
  const badges = new Map<string, number>();

  return {
    take(token: string, collapseId: string | undefined, { aps, parley }: ApnsPayload): void {
      if (aps.badge !== undefined) badges.set(token, aps.badge);
      const { clear } = parley;
      const isLeft = (one: Shown) =>
        clear?.channelId !== one.parley.channelId || (one.parley.number ?? 0) > (clear?.number ?? 0);
      const isOther = (one: Shown) => collapseId === undefined || one.collapseId !== collapseId;
      const before = shown.get(token) ?? [];
      if (clear !== undefined) shown.set(token, before.filter(isLeft));
      if (aps.alert === undefined) return;
      const { 'loc-key': key, 'loc-args': args = [] } = aps.alert;
      shown.set(token, [...before.filter(isOther), { collapseId, key, args, parley }]);
    },
    visible: (token: string): readonly Shown[] => shown.get(token) ?? [],
    badge: (token: string): number | undefined => badges.get(token),
  };
}
