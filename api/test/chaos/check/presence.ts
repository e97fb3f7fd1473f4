import type { Line, Presence } from '../history.ts';
import type { Book } from './book.ts';
import { touching } from './faults.ts';
import { inside } from './ordered.ts';
import type { Note } from './verdict.ts';

/** After the last socket of somebody died: 35 s if nobody told the server so, with a second for telling it here. In milliseconds. */
const withinMs = 36_000;
/** Their next socket may have been there some time before it was subscribed on. In milliseconds. */
const beforeSubscribingMs = 10_000;

/** What a device was told last of somebody, in which of its subscriptions. */
type Watched = { readonly nth: number; readonly state: Presence['state'] };
type Device = { nth: number; isOpen: boolean; subscribedT: number };
/** Somebody has gone, and nobody of them is there again so far. */
type Going = { readonly userId: string; readonly t: number };
type Suspect = Going & { readonly device: string; readonly nth: number };

/**
 * `presence`: a device that watches somebody was not told in time that they have gone. Certain is that while nothing was broken, when the
 * device was connected all the time, and something came to it later. Bounds by way of going: 11 s closed, 24 s with its server killed, 35 s
 * when nobody could tell; the lines do not say which, so the last one counts.
 */
export function checkPresence(book: Book, note: Note): void {
  const watch = createWatch(book);
  for (const line of book.lines)
    for (const { userId, device, t } of watch(line)) {
      const seconds = withinMs / 1_000;
      note('presence', `${device} was not told within ${seconds} s that ${userId} has gone`, t);
    }
}

/** Answers, line by line, who was certainly not told. */
function createWatch({ faults, devices: owners }: Book) {
  const isBroken = touching(faults);
  const devices = new Map<string, Device>();
  const open = new Map<string, Set<string>>();
  const watchers = new Map<string, Map<string, Watched>>();
  let going: Going[] = [];
  let suspects: Suspect[] = [];
  const deviceOf = (device: string) =>
    inside(devices, device, () => ({ nth: 0, isOpen: false, subscribedT: 0 }));
  const openOf = (userId: string) => inside(open, userId, () => new Set<string>());

  function suspect({ userId, t }: Going): Suspect[] {
    if (isBroken({ from: t - withinMs, to: t + withinMs })) return [];
    return [...(watchers.get(userId) ?? [])].flatMap(([device, { nth, state }]) => {
      const watcher = deviceOf(device);
      const isThere = watcher.isOpen && watcher.nth === nth && watcher.subscribedT < t;
      return isThere && state !== 'OFFLINE' ? [{ userId, t, device, nth }] : [];
    });
  }
  function come(line: Extract<Line, { readonly kind: 'subscribe' }>): void {
    const device = deviceOf(line.device);
    Object.assign(device, { nth: device.nth + 1, isOpen: true, subscribedT: line.t });
    openOf(line.userId).add(line.device);
    going = going.filter(({ userId }) => userId !== line.userId);
    const isOff = ({ userId, t }: Suspect) =>
      userId === line.userId && line.t < t + withinMs + beforeSubscribingMs;
    suspects = suspects.filter((one) => !isOff(one));
  }
  function confirmed({ device, t }: { readonly device: string; readonly t: number }): Suspect[] {
    const { nth, isOpen } = deviceOf(device);
    const isSure = (one: Suspect) =>
      one.device === device && one.nth === nth && isOpen && t > one.t + withinMs + beforeSubscribingMs;
    const sure = suspects.filter(isSure);
    if (sure.length > 0) suspects = suspects.filter((one) => !isSure(one));
    return sure;
  }
  return (line: Line): Suspect[] => {
    if (going.some(({ t }) => line.t > t + withinMs)) {
      suspects = [...suspects, ...going.filter(({ t }) => line.t > t + withinMs).flatMap(suspect)];
      going = going.filter(({ t }) => line.t <= t + withinMs);
    }
    if (line.kind === 'subscribe') come(line);
    if (line.kind === 'gone') {
      const userId = owners.get(line.device) ?? '';
      deviceOf(line.device).isOpen = false;
      if (openOf(userId).delete(line.device) && openOf(userId).size === 0)
        going = [...going, { userId, t: line.t }];
    }
    if (line.kind === 'presence')
      inside(watchers, line.ofUserId, () => new Map<string, Watched>()).set(line.device, {
        nth: deviceOf(line.device).nth,
        state: line.state,
      });
    if (suspects.length === 0) return [];
    return line.kind === 'delivery' || line.kind === 'marker' || line.kind === 'presence'
      ? confirmed(line)
      : [];
  };
}
