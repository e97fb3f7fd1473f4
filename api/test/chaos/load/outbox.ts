import type { Op, Outcome } from './book.ts';
import { sleep } from './deferred.ts';
import type { Device } from './device.ts';
import { documents } from './documents.ts';
import { seqOfMessage } from './events.ts';
import { attempt, type Deed } from './perform.ts';
import { type Play, waitAgain, within } from './play.ts';

type Sent = {
  readonly deduplicated: boolean;
  readonly message: { readonly id: string; readonly number: number };
};
type Letter = { readonly op: Op; readonly deed: Deed<Sent>; readonly channelId: string };

/** What somebody says next, and where. */
export type Next = { readonly channelId: string; readonly text: string; readonly mayBe: readonly string[] };

type Settings = {
  readonly play: Play;
  readonly device: Device;
  /** So many messages at most are on their way at once. */
  readonly atOnce: number;
  /** Undefined: it has nothing to say just now. */
  readonly next: () => Next | undefined;
  readonly onSent: (channelId: string, messageId: string) => void;
};

/**
 * Says one thing after another: what is not acknowledged stays, and is sent again before anything else is. What is on its way at once is
 * sent in order, and what is left of it again in that order. Resolves when nobody begins anything new and nothing is left.
 */
export async function talk(settings: Settings): Promise<void> {
  const { play, device } = settings;
  const { stopping, closing } = play;
  let left: readonly Letter[] = [];
  let [written, failures] = [0, 0];
  const write = () => {
    written += 1;
    return letterOf(settings, written);
  };
  while (!closing.aborted) {
    const wire = await device.ready();
    if (wire === undefined) break;
    if (left.length === 0) {
      await sleep(within(play, play.size.thinkMs), stopping);
      if (stopping.aborted || device.mayEnd()) return;
      const count = 1 + play.random.below(settings.atOnce);
      left = Array.from({ length: count }, write).filter((letter) => letter !== undefined);
      continue;
    }
    const attempts = left.map(({ op, deed }) => attempt({ play, device, op }, wire, deed));
    const outcomes = await Promise.all(attempts);
    left = left.filter((letter, nth) => !isSettled(settings, letter, outcomes[nth]));
    if (left.length > 0) await waitAgain(play, failures);
    failures = left.length > 0 ? failures + 1 : 0;
  }
  for (const { op } of left) op.abandon();
}

function letterOf({ play, device, next }: Settings, written: number): Letter | undefined {
  const said = next();
  if (said === undefined) return undefined;
  const { channelId, text, mayBe } = said;
  const nonce = `${device.name}.${written}`;
  const deed: Deed<Sent> = {
    what: { type: 'send', channelId, nonce, text },
    document: documents.send,
    input: { channelId, nonce, text },
    mayBe,
    doneOf: ({ deduplicated, message: { id, number } }) => ({
      message: { id, number, seq: seqOfMessage(id) },
      ...(deduplicated && { isRepeated: true }),
    }),
  };
  return { op: play.book.open(device, deed.what), deed, channelId };
}

function isSettled({ onSent }: Settings, { channelId }: Letter, outcome: Outcome | undefined): boolean {
  if (outcome === undefined) return false;
  const message = outcome.state === 'done' ? outcome.done.message : undefined;
  if (message !== undefined) onSent(channelId, message.id);
  return true;
}
