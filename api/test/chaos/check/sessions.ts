import type { Delivered } from '../history.ts';
import type { Asked } from './asked.ts';
import { isDone } from './asked.ts';
import type { Book } from './book.ts';
import { isOfDevices, touching } from './faults.ts';
import { inside } from './ordered.ts';
import type { Note } from './verdict.ts';

/** After the answer to a revocation, in milliseconds: all is well; Redis is broken; something else is, a server that was stopped for 40 s. */
const cutWithin = { usually: 5_000, withoutRedis: 30_000, withFaults: 90_000 } as const;
/** How far the time at which a line was written may be behind what it tells. */
const tellingMs = 1_000;

/** A device whose session has ended: nothing may be told to it that is newer than `deadline`. */
type Revoked = { readonly deadline: number; readonly isCalm: boolean };
type State = { revoked: Revoked | undefined; subscribedT: number; signIn: Asked | undefined };

/**
 * `authorisation`: a device is told something too late after its session was revoked. What was said before may have been sent in time to a
 * device that reads slowly. So it counts for certain when the subscription began too late, or the event was asked for too late; and what
 * only came too late, when the device is known to read at once and nothing was broken.
 */
export function checkSessions(book: Book, note: Note): void {
  const states = new Map<string, State>();
  const stateOf = (device: string) =>
    inside(states, device, () => ({ revoked: undefined, subscribedT: 0, signIn: undefined }));
  const deadlineOf = deadlinesOf(book);
  book.lines.forEach((line, at) => {
    if (line.kind === 'subscribe') stateOf(line.device).subscribedT = line.t;
    if (line.kind === 'delivery') {
      const what = tooLate(book, line, stateOf(line.device));
      if (what !== undefined)
        note('authorisation', `${line.channelId} ${line.seq} to ${line.device}: ${what}`, line.t);
    }
    if (line.kind !== 'invoke' && line.kind !== 'ok') return;
    const asked = book.asked.get(line.op);
    if (asked?.what.type === 'signIn') {
      Object.assign(stateOf(asked.device), { revoked: undefined, signIn: asked });
    } else if (asked?.what.type === 'revoke' && line.kind === 'ok' && asked.doneLine === at) {
      const state = stateOf(asked.what.ofDevice);
      if (!isAfter(state.signIn, asked)) state.revoked = deadlineOf(asked);
    }
  });
}

/** It may be of the new session what is revoked, or of the old one: who signs in meanwhile has a session for all that is known. */
const isAfter = (signIn: Asked | undefined, { invokedLine }: Asked): boolean =>
  signIn !== undefined && (!isDone(signIn) || signIn.doneLine > invokedLine);

function deadlinesOf({ faults, devices }: Book): (revocation: Asked) => Revoked {
  const ofInstallation = faults.filter((fault) => !isOfDevices(fault, devices));
  const isRedis = ({ on, name }: { on: string; name: string }) => /redis/i.test(`${on} ${name}`);
  const redis = touching(ofInstallation.filter(isRedis));
  const others = touching(ofInstallation.filter((fault) => !isRedis(fault)));
  return ({ doneT }) => {
    // What was broken shortly before has not been made up for, perhaps.
    const around = { from: doneT - cutWithin.withoutRedis, to: doneT + cutWithin.usually };
    if (others(around)) return { deadline: doneT + cutWithin.withFaults, isCalm: false };
    if (redis(around)) return { deadline: doneT + cutWithin.withoutRedis + tellingMs, isCalm: false };
    return { deadline: doneT + cutWithin.usually + tellingMs, isCalm: true };
  };
}

function tooLate(book: Book, line: Delivered, { revoked, subscribedT }: State): string | undefined {
  if (revoked === undefined || line.t <= revoked.deadline) return undefined;
  if (subscribedT > revoked.deadline) return 'it subscribed long after its session was revoked';
  const when = book.channels.get(line.channelId)?.when;
  const asked = when?.invokedLineOf(line.seq);
  const askedT = asked === undefined ? undefined : book.lines[asked]?.t;
  if (askedT !== undefined && askedT > revoked.deadline) return 'said long after its session was revoked';
  const { slowReaders } = book.options;
  const isPrompt = slowReaders !== undefined && !slowReaders.has(line.device);
  const isBroken = book.faults.some(({ from, to }) => from <= line.t && to >= revoked.deadline);
  return isPrompt && revoked.isCalm && !isBroken ? 'it came long after its session was revoked' : undefined;
}
