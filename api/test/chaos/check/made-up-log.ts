import type { Found, LoggedMessage } from '../history.ts';

/** An event of a made-up channel. */
export type Entry = { readonly seq: number } & (
  | { readonly type: 'message'; readonly message: LoggedMessage; readonly nonce: string }
  | { readonly type: 'edited' | 'deleted'; readonly messageId: string; readonly text: string | null }
  | { readonly type: 'added' | 'removed' | 'left'; readonly userId: string }
);
type Draft<T> = T extends unknown ? Omit<T, 'seq'> : never;

export type MadeUpLog = {
  readonly channelId: string;
  readonly entries: readonly Entry[];
  head(): number;
  add(draft: Draft<Exclude<Entry, { readonly type: 'message' }>>): Entry;
  /** The message of this nonce, which is there already or is said now. */
  say(said: { readonly userId: string; readonly nonce: string; readonly text: string }): LoggedMessage;
  /** As it is now. */
  messageAt(seq: number): LoggedMessage | undefined;
  messages(): readonly LoggedMessage[];
  stays(userId: string): readonly { readonly joined: number; readonly left: number }[];
  isIn(userId: string): boolean;
  members(): readonly string[];
  sees(userId: string, seq: number): boolean;
  readOf(userId: string): number;
  read(userId: string, number: number): void;
  found(source: 'history' | 'store'): Omit<Found, 't'>;
};

const never = Number.POSITIVE_INFINITY;

/** A channel as a server would have it that makes no mistakes. */
export function createMadeUpLog(channelId: string): MadeUpLog {
  const entries: Entry[] = [];
  const messages: LoggedMessage[] = [];
  const nonces = new Map<string, LoggedMessage>();
  const stays = new Map<string, { joined: number; left: number }[]>();
  const read = new Map<string, number>();
  const head = () => entries.length;
  const staysOf = (userId: string) => stays.get(userId) ?? [];
  const isIn = (userId: string) => staysOf(userId).at(-1)?.left === never;
  const at = (messageId: string) => messages.findIndex((message) => message.messageId === messageId);

  function move(userId: string, type: string): void {
    const all = staysOf(userId);
    stays.set(userId, all);
    const last = all.at(-1);
    if (type === 'added') {
      all.push({ joined: head(), left: never });
      read.set(userId, messages.length);
    } else if (last !== undefined) last.left = head();
  }
  return {
    channelId,
    entries,
    head,
    add(draft) {
      const entry: Entry = { ...draft, seq: head() + 1 };
      entries.push(entry);
      if ('userId' in entry) move(entry.userId, entry.type);
      else {
        const changed = messages[at(entry.messageId)];
        if (changed !== undefined && changed.text !== null)
          messages[at(entry.messageId)] = { ...changed, text: entry.text };
      }
      return entry;
    },
    say({ userId, nonce, text }) {
      const known = nonces.get(`${userId} ${nonce}`);
      if (known !== undefined) return known;
      const seq = head() + 1;
      const messageId = `${channelId}.${String(seq).padStart(11, '0')}`;
      const message = { messageId, seq, number: messages.length + 1, authorId: userId, text };
      entries.push({ seq, type: 'message', message, nonce });
      messages.push(message);
      nonces.set(`${userId} ${nonce}`, message);
      if (read.get(userId) === message.number - 1) read.set(userId, message.number);
      return message;
    },
    messageAt: (seq) => messages.find((message) => message.seq === seq),
    messages: () => messages,
    stays: staysOf,
    isIn,
    members: () => [...stays.keys()].filter(isIn),
    sees: (userId, seq) => staysOf(userId).some(({ joined, left }) => joined <= seq && seq <= left),
    readOf: (userId) => read.get(userId) ?? 0,
    read(userId, number) {
      let reached = Math.max(read.get(userId) ?? 0, number);
      while (messages[reached]?.authorId === userId) reached += 1;
      read.set(userId, reached);
    },
    found(source) {
      const nonceOf = new Map(entries.flatMap((e) => (e.type === 'message' ? [[e.seq, e.nonce]] : [])));
      const shared = { kind: 'found', source, channelId } as const;
      if (source === 'history') return { ...shared, messages: [...messages] };
      return {
        ...shared,
        messages: messages.map((message) => ({ ...message, nonce: nonceOf.get(message.seq) ?? '' })),
        memberships: entries.flatMap((entry) =>
          'userId' in entry
            ? [{ seq: entry.seq, userId: entry.userId, change: entry.type === 'added' ? 'joined' : 'gone' }]
            : [],
        ),
        headSeq: head(),
        eventCount: head(),
        epoch: 1,
      };
    },
  };
}
