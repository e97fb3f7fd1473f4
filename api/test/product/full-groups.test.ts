import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { openWorld, type World } from '../world.ts';
import { people, type Talker, talkerOf } from './talker.ts';

let world: World;
let crowd: readonly Talker[];
/** The limits as they are when nobody says otherwise: 100 people in a group. */
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
  crowd = await Promise.all(upTo(100).map(async () => talkerOf(await world.signUp())));
}, 60_000);
afterAll(() => world.close());

const idsOf = (talkers: readonly Talker[]) => talkers.map(({ userId }) => userId);

describe('a group of 99', () => {
  it('takes one more, also when two people add the hundredth at once', async () => {
    for (const _ of upTo(3)) {
      const { ada, bob } = await people(world, 'ada', 'bob');
      const { channel } = await ada.createGroup(idsOf([bob, ...crowd.slice(0, 97)]));
      expect(channel.memberCount).toBe(99);
      const [last, other] = idsOf(crowd.slice(98));
      const answers = await Promise.all([ada.add(channel.id, last ?? ''), bob.add(channel.id, other ?? '')]);
      const codes = answers.map(({ code }) => code ?? 'added').sort();
      expect(codes).toEqual(['CHANNEL_FULL', 'added']);
      expect((await ada.members(channel.id, { first: 100 })).edges).toHaveLength(100);
      expect(await ada.channel(channel.id)).toMatchObject({ memberCount: 100 });
      expect((await bob.can(channel.id))?.addMembers).toMatchObject({
        isAllowed: false,
        code: 'CHANNEL_FULL',
      });
    }
  });

  it('takes the same one once, when two people add them at once', async () => {
    const { ada, bob } = await people(world, 'ada', 'bob');
    const { channel } = await ada.createGroup(idsOf([bob, ...crowd.slice(0, 97)]));
    const [last = ''] = idsOf(crowd.slice(98));
    const answers = await Promise.all([ada.add(channel.id, last), bob.add(channel.id, last)]);
    expect(answers.flatMap(({ added }) => added)).toHaveLength(1);
    expect(answers.flatMap(({ notAdded }) => notAdded)).toMatchObject([
      { userId: last, code: 'ALREADY_A_MEMBER' },
    ]);
    expect(await ada.channel(channel.id)).toMatchObject({ memberCount: 100 });
  });

  it('takes nobody when two are added together, and tells who cannot be added when there is room', async () => {
    const { ada } = await people(world, 'ada');
    const { channel } = await ada.createGroup(idsOf(crowd.slice(0, 98)));
    const [last = '', other = ''] = idsOf(crowd.slice(98));
    expect(await ada.add(channel.id, last, other)).toMatchObject({ code: 'CHANNEL_FULL' });
    expect(await ada.add(channel.id, last, 'usr7vvvvv', ada.userId)).toMatchObject({
      added: [{ user: { id: last } }],
      notAdded: [
        { userId: 'usr7vvvvv', code: 'NOT_FOUND', explanation: expect.stringMatching(/\.$/) },
        { userId: ada.userId, code: 'ALREADY_A_MEMBER', explanation: expect.stringMatching(/\.$/) },
      ],
    });
    // Full, but these would not need a place.
    expect(await ada.add(channel.id, last, 'usr7vvvvv')).toMatchObject({ added: [], notAdded: [{}, {}] });
  });
});
