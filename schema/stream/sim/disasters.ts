import { serverAuthorId } from '../../ids.ts';
import { clientNonce } from '../event.ts';
import { draftOf } from '../outbox.ts';
import { chaosMs } from './weather.ts';
import { startMs, type World } from './world.ts';

/** Everybody who is a member from the beginning: put there by hand, before any server runs. */
export async function settlePeople({ store, people }: World): Promise<void> {
  const { memberships, log } = store;
  const [first, ...others] = people.userIds;
  for (const channelId of people.channelIds) {
    const members = [first, ...others.slice(0, 2)].flatMap((userId) => (userId ? [userId] : []));
    const by = members[0] ?? serverAuthorId;
    await memberships.change(channelId, { by, candidates: members, now: startMs }, () => ({
      changes: members.map((userId) => ({ kind: 'ADDED', userId, role: 'MEMBER' })),
      result: undefined,
    }));
    const pending = await memberships.pending(channelId, Number.MAX_SAFE_INTEGER);
    const appended = await log.append(channelId, pending.map(draftOf), startMs);
    const placed = pending.map(({ version }, index) => {
      const { seq = 0, number = 0 } = appended[index]?.event ?? {};
      return { version, seq, number };
    });
    await memberships.settle(channelId, placed);
  }
}

/** What the weather brings, each at a time of its own within the storm. */
export function letItHappen(world: World): void {
  const { weather, chance, clock, servers, bus } = world;
  /** So many times, each so long before the end of the storm that it is over by then. */
  const at = (times: number, longMs: number, happen: () => void | Promise<void>) => {
    for (let i = 0; i < times; i += 1) void clock.sleep(chance.between(500, chaosMs - longMs)).then(happen);
  };
  at(weather.crashes, 0, () => chance.pick(servers).crash());
  at(weather.deploys, 0, () => chance.pick(servers).replace());
  at(weather.interruptions, 5_000, () =>
    bus.interrupt(chance.pick(servers).gate, chance.between(100, 5_000)),
  );
  at(weather.pauses, 9_000, () => chance.pick(servers).gate.pause(chance.between(1_000, 9_000)));
  at(weather.outages, 6_000, () => world.breakStore(chance.between(500, 6_000)));
  if (weather.restore !== 'none') at(1, 17_000, () => restore(world, weather.restore === 'new epoch'));
  if (weather.isFlooded) at(1, 10_000, () => flood(world));
}

/** Longer than a server repeats a round. */
const forgottenMs = 6_000;

/**
 * An operator brings back a backup. With a new epoch the servers may go on, unless one of them could still be recording a change
 * of membership that is no more. Without one nobody could tell a log that has grown again from the one that was lost, so the
 * servers are stopped, and nothing is written until every client has been back.
 */
async function restore(world: World, isNewEpoch: boolean): Promise<void> {
  const { store, servers, history, chance, clock, quiet } = world;
  if (isNewEpoch) {
    quiet.membersUntil = clock.now() + forgottenMs + 2_000;
    await clock.sleep(forgottenMs + 1_000);
  } else {
    quiet.until = clock.now() + 15_000;
  }
  const goesOn = isNewEpoch && clock.now() - store.membersAppendedAt() > forgottenMs;
  for (const server of servers) {
    server.gate.disconnect();
    if (!goesOn) server.crash();
  }
  const at = history.step();
  const logs = await store.restore({ deeds: chance.between(1, 30), newEpoch: isNewEpoch });
  history.lost.push({ at, logs, heads: store.heads(), isNewEpoch });
}

/** More than a reader may replay, committed by somebody who died before announcing it. */
async function flood({ store, people, clock }: World): Promise<void> {
  const [channelId] = people.channelIds;
  const [, authorId] = people.userIds;
  if (channelId === undefined || authorId === undefined) return;
  for (let round = 0; round < 17; round += 1) {
    const drafts = Array.from({ length: 64 }, (_, index) => ({
      ...({ kind: 'message.sent', authorId, body: 'flood' } as const),
      nonce: clientNonce(`flood-${round}-${index}`),
    }));
    await store.log.append(channelId, drafts, clock.now());
  }
}
