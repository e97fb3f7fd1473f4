import type { ChannelId } from '../../ids.ts';
import type { Interval, Membership, Memberships } from '../../ports/memberships.ts';
import type { PositionsWrite } from '../../ports/positions.ts';
import { joinedSeqOf } from '../intervals.ts';
import { feedKey, type Store } from './store.ts';

/** The same store with other rows. */
const withRows = (store: Store, memberships: Memberships, others: Partial<Store> = {}): Store =>
  Object.assign(Object.create(store), { memberships, ...others });

type Place = { readonly seq: number; readonly number: number };

/** Rows whose places are filled in without anybody's feed moving. */
export function settlingSilently(store: Store): Store {
  const placeOf = new Map<string, Place>();
  const at = (channelId: ChannelId, version: number | null) =>
    placeOf.get(`${store.generation}/${channelId}/${version}`);
  const filled =
    (channelId: ChannelId) =>
    (interval: Interval): Interval => {
      const [joined, left] = [at(channelId, interval.joinedVersion), at(channelId, interval.leftVersion)];
      return {
        ...interval,
        ...(joined && { joinedSeq: joined.seq, joinedNumber: joined.number }),
        ...(left && { leftSeq: left.seq, leftNumber: left.number }),
      };
    };
  const rowOf = (row: Membership): Membership => ({
    ...row,
    intervals: row.intervals.map(filled(row.channelId)),
  });
  const inner = store.memberships;
  const isPending = async (channelId: ChannelId) =>
    (await memberships.pending(channelId, Number.MAX_SAFE_INTEGER)).length > 0;
  const memberships: Memberships = {
    ...inner,
    async pending(channelId, upTo) {
      const rows = await inner.pending(channelId, upTo);
      return rows.filter(({ version }) => at(channelId, version) === undefined);
    },
    async unsettled(olderThan, limit) {
      const channelIds = await inner.unsettled(olderThan, limit);
      const isLate = await Promise.all(channelIds.map(isPending));
      return channelIds.filter((_, index) => isLate[index]);
    },
    async settle(channelId, placed) {
      for (const { version, seq, number } of placed)
        placeOf.set(`${store.generation}/${channelId}/${version}`, { seq, number });
      return [];
    },
    async feedOf(userId, after) {
      const page = await inner.feedOf(userId, after);
      return { ...page, memberships: page.memberships.map(rowOf) };
    },
    of: async (userId, channelIds) => (await inner.of(userId, channelIds)).map(rowOf),
  };
  return withRows(store, memberships, {
    async channelsOf(userId: Membership['userId']) {
      const rows = await memberships.of(userId, [...store.heads().keys()]);
      return new Set(rows.filter((row) => joinedSeqOf(row)).map(({ channelId }) => channelId));
    },
  });
}

/** Rows that forget to queue a change of the channel itself. */
export function losingUpdates(store: Store): Store {
  const inner = store.memberships;
  const queued = async (...args: Parameters<Memberships['pending']>) =>
    (await inner.pending(...args)).filter(({ kind }) => kind !== 'CHANNEL_UPDATED');
  return withRows(store, {
    ...inner,
    pending: queued,
    async unsettled(olderThan, limit) {
      const channelIds = await inner.unsettled(olderThan, limit);
      const left = await Promise.all(channelIds.map((id) => queued(id, Number.MAX_SAFE_INTEGER)));
      return channelIds.filter((_, index) => left[index]?.length);
    },
  });
}

/** Rows that do not say in the feed that somebody set something for themselves. */
export function hidingOwn(store: Store): Store {
  const inner = store.memberships;
  const hidden = new Set<string>();
  return withRows(store, {
    ...inner,
    async changeOwn(...args) {
      const moved = await inner.changeOwn(...args);
      if (moved !== undefined) hidden.add(feedKey(moved.userId, moved.version));
      return moved;
    },
    async feedOf(userId, after) {
      const page = await inner.feedOf(userId, after);
      const isTold = ({ feedVersion }: Membership) =>
        after === 0 || !hidden.has(feedKey(userId, feedVersion));
      return { ...page, memberships: page.memberships.filter(isTold) };
    },
  });
}

/** Positions that do not say to others that somebody moved. */
export function hidingMarks(store: Store): Store {
  const inner = store.positions;
  const hidden = (change: PositionsWrite['changed'][number]) => ({ ...change, isTold: false });
  return withRows(store, store.memberships, {
    positions: {
      ...inner,
      write: (channelId, at, write) =>
        inner.write(channelId, at, { ...write, changed: write.changed.map(hidden) }),
    },
  });
}

/** Positions that are written over those that somebody else has written meanwhile. */
export function overwritingMarks(store: Store): Store {
  const inner = store.positions;
  return withRows(store, store.memberships, {
    positions: {
      ...inner,
      async write(channelId, { epoch }, write) {
        const now = (await inner.of([channelId])).get(channelId);
        return inner.write(channelId, { epoch, version: now?.version ?? 0 }, write);
      },
    },
  });
}

/** Rows whose feeds move with contacts, and do not say that it is contacts. */
export function hidingContacts(store: Store): Store {
  const inner = store.memberships;
  return withRows(store, {
    ...inner,
    feedOf: async (...args) => ({ ...(await inner.feedOf(...args)), contactsVersion: 0 }),
  });
}
