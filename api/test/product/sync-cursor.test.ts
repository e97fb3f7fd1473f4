import { afterAll, beforeAll, expect, it } from 'vitest';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
import type { Clock } from '../../../schema/ports/clock.ts';
import { openMemoryEventLog } from '../../../schema/ports/event-log.memory.ts';
import { openWorld, type World } from '../../../schema/test/world.ts';
import { openPostgresRows } from '../world.ts';
import { placesOf, readingPeople } from './reading.ts';
import { people, type Talker } from './talker.ts';

/** What happens before the heads of logs are read the next time. */
let meanwhile = async () => {};
/** Its clock stands still, so that heads are read for whoever asks only: the server's own look at them would take their turn. */
let still: World;
let world: World;
const open = (clock?: Clock) => {
  const log = openMemoryEventLog();
  return openWorld({
    ...(clock && { clock }),
    openRows: openPostgresRows,
    openLog: () => ({
      ...log,
      async heads(channelIds) {
        const happens = meanwhile;
        meanwhile = async () => {};
        await happens();
        return log.heads(channelIds);
      },
    }),
  });
};
beforeAll(async () => {
  still = await open(createManualClock(Date.now()));
  world = await open();
});
afterAll(async () => {
  await still.close();
  await world.close();
});

const shown = `syncCursor viewer { channels(first: 1) { edges { node { name memberCount viewerState { id member { id role } } } } } }`;
type Shown = {
  readonly name: string;
  readonly memberCount: number;
  readonly viewerState: { readonly member: { readonly role: string } };
};
type Screen = {
  readonly viewer: { readonly channels: { readonly edges: readonly { readonly node: Shown }[] } };
};

it.for<readonly [string, (ada: Talker, id: string, userId: string) => Promise<unknown>, object]>([
  ['is renamed', (ada, id) => ada.updateGroup(id, { name: 'Later' }), { name: 'Later' }],
  ['loses somebody', (ada, id) => ada.leave(id), { memberCount: 1 }],
  [
    'gives its viewer a role',
    (ada, id, userId) => ada.setRole(id, userId, 'ADMIN'),
    { viewerState: { member: { role: 'ADMIN' } } },
  ],
])(
  'a query shows nothing older than its cursor, when a channel %s just then',
  async ([, happen, expected]) => {
    const { ada, bob } = await people(still, 'ada', 'bob');
    const { channel } = await ada.createGroup([bob.userId], { name: 'Before' });
    await ada.setRole(channel.id, bob.userId, 'OWNER');
    if ('viewerState' in expected) await ada.setRole(channel.id, bob.userId, 'MEMBER');
    meanwhile = async () => void (await happen(ada, channel.id, bob.userId));
    const { viewer } = await bob.query<Screen>(`{ ${shown} }`);
    expect(viewer.channels.edges[0]?.node).toMatchObject(expected);
  },
);

it('who has read a channel before their reader comes to it is told of positions that moved in between', async () => {
  const { ada, bob, cyn } = await readingPeople(world, 'ada', 'bob', 'cyn');
  const { channel } = await ada.createGroup([bob.userId]);
  await ada.send(channel.id, 'hello');
  const before = await cyn.syncCursor();
  await ada.add(channel.id, cyn.userId);
  expect((await cyn.reads.placed(channel.id))[bob.userId]).toEqual([0, 0]);
  await bob.reads.markRead(channel.id, 1);
  const { events } = await cyn.reads.told([before]);
  expect(placesOf(events.flatMap(({ members = [] }) => members))[bob.userId]).toEqual([1, 1]);
});
