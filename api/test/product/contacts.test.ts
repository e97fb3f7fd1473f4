import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerBetween } from '../../../schema/contact/answer-contact-request.ts';
import {
  contactStateOf,
  type Side,
  type Sides,
  whenBlocked,
  whenRemoved,
  whenUnblocked,
} from '../../../schema/contact/contact.policy.ts';
import { requestBetween } from '../../../schema/contact/request-contact.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { type Denied, isDenied } from '../../../schema/verdict.ts';
import { createRisingClock, openWorld, type World } from '../world.ts';
import { become, type Deed, deeds, type PairName, type Person, pairs, persons } from './contacting.ts';
import { isCaughtUp, type Event as TalkEvent, until } from './talker.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ clock: createRisingClock() });
});
afterAll(() => world.close());

/** What both see of each other. */
const seenBy = async (me: Person, they: Person) => {
  const [mine, theirs] = await Promise.all([me.to.see(they.handle), they.to.see(me.handle)]);
  return [mine.viewerContact, theirs.viewerContact];
};

/** The rules, whose own table says what they are. */
const rules: Readonly<Record<Deed, (sides: Sides) => Sides | Denied>> = {
  ask: requestBetween,
  accept: (sides) => answerBetween(sides, true),
  decline: (sides) => answerBetween(sides, false),
  remove: whenRemoved,
  block: whenBlocked,
  unblock: whenUnblocked,
};
const nothing: Side = { state: 'NONE', isBlocked: false };
const turned = ({ mine, theirs }: Sides): Sides => ({ mine: theirs, theirs: mine });

/** What the rules make of strangers who do this, one after the other. */
function sidesAfter(steps: readonly string[]): Sides {
  return steps.reduce<Sides>(
    (sides, step) => {
      const [who, deed] = step.split(' ') as ['me' | 'they', Deed];
      const seen = who === 'me' ? sides : turned(sides);
      const after = rules[deed](seen);
      if (isDenied(after)) return sides;
      return who === 'me' ? after : turned(after);
    },
    { mine: nothing, theirs: nothing },
  );
}
const shown = ({ mine, theirs }: Sides) =>
  [mine, theirs].map(({ state, isBlocked }) => contactStateOf({ state, isBlockedByViewer: isBlocked }));

const names = Object.keys(pairs) as PairName[];
const cases = names.flatMap((name) => (Object.keys(deeds) as Deed[]).map((deed) => [name, deed] as const));

type Event = TalkEvent & { readonly userId?: string; readonly user?: { readonly viewerContact?: string } };
const eventsDocument = `query ($after: [Cursor!]!) { changes(after: $after) { cursor events {
  __typename eventId cursor ... on ContactChanged { userId user { id viewerContact } } ... on ChannelEvent { channelId } } } }`;
const eventsSince = async (person: Person, cursor: string) =>
  (await person.query<{ changes: { events: readonly Event[] } }>(eventsDocument, { after: [cursor] })).changes
    .events;

describe('from everything that two people can be to each other', () => {
  it.for(cases)(
    '%s, and I %s: both see what the rules say, and hear of what is theirs',
    async ([name, deed]) => {
      const { me, they } = await persons(world, 'me', 'they');
      await become(name, me, they);
      const before = sidesAfter(pairs[name]);
      expect(await seenBy(me, they)).toEqual(shown(before));
      const cursors = await Promise.all([me.syncCursor(), they.syncCursor()]);
      const after = rules[deed](before);
      const answer = await deeds[deed](me, they.userId);
      const [mineThen, theirsThen] = shown(isDenied(after) ? before : after);
      if (isDenied(after))
        expect(answer).toMatchObject({ __typename: 'Denied', code: after.code, until: null });
      else
        expect(answer).toMatchObject({
          user: { id: they.userId, viewerContact: mineThen },
          viewer: { id: me.userId.replace('usr', 'viw') },
        });
      expect(await seenBy(me, they)).toEqual([mineThen, theirsThen]);
      const [mineBefore, theirsBefore] = shown(before);
      const told = (other: Person, state: string | undefined) => [
        {
          __typename: 'ContactChanged',
          userId: other.userId,
          user: { id: other.userId, viewerContact: state },
        },
      ];
      expect(await eventsSince(me, cursors[0])).toMatchObject(
        mineBefore === mineThen ? [] : told(they, mineThen),
      );
      expect(await eventsSince(they, cursors[1])).toMatchObject(
        theirsBefore === theirsThen ? [] : told(me, theirsThen),
      );
    },
  );

  it.for(cases)(
    '%s, and I %s twice: the second time changes nothing, and nobody hears of it',
    async ([name, deed]) => {
      const { me, they } = await persons(world, 'me', 'they');
      await become(name, me, they);
      await deeds[deed](me, they.userId);
      const [seen, ...cursors] = [await seenBy(me, they), await me.syncCursor(), await they.syncCursor()];
      await deeds[deed](me, they.userId);
      expect(await seenBy(me, they)).toEqual(seen);
      expect(await eventsSince(me, cursors[0] ?? '')).toEqual([]);
      expect(await eventsSince(they, cursors[1] ?? '')).toEqual([]);
    },
  );
});

describe('somebody who is nobody, or oneself', () => {
  it.for(Object.keys(deeds) as Deed[])('is nothing to %s', async (deed) => {
    const { me } = await persons(world, 'me');
    for (const id of ['usr7vvvvv', 'usr0', 'chn1', 'x', ''])
      expect(await deeds[deed](me, id), id).toMatchObject({ __typename: 'Denied', code: 'NOT_FOUND' });
    expect(await deeds[deed](me, me.userId)).toMatchObject({
      __typename: 'InvalidInput',
      code: 'MALFORMED',
      field: ['userId'],
    });
    expect(await me.to.see(me.handle)).toMatchObject({
      viewerContact: 'NONE',
      viewerCan: {
        requestContact: { code: 'MALFORMED' },
        openDirectChannel: { code: 'MALFORMED' },
        addToGroup: { code: 'ALREADY_A_MEMBER' },
      },
    });
  });

  it('may do nothing without signing in', async () => {
    const { me } = await persons(world, 'me');
    const { errors } = await world.anonymous.execute(
      'mutation ($id: ID!) { blockUser(input: { userId: $id }) { __typename } }',
      { id: me.userId },
    );
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });
});

describe('at once', () => {
  it('two who ask each other are contacts, whoever was first', async () => {
    for (const _ of upTo(8)) {
      const { me, they } = await persons(world, 'me', 'they');
      const answers = await Promise.all([me.to.request(they.userId), they.to.request(me.userId)]);
      expect(answers.every(({ __typename }) => __typename === 'RequestContactPayload')).toBe(true);
      expect(await seenBy(me, they)).toEqual(['CONTACT', 'CONTACT']);
    }
  });

  it('one who asks and one who blocks: they are no contacts, and nothing waits for who blocks', async () => {
    const ways = new Set<string>();
    for (const _ of upTo(12)) {
      const { me, they } = await persons(world, 'me', 'they');
      const [asked] = await Promise.all([me.to.request(they.userId), they.to.block(me.userId)]);
      const [mine, theirs] = await seenBy(me, they);
      expect(theirs).toBe('BLOCKED_BY_ME');
      // Asked before the block, and declined by it without a word; or refused.
      expect(mine).toBe(asked.code === undefined ? 'REQUESTED_BY_ME' : 'NONE');
      if (asked.code !== undefined) expect(asked.code).toBe('NOT_ACCEPTING');
      expect((await they.to.requests('INCOMING')).edges).toEqual([]);
      ways.add(String(asked.code));
    }
  });

  it('one who accepts and one who withdraws: both agree on what came of it', async () => {
    for (const _ of upTo(8)) {
      const { me, they } = await persons(world, 'me', 'they');
      await me.to.request(they.userId);
      const [accepted] = await Promise.all([they.to.accept(me.userId), me.to.remove(they.userId)]);
      // Removed after it was accepted, or withdrawn before.
      expect(['NOT_FOUND', undefined]).toContain(accepted.code);
      expect(await seenBy(me, they)).toEqual(['NONE', 'NONE']);
    }
  });

  it('everybody asks everybody, and nobody waits for ever', async () => {
    const people = Object.values(await persons(world, 'a', 'b', 'c', 'd', 'e', 'f'));
    await Promise.all(
      people.flatMap((one) => people.map((other) => other !== one && one.to.request(other.userId))),
    );
    for (const one of people) expect((await one.to.contacts()).edges).toHaveLength(people.length - 1);
  });
});

describe('a person in an event', () => {
  it('is as of delivery, also when the same answer had read them before', async () => {
    const { me, they } = await persons(world, 'me', 'they');
    const cursor = await me.syncCursor();
    const answer = me.query<{
      before: { viewerContact: string };
      changes: { events: readonly { user: { viewerContact: string } }[] };
    }>(
      `query ($handle: String!, $after: [Cursor!]!) { before: user(handle: $handle) { viewerContact }
        nodes(ids: ["${they.userId}"]) { ... on User { viewerContact } }
        changes(after: $after, waitSeconds: 20) { events { ... on ContactChanged { user { viewerContact } } } } }`,
      { handle: they.handle, after: [cursor] },
    );
    // The fields beside it have read what they need by then.
    await they.to.see(me.handle);
    await they.to.request(me.userId);
    const { before, changes } = await answer;
    expect(before).toEqual({ viewerContact: 'NONE' });
    expect(changes.events).toEqual([{ user: { viewerContact: 'REQUESTED_BY_THEM' } }]);
  });

  it('comes on all devices, the one that did it too, and to nobody else', async () => {
    const { me, they, other } = await persons(world, 'me', 'they', 'other');
    const phone = await world.signIn(me.handle);
    const document = `subscription { event: events { __typename ... on ContactChanged { userId user { viewerContact } } } }`;
    const streams = await Promise.all(
      [me, phone, other].map(async (asker) => {
        const stream = await asker.subscribe<{ event: Event }>(document);
        const next = async () => (await stream.next()).value?.data.event;
        while ((await next())?.__typename !== 'CaughtUp');
        return { next, stop: stream.return };
      }),
    );
    await me.to.request(they.userId);
    await me.to.request(other.userId);
    const asked = ({ userId }: Person, viewerContact = 'REQUESTED_BY_ME') => ({
      __typename: 'ContactChanged',
      userId,
      user: { viewerContact },
    });
    const [laptop, mobile, third] = streams;
    for (const stream of [laptop, mobile]) {
      expect(await stream?.next()).toEqual(asked(they));
      expect(await stream?.next()).toEqual(asked(other));
    }
    expect(await third?.next()).toEqual(asked(me, 'REQUESTED_BY_THEM'));
    for (const { stop } of streams) await stop?.();
  });

  it('is told by a stream that begins with a cursor, once, whatever happened to them meanwhile', async () => {
    const { me, they } = await persons(world, 'me', 'they');
    const cursor = await me.syncCursor();
    for (const deed of ['ask', 'remove', 'block', 'unblock', 'ask'] as const)
      await deeds[deed](me, they.userId);
    const events = await until(await me.events([cursor]), isCaughtUp);
    expect(events.map(({ __typename }) => __typename)).toEqual(['ContactChanged', 'CaughtUp']);
  });
});
