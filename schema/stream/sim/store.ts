import { type ChannelId, type Seq, serverAuthorId, type UserId } from '../../ids.ts';
import type { Contacts } from '../../ports/contacts.ts';
import { openMemoryEventLog } from '../../ports/event-log.memory.ts';
import type { Appended, EventLog } from '../../ports/event-log.ts';
import { openMemoryMemberships } from '../../ports/memberships.memory.ts';
import type { FeedMoved, Membership, Memberships } from '../../ports/memberships.ts';
import type { Positions } from '../../ports/positions.ts';
import type { EventDraft, LogEvent } from '../event.ts';
import { joinedSeqOf } from '../intervals.ts';
import { type Deed, isUnsettled, positionsWithDeeds, rowsWithDeeds } from './deeds.ts';
import { readShown, type Shown } from './shown.ts';

/** The whole log of every channel. */
export type Logs = ReadonlyMap<ChannelId, readonly LogEvent[]>;

/** The truth: the memory references, all at once and without faults, with a way back to an earlier moment. */
export interface Store {
  /** How often it was restored. */
  readonly generation: number;
  readonly epoch: number;
  readonly log: EventLog;
  readonly memberships: Memberships;
  readonly positions: Positions;
  readonly contacts: Contacts;
  /** Virtual time of each commit, by `placeKey`, in this generation. */
  readonly committedAt: ReadonlyMap<string, number>;
  /** What each event said when it was recorded, deleted texts included, by `placeKey`, in this generation. */
  readonly saidAt: ReadonlyMap<string, string>;
  /** Virtual time of each move of a feed, by `feedKey`, in this generation. */
  readonly movedAt: ReadonlyMap<string, number>;
  /** The newest seq of every channel. */
  heads(): ReadonlyMap<ChannelId, Seq>;
  /** The channels that this user is a member of, as a query shows them. */
  channelsOf(userId: UserId): Promise<ReadonlySet<ChannelId>>;
  /** What a query shows this user of the channels and of contacts, and the version of their own things. */
  shownTo(userId: UserId): Promise<Shown>;
  /** Something of this user's own changes, as a changed profile does it. */
  touchViewer(userId: UserId): Promise<FeedMoved>;
  /** What this user has towards another one changes, as a request for contact does it. */
  touchContact(userId: UserId, otherId: UserId): Promise<FeedMoved>;
  logs(): Promise<Logs>;
  /** When somebody last tried to record a change of membership. */
  membersAppendedAt(): number;
  /** Goes back by some of what was done last, without a new epoch to a moment at which no change waited
   * for the log (else the log grows again at once, and nobody can tell). Answers the logs as they were before. */
  restore(options: { readonly deeds: number; readonly newEpoch: boolean }): Promise<Logs>;
}

export const feedKey = (userId: UserId, version: number) => `${userId}/${version}`;
export const placeKey = (channelId: ChannelId, seq: Seq) => `${channelId}/${seq}`;

export type People = { readonly userIds: readonly UserId[]; readonly channelIds: readonly ChannelId[] };

/** Nonces that an append of doubles was given: the events are two, though they have one nonce. */
const double = '#double';
export const nonceWithoutDouble = (nonce: string) => nonce.replaceAll(double, '');

/**
 * A conditional batch does not notice that it brings the same nonce twice (Cassandra's does not: both conditions are judged
 * before either is written), so neither does this store. The reference refuses such a round, hence the other name.
 */
function withDoubles(drafts: readonly EventDraft[]): readonly EventDraft[] {
  const seen = new Set<string>();
  return drafts.map((draft) => {
    let { nonce } = draft;
    while (seen.has(`${draft.authorId} ${nonce}`)) nonce += double;
    seen.add(`${draft.authorId} ${nonce}`);
    return { ...draft, nonce };
  });
}

export function openStore(people: People, now: () => number): Store {
  const deeds: Deed[] = [];
  let [generation, epoch] = [0, 1];
  let inner = openInner(people, epoch);
  let heads = new Map<ChannelId, Seq>();
  let [committedAt, movedAt] = [new Map<string, number>(), new Map<string, number>()];
  let saidAt = new Map<string, string>();
  let membersAppendedAt = now();

  async function append(channelId: ChannelId, drafts: readonly EventDraft[], at: number) {
    const appended = await inner.log.append(channelId, withDoubles(drafts), at);
    for (const [index, { event, deduplicated }] of appended.entries()) {
      if (deduplicated) continue;
      heads.set(channelId, Math.max(heads.get(channelId) ?? 0, event.seq));
      committedAt.set(placeKey(channelId, event.seq), now());
      saidAt.set(placeKey(channelId, event.seq), drafts[index]?.body ?? '');
    }
    return appended;
  }

  async function repeat(deed: Deed): Promise<unknown> {
    if (deed.type === 'append') return append(deed.channelId, deed.drafts, deed.now);
    if (deed.type === 'settle') return inner.memberships.settle(deed.channelId, deed.placed);
    if (deed.type === 'own') return inner.memberships.changeOwn(...deed.own);
    if (deed.type === 'touch') return inner.touchViewer(deed.userId);
    if (deed.type === 'share') return inner.positions.share(...deed.share);
    if (deed.type === 'positions') return repeatWrite(deed.write);
    if (deed.type === 'contact') return inner.touchContact(deed.userId, deed.otherId);
    return inner.memberships.change(deed.channelId, deed.who, () => deed.decision);
  }

  /** At the version at which it was written then, which is the same. */
  const repeatWrite = ([channelId, { version }, write]: Parameters<Positions['write']>) =>
    inner.positions.write(channelId, { epoch, version }, write);

  const note = ({ userId, version }: FeedMoved) => movedAt.set(feedKey(userId, version), now());

  const log: EventLog = {
    async append(channelId, drafts, at): Promise<readonly Appended[]> {
      if (drafts.some(({ authorId }) => authorId === serverAuthorId)) membersAppendedAt = now();
      const appended = await append(channelId, drafts, at);
      deeds.push({ type: 'append', channelId, drafts, now: at });
      return appended;
    },
    ...readsOf(() => inner.log),
  };

  const told = { did: (deed: Deed) => void deeds.push(deed), moved: note };
  const memberships = rowsWithDeeds(() => inner.memberships, told);
  const positions = positionsWithDeeds(() => inner.positions, told);

  return {
    get generation() {
      return generation;
    },
    get epoch() {
      return epoch;
    },
    get committedAt() {
      return committedAt;
    },
    get saidAt() {
      return saidAt;
    },
    get movedAt() {
      return movedAt;
    },
    log,
    memberships,
    positions,
    contacts: { movedIn: (...args) => inner.contacts.movedIn(...args) },
    heads: () => new Map(heads),
    async channelsOf(userId) {
      const rows = await inner.memberships.of(userId, people.channelIds);
      const isIn = (row: Membership) => joinedSeqOf(row) !== undefined;
      return new Set(rows.filter(isIn).map(({ channelId }) => channelId));
    },
    shownTo: (userId) => readShown(inner, people, userId),
    async touchViewer(userId) {
      deeds.push({ type: 'touch', userId });
      const moved = inner.touchViewer(userId);
      note(moved);
      return moved;
    },
    async touchContact(userId, otherId) {
      deeds.push({ type: 'contact', userId, otherId });
      const moved = inner.touchContact(userId, otherId);
      note(moved);
      return moved;
    },
    logs: () => logsIn(inner.log, people),
    membersAppendedAt: () => membersAppendedAt,
    async restore(options) {
      const before = await logsIn(inner.log, people);
      generation += 1;
      if (options.newEpoch) epoch += 1;
      const kept = deeds.slice(0, Math.max(0, deeds.length - options.deeds));
      while (!options.newEpoch && kept.length > 0 && isUnsettled(kept)) kept.pop();
      inner = openInner(people, epoch);
      [heads, committedAt, saidAt, movedAt] = [new Map(), new Map(), new Map(), new Map()];
      for (const deed of kept) await repeat(deed);
      deeds.splice(0, deeds.length, ...kept);
      return before;
    },
  };
}

function openInner({ userIds, channelIds }: People, epoch: number) {
  const rows = openMemoryMemberships({ epoch });
  for (const userId of userIds) rows.addUser(userId);
  for (const channelId of channelIds) rows.addGroup(channelId);
  return { ...rows, log: openMemoryEventLog({ epoch }) };
}

/** Reading the log of the moment, as a restore makes another one. */
const readsOf = (inner: () => EventLog): Omit<EventLog, 'append'> => ({
  read: (...args) => inner().read(...args),
  heads: (...args) => inner().heads(...args),
  messages: (...args) => inner().messages(...args),
  messagesAt: (...args) => inner().messagesAt(...args),
  findNonce: (...args) => inner().findNonce(...args),
  outlines: (...args) => inner().outlines(...args),
  close: async () => undefined,
});

async function logsIn(log: EventLog, { channelIds }: People): Promise<Logs> {
  const entries = channelIds.map(async (channelId) => [channelId, await readAll(log, channelId)] as const);
  return new Map(await Promise.all(entries));
}

async function readAll(log: EventLog, channelId: ChannelId): Promise<readonly LogEvent[]> {
  const all: LogEvent[] = [];
  for (;;) {
    const page = await log.read(channelId, all.length, 1_000);
    all.push(...page);
    if (page.length < 1_000) return all;
  }
}
