import { duenessOf, stoppedBy } from './dueness.ts';
import type { Device, History, Message, Person, Push } from './history.ts';
import { isCertainly, mostIn, type Span } from './timeline.ts';

/** What is printed. All but `due`, `sent`, `undecided` and the delay are to be 0. */
export type Report = {
  /** Pairs of a message and a device that was certainly to be told of it. */
  readonly due: number;
  /** Notes of messages that reached a push service. */
  readonly sent: number;
  /** Due, and no note told of it or of a newer message of the channel in time. */
  readonly missed: number;
  /** Told of a message of which the device was certainly not to be told at that time. */
  readonly unwanted: number;
  /** A second notification visible for a message on one device. */
  readonly doubled: number;
  /** Told to whom it was not to be shown, or more of it than they want. */
  readonly leaked: number;
  /** Still shown at the end although it was read long before. */
  readonly uncleared: number;
  /** Pairs of which nobody outside can say whether they were due: something changed at the same time. */
  readonly undecided: number;
  /** From the acknowledgement of a due message to the first note that tells of it; null without any. */
  readonly p50DelayMs: number | null;
  readonly p99DelayMs: number | null;
};

/** How far apart what was decided and what reaches a push service may be: a send that does not get through takes 10 s at most. */
const onItsWayMs = 12_000;

export type Bounds = {
  /** A due message is told within this, whatever dies meanwhile: workers, their jobs, or the database for a while. */
  readonly withinMs: number;
};

export type Finding = {
  readonly kind: 'missed' | 'unwanted' | 'doubled' | 'leaked' | 'uncleared';
  readonly what: string;
};

type Placed = { readonly person: Person; readonly device: Device };

/** Pure: the same history gives the same report. `onFinding` is told of everything that is not as it should be. */
export function judge(
  history: History,
  { withinMs }: Bounds,
  onFinding: (finding: Finding) => void = () => undefined,
): Report {
  const devices = new Map(
    history.people.flatMap((person) =>
      person.devices.map((device): [string, Placed] => [device.address, { person, device }]),
    ),
  );
  const bySeq = new Map(history.messages.map((message) => [`${message.channelId} ${message.seq}`, message]));
  const found = { missed: 0, unwanted: 0, doubled: 0, leaked: 0, uncleared: 0 };
  const note = (finding: Finding | undefined) => {
    if (finding === undefined) return;
    found[finding.kind] += 1;
    onFinding(finding);
  };
  const told = history.pushes.flatMap((push) => {
    const to = devices.get(push.address);
    return to === undefined ? [] : [{ push, ...to }];
  });
  for (const one of told) note(wrongWith(history, one, bySeq));
  for (const finding of doubledIn(told)) note(finding);
  for (const finding of unclearedIn(history, told)) note(finding);
  const { due, undecided, delays, missed } = dueIn(history, withinMs, told);
  for (const finding of missed) note(finding);
  delays.sort((a, b) => a - b);
  const percentile = (share: number) =>
    delays[Math.min(delays.length - 1, Math.floor(delays.length * share))];
  return {
    due,
    sent: told.filter(({ push }) => push.note.kind === 'message').length,
    ...found,
    undecided,
    p50DelayMs: percentile(0.5) ?? null,
    p99DelayMs: percentile(0.99) ?? null,
  };
}

type Told = Placed & { readonly push: Push };

/** Whether one note should not have been sent, or not so. */
function wrongWith(
  history: History,
  { push, person, device }: Told,
  bySeq: ReadonlyMap<string, Message>,
): Finding | undefined {
  const { note, at } = push;
  if (note.kind === 'clear') return undefined;
  const span = { from: at - onItsWayMs, to: at };
  const message = bySeq.get(`${note.channelId} ${note.seq}`);
  const where = `${note.channelId} ${note.seq} on ${device.deviceId} at ${new Date(at).toISOString()}`;
  if (message === undefined) return { kind: 'unwanted', what: `no message ${where}` };
  const leak = leakIn({ push, person, device }, message, span);
  if (leak !== undefined) return { kind: 'leaked', what: `${leak}: ${where}` };
  const asked = { history, message, person, device, span };
  return duenessOf(asked) === 'never'
    ? { kind: 'unwanted', what: `${stoppedBy(asked) ?? 'several'}: ${where}` }
    : undefined;
}

function leakIn({ push, person, device }: Told, message: Message, span: Span): string | undefined {
  const { note } = push;
  if (note.kind === 'clear') return undefined;
  const seat = person.seats.get(note.channelId);
  if (seat === undefined || isCertainly(seat.isMember, span, false)) return 'no member';
  if (isCertainly(device.isRegistered, span, false)) return 'signed out';
  if (note.text !== undefined && !message.text.startsWith(note.text.replace(/…$/u, '')))
    return 'another text';
  if (note.text !== undefined && isCertainly(message.isDeleted, span, true)) return 'a deleted text';
  if (note.text !== undefined && isCertainly(person.preview, span, 'SENDER', 'NOTHING')) return 'a text';
  return note.names.length > 0 && isCertainly(person.preview, span, 'NOTHING') ? 'a name' : undefined;
}

/** Notes of one channel take one slot on a device: what is in another one stays visible beside them. */
function* doubledIn(told: readonly Told[]): Generator<Finding> {
  const slots = new Map<string, string | null>();
  for (const { push, device } of told) {
    const place = `${push.note.channelId} on ${device.deviceId}`;
    const slot = slots.get(place);
    if (push.slot === null || (slot !== undefined && slot !== push.slot))
      yield { kind: 'doubled', what: `${push.slot} beside ${slot}: ${place}` };
    slots.set(place, push.slot);
  }
}

/** What a device shows of a channel in the end, though all of it was read by the time that is left for saying so. */
function* unclearedIn(history: History, told: readonly Told[]): Generator<Finding> {
  const shown = new Map<string, Told>();
  for (const one of told) {
    const place = `${one.push.note.channelId} on ${one.device.deviceId}`;
    if (one.push.note.kind === 'message') shown.set(place, one);
    else shown.delete(place);
  }
  for (const [place, { push, person, device }] of shown) {
    const { note, at } = push;
    const seat = person.seats.get(note.channelId);
    if (note.kind !== 'message' || note.number === undefined || seat === undefined) continue;
    const long = { from: Math.max(at, history.endedAt - 120_000), to: history.endedAt };
    const isRead = seat.read.changes.some(({ value, to }) => value >= (note.number ?? 0) && to <= long.from);
    if (isRead && isCertainly(device.isRegistered, { from: at, to: history.endedAt }, true))
      yield { kind: 'uncleared', what: `${note.number} of ${place}, read up to ${mostIn(seat.read, long)}` };
  }
}

/** Which messages were due where, when each was told, and which never were. */
function dueIn(history: History, withinMs: number, told: readonly Told[]) {
  const notes = new Map<string, Push[]>();
  for (const { push } of told) {
    if (push.note.kind !== 'message') continue;
    const place = `${push.note.channelId} ${push.address}`;
    notes.set(place, [...(notes.get(place) ?? []), push]);
  }
  const delays: number[] = [];
  const missed: Finding[] = [];
  const counts = { due: 0, undecided: 0 };
  for (const message of history.messages)
    for (const person of history.people) {
      if (!person.seats.has(message.channelId) || message.authorId === person.userId) continue;
      for (const device of person.devices) {
        const first = firstOf(notes.get(`${message.channelId} ${device.address}`), message);
        // Once it is told, what comes later cannot make it missed.
        const until = Math.min(message.ackedAt + withinMs, history.endedAt);
        const span = { from: message.sentAt, to: Math.max(message.ackedAt, Math.min(until, first ?? until)) };
        const dueness = duenessOf({ history, message, person, device, span });
        if (dueness === 'unclear') counts.undecided += 1;
        if (dueness !== 'always') continue;
        counts.due += 1;
        if (first !== undefined && first <= message.ackedAt + withinMs)
          delays.push(Math.max(0, first - message.ackedAt));
        else if (history.endedAt - message.ackedAt >= withinMs)
          missed.push({
            kind: 'missed',
            what: `${message.channelId} ${message.number} on ${device.deviceId} (${device.service})`,
          });
      }
    }
  return { ...counts, delays, missed };
}

/** Pairs that are due and have not been told yet, in time or not. */
export const untoldIn = (history: History): number =>
  judge({ ...history, endedAt: Number.MAX_SAFE_INTEGER }, { withinMs: Number.MAX_SAFE_INTEGER / 4 }).missed;

/** When a note first told of this message, or of a newer one of its channel. */
const firstOf = (pushes: readonly Push[] | undefined, message: Message): number | undefined =>
  pushes?.find(({ at, note }) => note.kind === 'message' && note.seq >= message.seq && at >= message.sentAt)
    ?.at;

export const isClean = ({ missed, unwanted, doubled, leaked, uncleared }: Report): boolean =>
  missed + unwanted + doubled + leaked + uncleared === 0;
