import { GraphQLError } from 'graphql';
import { changeMembers, changeThings } from './changing.ts';
import { checkLateness } from './check-lateness.ts';
import { checkLog } from './check-log.ts';
import { checkMarks } from './check-marks.ts';
import { checkMessages } from './check-messages.ts';
import { checkReading } from './check-reading.ts';
import { checkRows } from './check-rows.ts';
import { checkSharing } from './check-sharing.ts';
import { checkShown } from './check-shown.ts';
import { checkTexts } from './check-texts.ts';
import { letItHappen, settlePeople } from './disasters.ts';
import { StoreDown } from './gate.ts';
import { pollChanges, readEvents, readMessages } from './reading.ts';
import type { Sabotage } from './sabotage.ts';
import { chaosMs, healingMs } from './weather.ts';
import { createWorld, type World } from './world.ts';
import { sendAlone, sendInOrder } from './writing.ts';

/** Runs one seed: a storm, then time to heal. Answers which promises were broken; none, it is hoped. */
export async function simulate(
  seed: number,
  sabotage: Sabotage = {},
  look?: (world: World) => void,
): Promise<readonly string[]> {
  const world = createWorld(seed, sabotage);
  await settlePeople(world);
  letPeopleIn(world);
  letItHappen(world);
  await world.clock.advance(chaosMs + healingMs);
  const problems = await check(world);
  look?.(world);
  for (const { gate } of world.servers) gate.crash();
  return problems;
}

function letPeopleIn(world: World): void {
  const { people, chance, clock } = world;
  /** Somebody who comes while others write already. */
  const later = (begin: () => Promise<never>) => void clock.sleep(chance.between(0, 8_000)).then(begin);
  people.userIds.forEach((userId, index) => {
    const reading = (kind: string) => ({
      name: `${kind} of ${userId}`,
      userId,
      isSlow: chance.happens(0.4),
      cursors: [],
    });
    const [phone, other] = [reading('phone'), reading(index < 2 ? 'laptop' : 'bot')];
    later(() => readEvents(world, phone));
    later(() => (index < 2 ? readEvents(world, other) : pollChanges(world, other)));
    const tail = { device: `tail of ${userId}`, userId, channelId: chance.pick(people.channelIds) };
    if (index % 2 === 0) later(() => readMessages(world, tail));
    if (index < 3) void sendInOrder(world, { name: `pen-${index}`, userId });
    void sendAlone(world, { name: `web-${index}`, userId });
  });
  void changeMembers(world);
  void changeThings(world);
}

async function check({ store, history, weather, people }: World): Promise<readonly string[]> {
  const logs = await store.logs();
  const rows = await Promise.all(
    people.channelIds.map(async (channelId) => {
      const memberships = await Promise.all(
        people.userIds.map((userId) => store.memberships.of(userId, [channelId])),
      );
      const pending = (await store.memberships.pending(channelId, Number.MAX_SAFE_INTEGER)).length;
      return [channelId, { pending, memberships: memberships.flat() }] as const;
    }),
  );
  const shown = await Promise.all(
    people.userIds.map(async (userId) => [userId, await store.shownTo(userId)] as const),
  );
  return [
    ...checkLog(history, logs),
    ...checkRows(logs, new Map(rows)),
    ...checkReading({ history, logs, isFlooded: weather.isFlooded }),
    ...checkMessages(history, logs),
    ...checkTexts(history, logs, store.saidAt),
    ...checkSharing(history, logs),
    ...checkMarks({
      history,
      logs,
      rows: new Map(rows),
      atLast: new Map(shown),
      generation: store.generation,
    }),
    // Without a new epoch only a place that is too high tells: not what a query read beyond its cursor.
    ...(weather.restore === 'same epoch' ? [] : checkShown(history, new Map(shown))),
    ...(weather.isCalm ? checkLateness(history, store) : []),
    ...[...history.sessions, ...history.messageSessions].flatMap(({ failure }) => unexpected(failure)),
  ];
}

/** The only failures a client may meet while the store is there now and then. */
function unexpected(failure: unknown): readonly string[] {
  if (failure === undefined || failure instanceof StoreDown) return [];
  const isExpected =
    failure instanceof GraphQLError && ['UNAVAILABLE', 'CONFLICT'].includes(String(failure.extensions.code));
  return isExpected ? [] : [`failed: ${failure instanceof Error ? failure.stack : String(failure)}`];
}
