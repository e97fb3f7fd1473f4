import type { Line, LoggedMessage, SeenEvent, Wanted } from '../history.ts';
import { createMadeUpLog, type Entry, type MadeUpLog } from './made-up-log.ts';

export type MadeUpDevice = {
  readonly name: string;
  readonly userId: string;
  attempt: number;
  isOpen: boolean;
  readonly held: Map<string, number>;
  /** Where the server goes on, by channel. */
  readonly places: Map<string, number>;
  readonly fold: Map<string, LoggedMessage[]>;
  isRevoked: boolean;
};
type Draft<T> = T extends unknown ? Omit<T, 't'> : never;
export type Sending = { readonly nonce?: string; readonly text?: string };

export type MadeUpRun = ReturnType<typeof createMadeUpRun>;

/** Plays a run in which nothing goes wrong, and writes down what happens. Time goes on by itself, a little with each line. */
export function createMadeUpRun() {
  const lines: Line[] = [];
  const logs = new Map<string, MadeUpLog>();
  const devices = new Map<string, MadeUpDevice>();
  const muted = new Set<string>();
  let [t, ops] = [0, 0];

  function write(line: Draft<Line>): void {
    t += 10;
    lines.push({ ...line, t });
  }
  function logOf(channelId: string): MadeUpLog {
    const log = logs.get(channelId) ?? createMadeUpLog(channelId);
    logs.set(channelId, log);
    return log;
  }
  function deviceOf(name: string): MadeUpDevice {
    const [userId = ''] = name.split('/');
    const device = devices.get(name) ?? {
      ...{ name, userId, attempt: 0, isOpen: false, isRevoked: false },
      ...{ held: new Map(), places: new Map(), fold: new Map() },
    };
    devices.set(name, device);
    return device;
  }
  /** Something is asked for; what is returned answers it, or asks again. */
  function ask(name: string, what: Wanted) {
    ops += 1;
    const op = ops;
    let attempt = 0;
    const { userId } = deviceOf(name);
    const asked = {
      again() {
        attempt += 1;
        write({ kind: 'invoke', op, attempt, device: name, userId, what });
        return asked;
      },
      ok: (done: object = {}) => write({ kind: 'ok', op, device: name, ...done }),
      unknown: () => write({ kind: 'unknown', op, device: name, because: 'nobody answers' }),
      fail: (code: string) => write({ kind: 'fail', op, device: name, code }),
    };
    return asked.again();
  }
  const doneOf = ({ messageId: id, seq, number }: LoggedMessage) => ({ message: { id, seq, number } });
  function sayIn(name: string, channelId: string, { nonce, text }: Sending = {}) {
    const said = { nonce: nonce ?? `n${ops + 1}`, text: text ?? `text ${ops + 1}` };
    const asked = ask(name, { type: 'send', channelId, ...said });
    const commit = () => logOf(channelId).say({ userId: deviceOf(name).userId, ...said });
    return { ...asked, commit };
  }
  function move(name: string, what: Extract<Wanted, { readonly type: 'add' | 'remove' | 'leave' }>): void {
    const asked = ask(name, what);
    const userId = what.type === 'leave' ? deviceOf(name).userId : what.memberId;
    const type = ({ add: 'added', remove: 'removed', leave: 'left' } as const)[what.type];
    logOf(what.channelId).add({ type, userId });
    asked.ok();
  }

  function seenAs({ userId }: MadeUpDevice, log: MadeUpLog, entry: Entry): SeenEvent {
    if ('userId' in entry) return { type: entry.type, memberUserId: entry.userId };
    if (entry.type === 'message') {
      const { messageId, number, authorId } = entry.message;
      const text = log.messageAt(entry.seq)?.text ?? null;
      return { type: 'message', messageId, number, authorId: authorId ?? '', text };
    }
    if (entry.type === 'deleted') return { type: 'deleted', messageId: entry.messageId };
    const message = log.messages().find(({ messageId }) => messageId === entry.messageId);
    const isSeen = message !== undefined && log.sees(userId, message.seq);
    return { type: 'edited', messageId: entry.messageId, text: isSeen ? message.text : null };
  }
  function take({ userId, fold }: MadeUpDevice, { channelId, messageAt }: MadeUpLog, event: SeenEvent): void {
    if ('memberUserId' in event && event.type !== 'position' && event.memberUserId === userId)
      fold.delete(channelId);
    const shown = fold.get(channelId) ?? [];
    if (event.type === 'message') {
      const { messageId, number, authorId, text } = event;
      const seq = Number(messageId.slice(-11));
      fold.set(channelId, [...shown, { messageId, seq, number, authorId, text }]);
    }
    if (event.type !== 'edited' && event.type !== 'deleted') return;
    const text = messageAt(Number(event.messageId.slice(-11)))?.text ?? null;
    fold.set(
      channelId,
      shown.map((one) => (one.messageId === event.messageId ? { ...one, text } : one)),
    );
  }
  /** The next place that a device is to be told of; undefined when there is none. */
  function nextFor({ userId, places }: MadeUpDevice, log: MadeUpLog): number | undefined {
    const after = places.get(log.channelId) ?? 0;
    return log.entries.find(({ seq }) => seq > after && log.sees(userId, seq))?.seq;
  }
  function deliver(name: string, channelId: string, seq: number): void {
    const device = deviceOf(name);
    const log = logOf(channelId);
    const entry = log.entries[seq - 1];
    if (entry === undefined) return;
    const event = seenAs(device, log, entry);
    const { userId, attempt } = device;
    const cursor = `${channelId} ${seq}`;
    write({ kind: 'delivery', device: name, userId, attempt, channelId, seq, cursor, event });
    device.places.set(channelId, seq);
    device.held.set(channelId, seq);
    take(device, log, event);
  }
  function pull(name: string, channelId: string): boolean {
    const next = nextFor(deviceOf(name), logOf(channelId));
    if (next !== undefined) deliver(name, channelId, next);
    return next !== undefined;
  }

  return {
    lines,
    logs,
    devices,
    muted,
    write,
    logOf,
    deviceOf,
    ask,
    say: sayIn,
    move,
    deliver,
    pull,
    now: () => t,
    wait(ms: number) {
      t += ms;
    },
    channel(channelId: string, ...members: string[]) {
      for (const userId of members) logOf(channelId).add({ type: 'added', userId });
    },
    send(name: string, channelId: string, sending?: Sending): LoggedMessage {
      const said = sayIn(name, channelId, sending);
      const message = said.commit();
      said.ok(doneOf(message));
      return message;
    },
    edit(name: string, channelId: string, { messageId }: Pick<LoggedMessage, 'messageId'>): void {
      const text = `edit ${ops + 1}`;
      const asked = ask(name, { type: 'edit', channelId, messageId, text });
      asked.ok({ seq: logOf(channelId).add({ type: 'edited', messageId, text }).seq });
    },
    delete(name: string, channelId: string, { messageId }: Pick<LoggedMessage, 'messageId'>): void {
      const asked = ask(name, { type: 'delete', channelId, messageId });
      asked.ok({ seq: logOf(channelId).add({ type: 'deleted', messageId, text: null }).seq });
    },
    read(name: string, channelId: string, number: number): void {
      const asked = ask(name, { type: 'read', channelId, number });
      logOf(channelId).read(deviceOf(name).userId, number);
      asked.ok();
    },
    mute(name: string, channelId: string, isMuted = true): void {
      const asked = ask(name, { type: isMuted ? 'mute' : 'unmute', channelId });
      const seat = `${deviceOf(name).userId} ${channelId}`;
      if (isMuted) muted.add(seat);
      else muted.delete(seat);
      asked.ok();
    },
    position(name: string, channelId: string, memberUserId: string): void {
      const { userId, attempt } = deviceOf(name);
      const event = {
        type: 'position',
        memberUserId,
        readNumber: logOf(channelId).readOf(memberUserId),
      } as const;
      write({ kind: 'delivery', device: name, userId, attempt, channelId, seq: 0, cursor: '', event });
    },
    subscribe(name: string): void {
      const device = deviceOf(name);
      const { userId, held, places } = device;
      if (device.attempt === 0) for (const log of logs.values()) places.set(log.channelId, log.head());
      device.attempt += 1;
      device.isOpen = true;
      const { attempt } = device;
      write({ kind: 'subscribe', device: name, userId, attempt, held: Object.fromEntries(held) });
    },
    gone(name: string): void {
      const device = deviceOf(name);
      device.isOpen = false;
      write({ kind: 'gone', device: name, attempt: device.attempt, because: 'closed' });
    },
    catchUp(name: string): void {
      for (const channelId of logs.keys()) while (pull(name, channelId));
      write({ kind: 'marker', device: name, attempt: deviceOf(name).attempt, isCaughtUp: true });
    },
    /** A page of messages up to the nth one from the end, as far as this person sees them. */
    page(name: string, channelId: string, { behind = 0, count = 20 } = {}): void {
      const { userId } = deviceOf(name);
      const log = logOf(channelId);
      const seen = log.messages().filter(({ seq }) => log.sees(userId, seq));
      const messages = seen.slice(Math.max(0, seen.length - behind - count), seen.length - behind);
      write({ kind: 'page', device: name, userId, invokedAt: t, channelId, messages });
    },
    /** It is told that it missed too much, and reads anew. */
    reset(name: string, channelId: string, reason = 'TOO_FAR_BEHIND'): void {
      const device = deviceOf(name);
      write({ kind: 'reset', device: name, attempt: device.attempt, channelId, reason });
      device.held.delete(channelId);
      device.fold.delete(channelId);
      device.places.set(channelId, logOf(channelId).head());
    },
    revoke(name: string, ofDevice: string): void {
      const asked = ask(name, { type: 'revoke', ofDevice });
      deviceOf(ofDevice).isRevoked = true;
      asked.ok();
    },
  };
}
