import type { Line, Pushed } from '../history.ts';
import type { Book } from './book.ts';
import type { Span } from './faults.ts';
import { type Channel, staysIn } from './logs.ts';
import { usualPushWithinMs } from './options.ts';
import { firstFrom, inside } from './ordered.ts';
import { seatKey, type Wishes } from './pushes.ts';
import { openStay } from './stays.ts';
import { isPossibly } from './switches.ts';
import type { Note } from './verdict.ts';

/** After it was signed out or in, a push may still come that was meant for before: it shows no registration. In milliseconds. */
const settlingMs = 120_000;
/** A socket that nobody ended counts as somebody who is there until it is missed: 35 s; on a server that was stopped, later. */
const missedMs = 90_000;

/** A device that certainly had its place at a push service, from the first push that it was seen to get until it signs out or in. */
type Registered = Span & { readonly device: string; readonly userId: string };

/**
 * `pushMissed`: a message that its reader, for certain, was to be told of on a device, and neither it nor a newer one of that channel was
 * pushed there in time. Certain is that when they did nothing about the channel that could have stopped it, and either no device of theirs was
 * connected, or none ever says what it has.
 */
export function checkDues(book: Book, wishes: Wishes, note: Note): void {
  const registered = registeredIn(book.lines);
  if (registered.length === 0) return;
  const pushes = new Map<string, Pushed[]>();
  for (const line of book.lines)
    if (line.kind === 'push' && line.note.type === 'message')
      inside(pushes, `${line.device} ${line.note.channelId}`, () => []).push(line);
  const away = book.options.neverConfirms ? undefined : awayIn(book);
  for (const channel of book.channels.values())
    for (const one of registered) {
      const told = pushes.get(`${one.device} ${channel.channelId}`) ?? [];
      const spans = away === undefined ? [one] : overlaps(one, away.get(one.userId) ?? []);
      for (const span of spans) checkDevice({ book, wishes, note, channel, told }, { ...one, ...span });
    }
}

type Here = {
  readonly book: Book;
  readonly wishes: Wishes;
  readonly note: Note;
  readonly channel: Channel;
  readonly told: readonly Pushed[];
};

function checkDevice(here: Here, one: Registered): void {
  const { book, wishes, channel, told, note } = here;
  const { pushWithinMs = usualPushWithinMs } = book.options;
  const open = openStay(staysIn(channel, one.userId));
  if (open === undefined || channel.members === undefined) return;
  const reads = readTimes(wishes, seatKey(one.userId, channel.channelId));
  const { all } = channel.when;
  for (let at = firstFrom(all, open.joined, ({ seq }) => seq); at < all.length; at += 1) {
    const dated = all[at];
    const message = dated && channel.bySeq.get(dated.seq);
    const from = dated && book.lines[dated.invokedLine]?.t;
    if (dated === undefined || message === undefined || from === undefined) continue;
    if (message.authorId === one.userId) continue;
    const span = { from, to: dated.doneT + pushWithinMs };
    if (from < one.from || span.to > Math.min(one.to, book.endT)) continue;
    const readT = reads[firstFrom(reads, message.number, ({ number }) => number)]?.t;
    if (readT !== undefined && readT <= span.to) continue;
    if (!isWanted(here, { userId: one.userId, span }, message)) continue;
    if (isTold(told, message.seq, span)) continue;
    note('pushMissed', `${channel.channelId} ${message.seq} was never told to ${one.device}`, from);
  }
}

/** When everything up to a number may have been read first, ascending. */
function readTimes({ reads }: Wishes, seat: string): { readonly number: number; readonly t: number }[] {
  const times: { number: number; t: number }[] = [];
  for (const { what, invokedT } of reads(seat))
    if (what.type === 'read' && what.number > (times.at(-1)?.number ?? 0))
      times.push({ number: what.number, t: invokedT });
  return times;
}

function isWanted(
  { book, wishes, channel }: Here,
  { userId, span }: { readonly userId: string; readonly span: Span },
  { messageId, authorId }: { readonly messageId: string; readonly authorId: string | null },
): boolean {
  if (book.texts.deletionsOf(messageId).length > 0) return false;
  if (isPossibly(wishes.muted(seatKey(userId, channel.channelId)), span)) return false;
  return !isPossibly(wishes.blocked(`${userId} ${authorId}`), span);
}

function isTold(told: readonly Pushed[], seq: number, { from, to }: Span): boolean {
  for (let at = firstFrom(told, from, ({ t }) => t); at < told.length; at += 1) {
    const push = told[at];
    if (push === undefined || push.t > to) return false;
    if (push.note.type === 'message' && push.note.seq >= seq) return true;
  }
  return false;
}

function registeredIn(lines: readonly Line[]): Registered[] {
  const spans: Registered[] = [];
  const since = new Map<string, Registered>();
  const changed = new Map<string, number>();
  const signedIn = new Set<string>();
  const end = (device: string, t: number) => {
    const one = since.get(device);
    if (one !== undefined) spans.push({ ...one, to: t });
    since.delete(device);
    changed.set(device, t);
  };
  for (const line of lines) {
    if (line.kind === 'push') {
      const { device, userId, t } = line;
      if (since.has(device) || t < (changed.get(device) ?? Number.NEGATIVE_INFINITY) + settlingMs) continue;
      since.set(device, { device, userId, from: t, to: Number.POSITIVE_INFINITY });
    } else if (line.kind === 'invoke' && line.what.type === 'revoke') end(line.what.ofDevice, line.t);
    else if (line.kind === 'invoke' && line.what.type === 'signIn') {
      // Before the first time there was no registration that could still be told anything.
      if (signedIn.has(line.device)) end(line.device, line.t);
      signedIn.add(line.device);
    }
  }
  return [...spans, ...since.values()];
}

/** By person: when certainly none of their devices was connected. Nobody is who was never said to be gone. */
function awayIn({ lines, devices: owners, endT }: Book): ReadonlyMap<string, readonly Span[]> {
  const connected = new Map<string, Set<string>>();
  const since = new Map<string, number>();
  const spans = new Map<string, Span[]>();
  const come = (userId: string, t: number) => {
    const from = since.get(userId);
    if (from !== undefined && from + missedMs < t)
      inside(spans, userId, () => []).push({ from: from + missedMs, to: t });
    since.delete(userId);
  };
  for (const line of lines) {
    if (line.kind === 'subscribe' || line.kind === 'invoke') {
      come(line.userId, line.t); // whoever asks for something has a socket for it, perhaps
      if (line.kind === 'subscribe') inside(connected, line.userId, () => new Set<string>()).add(line.device);
    }
    if (line.kind !== 'gone') continue;
    const userId = owners.get(line.device) ?? '';
    const devices = inside(connected, userId, () => new Set<string>());
    devices.delete(line.device);
    if (devices.size === 0) since.set(userId, line.t);
  }
  for (const userId of [...since.keys()]) come(userId, endT);
  return spans;
}

const overlaps = (one: Span, others: readonly Span[]): Span[] =>
  others
    .map(({ from, to }) => ({ from: Math.max(one.from, from), to: Math.min(one.to, to) }))
    .filter(({ from, to }) => from < to);
