import type { ChannelId, MemberId, UserId } from '../../ids.ts';
import type { Contacts } from '../../ports/contacts.ts';
import type { EventLog } from '../../ports/event-log.ts';
import type { Membership, Memberships, OwnState } from '../../ports/memberships.ts';
import type { OutlineEvent, Role } from '../event.ts';
import { foldAll } from '../positions/counters.ts';
import { readOutline } from '../positions/round.ts';
import type { People } from './store.ts';

/** How far somebody is; null where they do not share it. */
export type ShownPosition = { readonly read: number | null; readonly delivered: number | null };

/** What a query shows of a channel to one of its members. */
export type ShownChannel = {
  readonly name: string | null;
  /** Of those who are members. */
  readonly roles: ReadonlyMap<UserId, Role>;
  readonly userOf: ReadonlyMap<MemberId, UserId>;
  /** Of those members whose joining the log has. */
  readonly positions: ReadonlyMap<UserId, ShownPosition>;
  readonly own: OwnState;
};

/** What queries show to one person at one moment, besides messages. */
export type Shown = {
  readonly channels: ReadonlyMap<ChannelId, ShownChannel>;
  /** What they have towards each of the others, by the version at which it became that. */
  readonly contacts: ReadonlyMap<UserId, number>;
  /** The version of their own things: profile, devices. */
  readonly viewerVersion: number;
};

type Stores = { readonly memberships: Memberships; readonly contacts: Contacts; readonly log: EventLog };

/** Of the channels that this user is in by the rows, whether the log knows it or not. */
export async function readShown(
  { memberships, contacts, log }: Stores,
  { userIds, channelIds }: People,
  userId: UserId,
): Promise<Shown> {
  const rows = (await Promise.all(userIds.map((id) => memberships.of(id, channelIds)))).flat();
  const present = rows.filter(({ state }) => state === 'ACTIVE');
  const { heads } = await log.heads(channelIds);
  const tails = await Promise.all(
    present.map(({ channelId, progress: { appliedSeq } }) =>
      readOutline(log, channelId, { after: appliedSeq, upTo: heads.get(channelId)?.head ?? 0 }),
    ),
  );
  const positions = present.map((row, index) => [row, positionOf(row, tails[index] ?? [], userId)] as const);
  const shown = ({ channelId, channel, own }: Membership) => {
    const here = positions.filter(([row]) => row.channelId === channelId);
    const roles = new Map(here.map(([row]) => [row.userId, row.role]));
    const userOf = new Map(here.map(([row]) => [row.memberId, row.userId]));
    const known = here.flatMap(([row, position]) => (position ? [[row.userId, position] as const] : []));
    return [channelId, { name: channel.name, roles, userOf, positions: new Map(known), own }] as const;
  };
  const { viewerVersion } = await memberships.feedOf(userId, Number.MAX_SAFE_INTEGER);
  const moved = await contacts.movedIn(userId, { after: 0, upTo: Number.MAX_SAFE_INTEGER });
  return {
    channels: new Map(present.filter((row) => row.userId === userId).map(shown)),
    contacts: new Map(moved?.map(({ otherId, feedVersion }) => [otherId, feedVersion])),
    viewerVersion,
  };
}

function positionOf(
  { userId, progress }: Membership,
  tail: readonly OutlineEvent[],
  viewerId: UserId,
): ShownPosition | undefined {
  const { isPresent, readNumber, deliveredNumber } = foldAll(progress.counters, userId, tail);
  if (!isPresent) return undefined;
  const isSeen = progress.isShared || userId === viewerId;
  return { read: isSeen ? readNumber : null, delivered: isSeen ? deliveredNumber : null };
}
