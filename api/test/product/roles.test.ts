import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { openWorld, type World } from '../world.ts';
import { people, type Talker, talkerOf } from './talker.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
});
afterAll(() => world.close());

const denied = (code: string) => expect.objectContaining({ __typename: 'Denied', code, until: null });
const rolesIn = async (viewer: Talker, id: string) =>
  new Map((await viewer.members(id)).edges.map(({ node }) => [node.user.id, node.role]));

/** A group that Ada owns, of her, Bob and Eve. */
async function crew() {
  const { ada, bob, eve } = await people(world, 'ada', 'bob', 'eve');
  const { channel } = await ada.createGroup([bob.userId, eve.userId]);
  return { ada, bob, eve, id: channel.id };
}
const ownersIn = async (viewer: Talker, id: string) =>
  [...(await rolesIn(viewer, id))].flatMap(([userId, role]) => (role === 'OWNER' ? [userId] : []));

describe('an owner', () => {
  it('gives every role to everybody, and everybody hears who did it', async () => {
    const { ada, bob, eve, id } = await crew();
    const phone = talkerOf(await world.signIn(ada.handle));
    const followers = [ada, bob, eve, phone];
    let cursors = await Promise.all(followers.map((follower) => follower.syncCursor()));
    for (const role of ['ADMIN', 'MEMBER', 'OWNER', 'MEMBER']) {
      const given = await ada.setRole(id, bob.userId, role);
      expect(given).toMatchObject({
        __typename: 'SetMemberRolePayload',
        channel: { id, memberCount: 3 },
        member: { role, user: { id: bob.userId } },
      });
      const heard = await Promise.all(followers.map((follower, n) => follower.changes([cursors[n] ?? ''])));
      for (const { events } of heard)
        expect(events.filter(({ __typename }) => __typename === 'MemberRoleChanged')).toEqual([
          expect.objectContaining({
            channelId: id,
            memberId: given.member.id,
            member: given.member,
            by: { id: ada.userId },
          }),
        ]);
      cursors = heard.map(({ cursor }) => cursor);
    }
    expect(await bob.channel(id)).toMatchObject({ viewerState: { member: { role: 'MEMBER' } } });
  });

  it('hands the group over: another owner first, then they step down, or leave', async () => {
    const { ada, bob, eve, id } = await crew();
    expect(await ada.setRole(id, ada.userId, 'MEMBER')).toEqual(denied('LAST_OWNER'));
    await ada.setRole(id, bob.userId, 'OWNER');
    expect(await ownersIn(eve, id)).toEqual([ada.userId, bob.userId]);
    expect(await ada.setRole(id, ada.userId, 'MEMBER')).toMatchObject({ member: { role: 'MEMBER' } });
    expect(await ada.setRole(id, ada.userId, 'OWNER')).toEqual(denied('ROLE_TOO_LOW'));
    expect(await bob.setRole(id, bob.userId, 'ADMIN')).toEqual(denied('LAST_OWNER'));
    expect(await bob.leave(id)).toEqual(denied('LAST_OWNER'));
    await bob.setRole(id, eve.userId, 'OWNER');
    expect(await bob.leave(id)).toMatchObject({ channelId: id });
    expect(await ownersIn(ada, id)).toEqual([eve.userId]);
  });

  it('takes it from another owner, who may do the same', async () => {
    const { ada, bob, id } = await crew();
    await ada.setRole(id, bob.userId, 'OWNER');
    expect(await bob.setRole(id, ada.userId, 'MEMBER')).toMatchObject({ member: { role: 'MEMBER' } });
    expect(await ada.setRole(id, bob.userId, 'MEMBER')).toEqual(denied('ROLE_TOO_LOW'));
    expect(await ownersIn(ada, id)).toEqual([bob.userId]);
  });

  it('cannot step down when alone: nobody could ever give a role again', async () => {
    const { ada } = await people(world, 'ada');
    const { id } = (await ada.createGroup([])).channel;
    expect(await ada.setRole(id, ada.userId, 'ADMIN')).toEqual(denied('LAST_OWNER'));
    expect(await ada.setRole(id, ada.userId, 'OWNER')).toMatchObject({ member: { role: 'OWNER' } });
  });

  it('changes nothing by the role that somebody has, and nobody hears of it', async () => {
    const { ada, bob, id } = await crew();
    await ada.setRole(id, bob.userId, 'ADMIN');
    const cursor = await bob.syncCursor();
    expect(await ada.setRole(id, bob.userId, 'ADMIN')).toMatchObject({ member: { role: 'ADMIN' } });
    expect(await ada.setRole(id, ada.userId, 'OWNER')).toMatchObject({ member: { role: 'OWNER' } });
    expect((await bob.changes([cursor])).events).toEqual([]);
  });

  it('finds only members', async () => {
    const { ada, bob, id } = await crew();
    const { zoe } = await people(world, 'zoe');
    await ada.remove(id, bob.userId);
    for (const userId of [zoe.userId, bob.userId, 'usr7vvvvv', 'nonsense', id])
      expect(await ada.setRole(id, userId, 'ADMIN')).toEqual(denied('NOT_A_MEMBER'));
    expect(await ada.setRole('chn7vvvvv', bob.userId, 'ADMIN')).toEqual(denied('NOT_FOUND'));
  });
});

describe('who is no owner', () => {
  it('gives nobody a role, not even the one they have', async () => {
    const { ada, bob, eve, id } = await crew();
    const { zoe } = await people(world, 'zoe');
    await ada.setRole(id, bob.userId, 'ADMIN');
    for (const [somebody, code] of [
      [bob, 'ROLE_TOO_LOW'],
      [eve, 'ROLE_TOO_LOW'],
      [zoe, 'NOT_FOUND'],
    ] as const)
      for (const target of [ada, bob, eve, zoe])
        for (const role of ['OWNER', 'ADMIN', 'MEMBER'])
          expect(await somebody.setRole(id, target.userId, role)).toEqual(denied(code));
    expect([...(await rolesIn(eve, id)).values()]).toEqual(['OWNER', 'ADMIN', 'MEMBER']);
  });

  it('loses what the role allowed with the role', async () => {
    const { ada, bob, eve, id } = await crew();
    await ada.setRole(id, bob.userId, 'ADMIN');
    expect(await bob.updateGroup(id, { topic: 'Mine' })).toMatchObject({ channel: { topic: 'Mine' } });
    await ada.setRole(id, bob.userId, 'MEMBER');
    expect(await bob.updateGroup(id, { topic: 'Still mine' })).toEqual(denied('ROLE_TOO_LOW'));
    expect(await bob.remove(id, eve.userId)).toEqual(denied('ROLE_TOO_LOW'));
  });
});

describe('a group never loses its last owner', () => {
  const rounds = upTo(10);
  /** A group with these many owners. */
  async function owned(count: number) {
    const [first, ...others] = await Promise.all(upTo(count).map(async () => talkerOf(await world.signUp())));
    if (first === undefined) throw new Error('A group has an owner.');
    const { id } = (await first.createGroup(others.map(({ userId }) => userId))).channel;
    for (const { userId } of others) await first.setRole(id, userId, 'OWNER');
    return { id, owners: [first, ...others] };
  }
  const codesOf = (answers: readonly { code: string }[]) => answers.map(({ code }) => code ?? 'yes').sort();

  it('when two owners step each other down at once', async () => {
    const { id, owners } = await owned(2);
    const [ada, bob] = owners;
    if (!ada || !bob) throw new Error('Two owners.');
    for (const _ of rounds) {
      const answers = await Promise.all([
        ada.setRole(id, bob.userId, 'MEMBER'),
        bob.setRole(id, ada.userId, 'MEMBER'),
      ]);
      expect(codesOf(answers)).toEqual(['ROLE_TOO_LOW', 'yes']);
      const left = await ownersIn(ada, id);
      expect(left).toHaveLength(1);
      const [keeper, other] = left[0] === ada.userId ? [ada, bob] : [bob, ada];
      await keeper.setRole(id, other.userId, 'OWNER');
    }
  });

  it('when both of two step down themselves at once', async () => {
    const { id, owners } = await owned(2);
    for (const _ of rounds) {
      const answers = await Promise.all(owners.map((owner) => owner.setRole(id, owner.userId, 'ADMIN')));
      expect(codesOf(answers)).toEqual(['LAST_OWNER', 'yes']);
      const [keeper, other] = answers[0]?.code === 'LAST_OWNER' ? owners : [...owners].reverse();
      await keeper?.setRole(id, other?.userId ?? '', 'OWNER');
    }
  });

  it('when one leaves while another steps down, and when all of five step the next one down', async () => {
    for (const _ of upTo(5)) {
      const two = await owned(2);
      const [ada, bob] = two.owners;
      const answers = await Promise.all([ada?.leave(two.id), bob?.setRole(two.id, bob.userId, 'MEMBER')]);
      expect(answers.filter((answer) => answer?.code === 'LAST_OWNER')).toHaveLength(1);
      const owner = answers[0]?.code === undefined ? bob : ada;
      if (owner === undefined) throw new Error('Two owners.');
      expect(await ownersIn(owner, two.id)).toEqual([owner.userId]);
    }
    const five = await owned(5);
    await Promise.all(
      five.owners.map((owner, n) => owner.setRole(five.id, five.owners[(n + 1) % 5]?.userId ?? '', 'MEMBER')),
    );
    const [somebody] = five.owners;
    expect(somebody && (await ownersIn(somebody, five.id)).length).toBeGreaterThan(0);
  });
});
