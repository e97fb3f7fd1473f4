import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notificationRules } from '../../../schema/notification/notification.policy.ts';
import { createManualClock, type ManualClock } from '../../../schema/ports/clock.manual.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { webAddress } from '../../../schema/test/push-address.ts';
import type { Person } from '../../../schema/test/world.ts';
import { documents } from '../clients/documents.ts';
import { openWorld, type World } from '../world.ts';
import { contactsOf } from './contacting.ts';
import { many, statementsOf } from './statements-of.ts';
import { type Talker, talkerOf } from './talker.ts';

let world: World;
let clock: ManualClock;
/** A Tuesday. */
const start = Date.UTC(2030, 0, 1, 12);
beforeAll(async () => {
  clock = createManualClock(start);
  world = await openWorld({ log: 'postgres', clock });
});
afterAll(() => world.close());

type Actor = Talker & Pick<Person, 'session' | 'viewer'>;
const actorOf = (person: Person): Actor => ({
  ...talkerOf(person),
  session: person.session,
  viewer: person.viewer,
});
const somebody = async () => actorOf(await world.signUp());

async function change(who: Talker, name: string, input: object = {}): Promise<void> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const document = `mutation ($input: ${type}Input!) { result: ${name}(input: $input) { __typename } }`;
  const { result } = await who.query<{ result: { __typename: string } }>(document, { input });
  expect(result.__typename).toBe(`${type}Payload`);
}
const register = (who: Actor) =>
  change(who, 'registerPushEndpoint', { address: webAddress(who.session.device.id) });
const send = async (who: Talker, channelId: string) => (await who.send(channelId, 'Hello')).message.id;

/** Ada, whose device can be woken, in a group with Bob. */
async function scene() {
  const [ada, bob] = [await somebody(), await somebody()];
  await register(ada);
  const { id } = (await bob.createGroup([ada.userId])).channel;
  return { ada, bob, id };
}

type Simulated = {
  readonly at: string;
  readonly devices: readonly {
    readonly device: { readonly id: string };
    readonly outcome: string;
    readonly decidedBy: string;
    readonly trace: readonly { rule: string; result: string; because: string; explanation: string }[];
    readonly askAgainAt: string | null;
  }[];
};
const document = documents.wouldItBuzz;
const simulate = async (who: Talker, input: object) =>
  (await who.query<{ simulateNotification: Simulated | null }>(document, { input })).simulateNotification;
/** What decides for somebody with one device, such as `SUPPRESSED by MUTED: MUTED_REPLY`. */
async function verdictFor(who: Talker, input: object): Promise<string> {
  const [one, ...others] = (await simulate(who, input))?.devices ?? [];
  expect(others).toEqual([]);
  return `${one?.outcome} by ${one?.decidedBy}: ${one?.trace.at(-1)?.because}`;
}
const refusalFor = async (who: Talker, input: object) =>
  (await who.execute(document, { input })).errors?.map(({ extensions }) => extensions.code);
const sent = 'SENT by ENDPOINT: REACHABLE';

describe('would it buzz?', () => {
  it('is answered with all the rules, in order', async () => {
    const { ada, id } = await scene();
    const simulated = await simulate(ada, { channelId: id });
    expect(simulated).toMatchObject({
      at: new Date(start).toISOString(),
      devices: [
        {
          device: { id: ada.session.device.id, label: 'A browser' },
          outcome: 'SENT',
          decidedBy: 'ENDPOINT',
          askAgainAt: null,
        },
      ],
    });
    const { trace = [] } = simulated?.devices[0] ?? {};
    expect(trace.map(({ rule, result }) => `${rule} ${result}`)).toEqual(
      notificationRules.map((rule) => `${rule} PASSES`),
    );
    expect(trace[0]?.explanation).toBe('It is by somebody else.');
  });

  it('is answered for each device that is signed in, also for one that has not asked for pushes', async () => {
    const { ada, id } = await scene();
    const [laptop, lost] = [await world.signIn(ada.handle), await world.signIn(ada.handle)];
    await register(actorOf(lost));
    await lost.execute('mutation { signOut(input: {}) { __typename } }');
    const { devices = [] } = (await simulate(ada, { channelId: id })) ?? {};
    expect(Object.fromEntries(devices.map(({ device, ...one }) => [device.id, one]))).toMatchObject({
      [ada.session.device.id]: { outcome: 'SENT' },
      [laptop.session.device.id]: { outcome: 'SUPPRESSED', decidedBy: 'ENDPOINT' },
    });
    expect(devices).toHaveLength(2);
  });

  it('leaves nothing behind', async () => {
    const { ada, id } = await scene();
    const { prisma } = world.product;
    const rows = async () => [await prisma.notificationDecision.count(), await prisma.deviceWake.count()];
    const before = await rows();
    const lastNumber = (await ada.channel(id))?.lastNumber;
    await simulate(ada, { channelId: id });
    expect(await rows()).toEqual(before);
    expect((await ada.channel(id))?.lastNumber).toBe(lastNumber);
  });

  it('depends on what one has set of the channel', async () => {
    const { ada, id } = await scene();
    await change(ada, 'setNotificationLevel', { channelId: id, level: 'NOTHING' });
    expect(await verdictFor(ada, { channelId: id })).toBe('SUPPRESSED by CHANNEL: CHANNEL_NOTHING');
    await ada.mute(id);
    expect(await verdictFor(ada, { channelId: id })).toBe('SUPPRESSED by MUTED: MUTED');
  });

  it('depends on whether it answers oneself', async () => {
    const { ada, bob, id } = await scene();
    const [mine, theirs] = [await send(ada, id), await send(bob, id)];
    await ada.mute(id);
    await change(ada, 'updateNotificationSettings', { mutedReplies: true, level: 'REPLIES' });
    expect(await verdictFor(ada, { channelId: id })).toBe('SUPPRESSED by MUTED: MUTED');
    expect(await verdictFor(ada, { channelId: id, replyToId: theirs })).toBe('SUPPRESSED by MUTED: MUTED');
    expect(await verdictFor(ada, { channelId: id, replyToId: mine })).toBe(sent);
    await ada.unmute(id);
    expect(await verdictFor(ada, { channelId: id, replyToId: theirs })).toBe(
      'SUPPRESSED by GLOBAL: GLOBAL_REPLIES_ONLY',
    );
  });

  it('depends on the time, by the clock on one’s wall', async () => {
    const { ada, id } = await scene();
    const quietHours = { from: '22:00', to: '07:00', days: ['TUESDAY'], timeZone: 'Europe/Lisbon' };
    await change(ada, 'updateNotificationSettings', { quietHours });
    const at = (time: string) => verdictFor(ada, { channelId: id, at: time });
    const quiet = 'SUPPRESSED by DO_NOT_DISTURB: QUIET_HOURS';
    expect(await verdictFor(ada, { channelId: id })).toBe(sent);
    expect(await at('2030-01-01T21:59:59.999Z')).toBe(sent);
    expect(await at('2030-01-01T22:00:00.000Z')).toBe(quiet);
    expect(await at('2030-01-02T06:59:59.999Z')).toBe(quiet);
    expect(await at('2030-01-02T07:00:00.000Z')).toBe(sent);
    expect(await at('2030-01-02T23:00:00.000Z')).toBe(sent);
    // In summer their clock is an hour ahead. Long before this device was registered, too.
    expect(await at('2030-07-02T21:30:00.000Z')).toBe(quiet);
    expect(await at('2029-07-03T21:30:00.000Z')).toBe(quiet);
    expect(await at('2029-07-03T20:30:00.000Z')).toBe(sent);
  });

  it('ends where not being disturbed ends', async () => {
    const { ada, id } = await scene();
    await change(ada, 'updateNotificationSettings', { doNotDisturbUntil: '2030-01-02T00:00:00.000Z' });
    expect(await verdictFor(ada, { channelId: id })).toBe('SUPPRESSED by DO_NOT_DISTURB: DO_NOT_DISTURB');
    expect(await verdictFor(ada, { channelId: id, at: '2030-01-02T00:00:00.000Z' })).toBe(sent);
  });

  it('waits for who is there now; of another time nobody knows who will be', async () => {
    const { ada, id } = await scene();
    const { viewer, userId } = ada;
    const disconnect = world.product.presence.connect({ userId, deviceId: viewer.deviceId });
    const one = (await simulate(ada, { channelId: id }))?.devices[0];
    expect(one).toMatchObject({
      outcome: 'POSTPONED',
      decidedBy: 'ACTIVE',
      askAgainAt: new Date(start + 35_000).toISOString(),
    });
    expect(await verdictFor(ada, { channelId: id, at: new Date(start + 1).toISOString() })).toBe(sent);
    disconnect();
  });
});

describe('who says it', () => {
  it('is anybody, or a member', async () => {
    const { ada, bob, id } = await scene();
    const stranger = await somebody();
    expect(await verdictFor(ada, { channelId: id, authorId: bob.userId })).toBe(sent);
    for (const authorId of [stranger.userId, 'usr7vvvvv', id])
      expect(await refusalFor(ada, { channelId: id, authorId })).toEqual(['NOT_FOUND']);
    expect(await refusalFor(ada, { channelId: id, authorId: ada.userId })).toEqual(['BAD_USER_INPUT']);
    await bob.add(id, stranger.userId);
    expect(await verdictFor(ada, { channelId: id, authorId: stranger.userId })).toBe(sent);
    await bob.remove(id, stranger.userId);
    expect(await refusalFor(ada, { channelId: id, authorId: stranger.userId })).toEqual(['NOT_FOUND']);
  });

  it('is not heard when one has blocked them, and not told when they have blocked one', async () => {
    const { ada, bob, id } = await scene();
    await register(bob);
    await contactsOf(ada).block(bob.userId);
    expect(await verdictFor(ada, { channelId: id, authorId: bob.userId })).toBe(
      'SUPPRESSED by BLOCKED: BLOCKED',
    );
    expect(await verdictFor(ada, { channelId: id })).toBe(sent);
    expect(await verdictFor(bob, { channelId: id, authorId: ada.userId })).toBe(sent);
  });

  it('is the other one, where there are two', async () => {
    const { ada, bob } = await scene();
    const { id } = (await ada.openDirect(bob.userId)).channel;
    expect(await verdictFor(ada, { channelId: id })).toBe(sent);
    await contactsOf(ada).block(bob.userId);
    expect(await verdictFor(ada, { channelId: id })).toBe('SUPPRESSED by BLOCKED: BLOCKED');
  });
});

describe('what cannot be simulated', () => {
  it('is anything where one is not', async () => {
    const { ada, id } = await scene();
    const stranger = await somebody();
    for (const channelId of [id, 'chn7vvvvv', 'x'])
      expect(await simulate(stranger, { channelId })).toBeNull();
    await ada.leave(id);
    expect(await simulate(ada, { channelId: id })).toBeNull();
    expect((await world.anonymous.execute(document, { input: { channelId: id } })).errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ]);
  });

  it('is an answer to what one may not see, or what was said elsewhere', async () => {
    const { ada, bob, id } = await scene();
    const late = await somebody();
    const before = await send(bob, id);
    await bob.add(id, late.userId);
    const elsewhere = (await ada.createGroup([])).channel.id;
    expect(await refusalFor(late, { channelId: id, replyToId: before })).toEqual(['NOT_FOUND']);
    expect(await refusalFor(ada, { channelId: id, replyToId: await send(ada, elsewhere) })).toEqual([
      'NOT_FOUND',
    ]);
    expect(await refusalFor(ada, { channelId: id, replyToId: 'x' })).toEqual(['NOT_FOUND']);
    expect(await verdictFor(ada, { channelId: id, replyToId: before })).toBe(sent);
  });

  it('is a time that is more than a year away', async () => {
    const { ada, id } = await scene();
    for (const at of ['2031-01-03T12:00:00.001Z', '2028-12-30T12:00:00.000Z', '9999-01-01T00:00:00.000Z'])
      expect(await refusalFor(ada, { channelId: id, at })).toEqual(['BAD_USER_INPUT']);
    for (const at of ['2031-01-01T12:00:00.000Z', '2029-01-01T12:00:00.000Z'])
      expect(await verdictFor(ada, { channelId: id, at })).toBe(sent);
  });
});

describe('what a simulation costs', () => {
  it('is a handful of statements, however many devices and members there are', async () => {
    const { ada, bob, id } = await scene();
    const replyToId = await send(bob, id);
    const variables = { input: { channelId: id, authorId: bob.userId, replyToId } };
    const few = await statementsOf(ada, document, variables);
    expect(few.statements.length, many(few.statements)).toBeLessThanOrEqual(13);
    for (const _ of upTo(3)) await world.signIn(ada.handle);
    for (const _ of upTo(5)) await bob.add(id, (await somebody()).userId);
    const more = await statementsOf<{ simulateNotification: Simulated }>(ada, document, variables);
    expect(more.data.simulateNotification.devices).toHaveLength(4);
    expect(more.statements.length, many(more.statements)).toBeLessThanOrEqual(few.statements.length);
  });

  it('is counted: no operation has a hundred of them', async () => {
    const { ada, id } = await scene();
    const operation = (count: number) =>
      `{ ${upTo(count)
        .map((n) => `s${n}: simulateNotification(input: { channelId: "${id}" }) { at }`)
        .join(' ')} }`;
    expect((await ada.execute(operation(100))).errors).toMatchObject(
      upTo(100).map(() => ({ extensions: { code: 'QUERY_TOO_COMPLEX' } })),
    );
    expect((await ada.execute(operation(10))).errors).toBeUndefined();
  });
});
