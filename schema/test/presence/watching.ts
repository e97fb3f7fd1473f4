import type { UserId } from '../../ids.ts';
import { graceMs } from '../../ports/leases.ts';
import type { Profile } from '../../presence/person-rows.ts';
import { followPeople } from '../../presence/watch-presence.ts';
import type { PresenceDelivery } from '../../presence/watched-people.ts';
import { createEnd } from '../../stream/pulled-reader.ts';
import { type Between, type Model, type Process, userIds } from './model.ts';
import type { Play } from './play.ts';
import { killedMs, renewMs, soonMs } from './truth.ts';

/** Everybody is told again after at least so long, some of which it may take to find out what. */
const renewedMs = 0.75 * renewMs - soonMs;

type Told = PresenceDelivery & { readonly arrivedAt: number };

/** Somebody who looks at all of them by the real subscription, and keeps what a client would. */
export type Watcher = {
  readonly viewerId: UserId;
  readonly told: ReadonlyMap<UserId, Told>;
  /** What must never be. */
  readonly problems: string[];
  stop(): Promise<unknown>;
};

export async function watch(model: Model, process: Process, viewerId: UserId): Promise<Watcher> {
  const { clock, store } = model;
  const end = createEnd(new AbortController().signal);
  const following = { viewerId, userIds, readRows: store.readRowsOf(viewerId) };
  const reader = await followPeople({ presence: process.presence, clock }, following, end);
  const told = new Map<UserId, Told>();
  const problems: string[] = [];
  const lastAt = new Map<UserId, number>();
  let renewedAt = 0;

  function take(delivery: PresenceDelivery): void {
    const { user, presence } = delivery;
    const before = told.get(user.id);
    const [at, last] = [presence?.at, lastAt.get(user.id) ?? 0];
    if (at !== undefined && at <= last) problems.push(`${user.id} was told for ${at} after ${last}`);
    if (at !== undefined) lastAt.set(user.id, at);
    if (presence && presence.validUntil !== presence.at + 90_000) problems.push('A validity of its own.');
    if (before !== undefined && words(before) === words(delivery)) {
      const agoMs = clock.now() - renewedAt;
      if (agoMs > 0 && agoMs < renewedMs) problems.push(`${user.id} was told twice: ${words(delivery)}`);
      renewedAt = clock.now();
    }
    if (presence === null && (before?.presence ?? null) === null)
      problems.push(`${user.id} was told of without ever having been seen`);
    told.set(user.id, { ...delivery, arrivedAt: clock.now() });
  }
  const taking = (async () => {
    for await (const delivery of reader) take(delivery);
  })();
  return {
    viewerId,
    told,
    problems,
    async stop() {
      await reader.return?.();
      await taking;
    },
  };
}

/** Without the time. */
const words = ({ user: { displayName }, presence }: PresenceDelivery) =>
  JSON.stringify([displayName, presence?.state, presence?.lastSeenAt]);

/** What they see against what is so. Undefined when all is well. */
export const problemOf = (model: Model, play: Play, { viewerId, told, problems }: Watcher) =>
  problems[0] ??
  userIds
    .map((userId) => problemOfOne(model, play, { viewerId, userId, told: told.get(userId) }))
    .find(Boolean);

type Seen = { readonly viewerId: UserId; readonly userId: UserId; readonly told: Told | undefined };

function problemOfOne(
  { clock, store, faults }: Model,
  play: Play,
  { viewerId, userId, told }: Seen,
): string | undefined {
  const now = clock.now();
  const truth = play.truthOf(viewerId, userId);
  const rights = rightsOf(store.profileOf(userId), store.betweenOf(viewerId, userId));
  const shown = told?.presence ?? null;
  const said = `${viewerId} sees ${userId} as ${shown?.state}, ${truth.state} for ${now - truth.since} ms`;
  const seenMs = shown?.lastSeenAt ? shown.lastSeenAt - truth.seenAt : 0;
  if (seenMs > killedMs) return `${said}: last seen ${seenMs} ms after anybody could`;
  const toleranceMs = faults.lostHints > 0 ? renewMs + soonMs : 0;
  if (store.state.isDown || now <= truth.writtenAt + toleranceMs) return undefined;
  if (!rights.maySee) return shown === null ? undefined : `${said}, and may not`;
  if (told?.user.displayName !== store.profileOf(userId).displayName) return `${said}, by an old name`;
  if (shown === null || shown.validUntil < now) return `${said}, which has run out`;
  if (rights.isHidden) return shown.state === 'OFFLINE' ? undefined : `${said}, who is hidden`;
  if (shown.state === 'OFFLINE' && !truth.isDoubted) {
    if (truth.state !== 'OFFLINE' && now - truth.since > soonMs + toleranceMs)
      return `${said}, not shown as there`;
    // Who has just gone may be back.
    const isNews = told !== undefined && told.arrivedAt > truth.since && truth.wasThere;
    if (truth.state === 'OFFLINE' && isNews && now - truth.since < graceMs - soonMs)
      return `${said}, too early`;
  }
  if (now <= truth.settledAt + toleranceMs) return undefined;
  if (shown.state !== truth.state) return `${said}, too late`;
  if (truth.state === 'ONLINE' || !rights.maySeeWhen)
    return shown.lastSeenAt === null ? undefined : `${said}, last seen for nobody`;
  // Who goes idle on one device when they have just left another one was there when they left that.
  const earlyMs = truth.surelySeenAt - (shown.lastSeenAt ?? 0);
  return earlyMs > graceMs ? `${said}: last seen ${earlyMs} ms too early` : undefined;
}

/** The rules once more, in other words than the policy has: what is checked must not check itself. */
function rightsOf(written: Pick<Profile, 'isInvisible' | 'lastSeenVisibleTo'>, between: Between) {
  const { isContact, isNear, isBlockedByViewer, blocksViewer } = between;
  const circles = { NOBODY: false, CONTACTS: isContact, CO_MEMBERS: true };
  return {
    maySee: isBlockedByViewer ? false : isContact ? true : isNear,
    isHidden: written.isInvisible ? true : blocksViewer,
    maySeeWhen: blocksViewer ? false : circles[written.lastSeenVisibleTo],
  };
}
