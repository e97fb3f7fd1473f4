import type { Delivered, Line } from '../history.ts';
import type { Book } from './book.ts';
import { isOfDevices, touching } from './faults.ts';
import { staysIn } from './logs.ts';
import { openStay } from './stays.ts';
import type { Note } from './verdict.ts';

/**
 * How long after its acknowledgement an event is told to whoever has caught up, at most; in milliseconds. Half a minute is promised where a
 * hint is lost, or with it the cache of heads; a server that is stopped meanwhile adds its 40 s, and what holds up its way to the stores.
 */
const within = { usuallyMs: 35_000, withFaultsMs: 100_000 } as const;
/** A fault that ended shortly before may have lost the hint. */
const shortlyMs = 35_000;

type Following = {
  readonly userId: string;
  readonly at: Map<string, number>;
  /** Since when it has caught up; Infinity: not yet. */
  since: number;
};

/**
 * `liveness`, of the stream: an event comes much later than it was acknowledged to a device that had caught up before and stayed subscribed,
 * or not at all. Only where it is known which devices read slowly.
 */
export function checkStaleness(book: Book, note: Note): void {
  const { slowReaders } = book.options;
  if (slowReaders === undefined) return;
  const follow = createFollowing(book, note);
  for (const line of book.lines) if ('device' in line && !slowReaders.has(line.device)) follow.take(line);
  follow.end(book.endT);
}

function createFollowing(book: Book, note: Note) {
  const following = new Map<string, Following>();
  const isBroken = touching(book.faults.filter((fault) => !isOfDevices(fault, book.devices)));

  const isLate = (doneT: number, t: number) =>
    t - doneT > within.withFaultsMs ||
    (t - doneT > within.usuallyMs && !isBroken({ from: doneT - shortlyMs, to: t }));

  function tell({ device, channelId, seq, t }: Delivered): void {
    const one = following.get(device);
    if (one === undefined || seq === 0) return;
    one.at.set(channelId, Math.max(seq, one.at.get(channelId) ?? 0));
    const doneT = book.channels.get(channelId)?.when.doneTOf(seq);
    if (doneT === undefined || doneT < one.since || !isLate(doneT, t)) return;
    note(
      'liveness',
      `${channelId} ${seq} came to ${device} only ${Math.round(t - doneT)} ms after its answer`,
      t,
    );
  }
  /** What was acknowledged so long ago has come. */
  function leave(device: string, t: number): void {
    const one = following.get(device);
    following.delete(device);
    for (const [channelId, at] of one?.at ?? []) {
      const channel = book.channels.get(channelId);
      const newest = channel?.when.doneBefore(t - within.withFaultsMs) ?? 0;
      const doneT = channel?.when.doneTOf(newest) ?? 0;
      const stay = openStay(staysIn(channel, one?.userId ?? ''));
      if (stay === undefined || newest < stay.joined || newest <= at || doneT < (one?.since ?? 0)) continue;
      note('liveness', `${channelId} ${newest} did not come to ${device}, which is at ${at}`, t);
    }
  }
  return {
    take(line: Extract<Line, { readonly device: string }>): void {
      if (line.kind === 'subscribe') {
        leave(line.device, line.t);
        const at = new Map(Object.entries(line.held));
        following.set(line.device, { userId: line.userId, at, since: Number.POSITIVE_INFINITY });
      } else if (line.kind === 'delivery') tell(line);
      else if (line.kind === 'gone') leave(line.device, line.t);
      else if (line.kind === 'reset') following.get(line.device)?.at.clear();
      else if (line.kind === 'marker' && line.isCaughtUp) {
        const one = following.get(line.device);
        if (one !== undefined) one.since = Math.min(one.since, line.t);
      }
    },
    end(t: number): void {
      for (const device of [...following.keys()]) leave(device, t);
    },
  };
}
