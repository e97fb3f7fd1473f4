import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../world.ts';
import { type Event, type Followed, isCaughtUp, people, type Talker, talkerOf, until } from './talker.ts';

const typesOf = (events: readonly Event[]) => events.map(({ __typename }) => __typename);
const isOf = (type: string) => (event: Event) => event.__typename === type;

describe.each(['memory', 'postgres'] as const)('events, with the log in %s', (log) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ log });
  });
  afterAll(() => world.close());

  async function crew() {
    const { ada, bob, eve } = await people(world, 'ada', 'bob', 'eve');
    const { channel } = await ada.createGroup([bob.userId]);
    return { ada, bob, eve, id: channel.id };
  }
  /** A subscription that has caught up, from now on. */
  async function live(talker: Talker): Promise<Followed<Event>> {
    const events = await talker.events();
    await until(events, isCaughtUp);
    return events;
  }
  const next = async (events: Followed<Event>) => (await events.next()).value;

  const base = {
    eventId: expect.any(String),
    cursor: expect.any(String),
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  };

  it('bring what happens to a message, with all its fields', async () => {
    const { ada, bob, id } = await crew();
    const events = await live(bob);
    const { message } = await ada.send(id, 'text', 'n');
    const common = { ...base, channelId: id, messageId: message.id };
    expect(await next(events)).toEqual({
      ...common,
      __typename: 'MessageSent',
      at: message.createdAt,
      message: { ...message, nonce: null },
      channel: await bob.channel(id),
    });

    const { message: edited } = await ada.edit(message.id, 'edited');
    expect(await next(events)).toEqual({
      ...common,
      __typename: 'MessageEdited',
      message: { ...edited, nonce: null },
      channel: await bob.channel(id),
    });

    const { message: erased } = await ada.erase(message.id);
    expect(await next(events)).toEqual({
      ...common,
      __typename: 'MessageDeleted',
      message: { ...erased, nonce: null },
      by: { id: ada.userId },
      channel: await bob.channel(id),
    });
    await events.return?.();
  });

  it('bring what happens to a member, with all its fields', async () => {
    const { ada, bob, eve, id } = await crew();
    const events = await live(bob);
    const [member] = (await ada.add(id, eve.userId)).added;
    const common = { ...base, channelId: id, memberId: member?.id, by: { id: ada.userId } };
    expect(await next(events)).toEqual({
      ...common,
      __typename: 'MemberAdded',
      member,
      channel: await bob.channel(id),
    });

    await ada.remove(id, eve.userId);
    expect(await next(events)).toEqual({
      ...common,
      __typename: 'MemberRemoved',
      user: { id: eve.userId },
      channel: await bob.channel(id),
    });
    await events.return?.();
  });

  it('tell who did it: somebody else, or the person themselves', async () => {
    const { ada, bob, eve, id } = await crew();
    const events = await live(ada);
    await bob.add(id, eve.userId);
    expect(await next(events)).toMatchObject({ __typename: 'MemberAdded', by: { id: bob.userId } });
    await eve.leave(id);
    expect(await next(events)).toMatchObject({
      __typename: 'MemberRemoved',
      user: { id: eve.userId },
      by: { id: eve.userId },
    });
    await events.return?.();
  });

  it('show a sender their own nonce, on every device of theirs, and nobody else', async () => {
    const { ada, bob, id } = await crew();
    const phone = talkerOf(await world.signIn(ada.handle));
    const streams = [await live(ada), await live(phone), await live(bob)];
    await ada.send(id, 'text', 'mine');
    const nonces = await Promise.all(streams.map(async (stream) => (await next(stream))?.message?.nonce));
    expect(nonces).toEqual(['mine', 'mine', null]);
    for (const stream of streams) await stream.return?.();
  });

  it('tell somebody that they were added, and everything from there on', async () => {
    const { ada, eve, id } = await crew();
    await ada.send(id, 'before');
    const events = await live(eve);
    await ada.add(id, eve.userId);
    await ada.send(id, 'after');
    const seen = await until(events, isOf('MessageSent'));
    expect(new Set(typesOf(seen))).toEqual(new Set(['ViewerChannelChanged', 'MemberAdded', 'MessageSent']));
    const [joined] = seen.filter(isOf('ViewerChannelChanged'));
    expect(joined).toMatchObject({ channelId: id, channel: { id, memberCount: 3 } });
    expect(seen.filter(isOf('MemberAdded'))).toMatchObject([{ member: { user: { id: eve.userId } } }]);
    expect(seen.at(-1)).toMatchObject({ message: { text: 'after' } });
    await events.return?.();
  });

  it('end for somebody who was removed with the removal, and begin again when they are back', async () => {
    const { ada, bob, id } = await crew();
    const events = await live(bob);
    await ada.send(id, 'seen');
    await ada.remove(id, bob.userId);
    await ada.send(id, 'unseen');
    await ada.add(id, bob.userId);
    await ada.send(id, 'seen again');
    const seen = await until(events, ({ message }) => message?.text === 'seen again');
    expect(seen.flatMap(({ message }) => message?.text ?? [])).toEqual(['seen', 'seen again']);
    const removal = seen.findIndex(isOf('MemberRemoved'));
    expect(seen[removal]).toMatchObject({ channelId: id, user: { id: bob.userId } });
    expect(seen.slice(removal).some(isOf('MemberAdded'))).toBe(true);
    await events.return?.();
  });

  it('end for somebody who leaves with their leaving, without the channel', async () => {
    const { bob, id } = await crew();
    const events = await live(bob);
    await bob.leave(id);
    expect(await next(events)).toMatchObject({
      __typename: 'MemberRemoved',
      channelId: id,
      channel: null,
      user: { id: bob.userId },
      by: { id: bob.userId },
    });
    await events.return?.();
  });

  it('are the same by page as by subscription, with the same ids', async () => {
    const { ada, bob, eve, id } = await crew();
    const cursor = await bob.syncCursor();
    for (let count = 0; count < 7; count += 1) await ada.send(id, `${count}`);
    await ada.add(id, eve.userId);
    await eve.send(id, 'hello');

    const events = await bob.events([cursor]);
    const replayed = (await until(events, isCaughtUp)).slice(0, -1);
    await events.return?.();
    const paged: Event[] = [];
    for (let after = cursor; ; ) {
      const page = await bob.changes([after], 4);
      expect(page.events.length).toBeLessThanOrEqual(4);
      paged.push(...page.events);
      after = page.cursor;
      if (!page.hasMore) break;
    }
    expect(paged.map(({ eventId }) => eventId)).toEqual(replayed.map(({ eventId }) => eventId));
    expect(typesOf(paged)).toEqual([
      ...Array.from({ length: 7 }, () => 'MessageSent'),
      'MemberAdded',
      'MessageSent',
    ]);
  });

  it('are resumed by the cursors that a client keeps: those of events, until one replaces them all', async () => {
    const { ada, bob, id } = await crew();
    const events = await bob.events();
    const kept = [(await next(events))?.cursor ?? ''];
    await ada.send(id, 'one');
    await ada.send(id, 'two');
    kept.push((await next(events))?.cursor ?? '');
    await events.return?.();
    await ada.send(id, 'three');
    const again = await bob.events(kept);
    const missed = await until(again, isCaughtUp);
    expect(missed.flatMap(({ message }) => message?.text ?? [])).toEqual(['two', 'three']);
    await again.return?.();
    // From the complete one alone it repeats, with the same ids.
    const more = await until(await bob.events(kept.slice(0, 1)), isCaughtUp);
    expect(
      more
        .slice(1)
        .map(({ eventId }) => eventId)
        .slice(0, 2),
    ).toEqual(missed.slice(0, 2).map(({ eventId }) => eventId));
  });

  it('have a checkpoint every hundred, which says all that went before', async () => {
    const { ada, bob, id } = await crew();
    const cursor = await bob.syncCursor();
    await Promise.all(Array.from({ length: 230 }, (_, index) => ada.send(id, `${index}`)));
    const seen = await until(await bob.events([cursor]), isCaughtUp);
    const marks = seen.flatMap(({ __typename }, index) => (__typename === 'Checkpoint' ? [index] : []));
    expect(marks).toEqual([100, 201]);
    const checkpoint = seen[201]?.cursor ?? '';
    const rest = await until(await bob.events([checkpoint]), isCaughtUp);
    expect(
      rest.flatMap(({ eventId, __typename }) => (__typename === 'MessageSent' ? [eventId] : [])),
    ).toEqual(seen.slice(202, -1).map(({ eventId }) => eventId));
  });

  it('begin anew where more than a thousand were missed', async () => {
    const { ada, bob, id } = await crew();
    const { channel: other } = await ada.createGroup([bob.userId]);
    const cursor = await bob.syncCursor();
    for (const half of [500, 501])
      await Promise.all(Array.from({ length: half }, (_, index) => ada.send(id, `${half} ${index}`)));
    await ada.send(other.id, 'there');
    const seen = await until(await bob.events([cursor]), isCaughtUp);
    expect(typesOf(seen).sort()).toEqual(['CaughtUp', 'MessageSent', 'SyncReset']);
    const reset = seen.find(isOf('SyncReset'));
    expect(reset).toMatchObject({
      channelId: id,
      reason: 'TOO_FAR_BEHIND',
      channel: { id, lastNumber: 1_001 },
    });
    // From the cursor of the reset it goes on as if nothing had been missed.
    await ada.send(id, 'next');
    const { events } = await bob.changes([cursor, reset?.cursor ?? '']);
    expect(events.filter(({ channelId }) => channelId === id)).toMatchObject([{ message: { text: 'next' } }]);
  });
});
