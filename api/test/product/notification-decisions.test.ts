import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notificationReasons } from '../../../schema/notification/notification.policy.ts';
import { createManualClock, type ManualClock } from '../../../schema/ports/clock.manual.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import type { Person } from '../../../schema/test/world.ts';
import { documents } from '../clients/documents.ts';
import { openWorld, type World } from '../world.ts';
import { decisionFields, type Kept, keepDecision, type ShownDecision } from './keep-decision.ts';
import { type List, many, statementsOf } from './statements-of.ts';
import { type Talker, talkerOf } from './talker.ts';

let world: World;
let clock: ManualClock;
beforeAll(async () => {
  // Time stands still: nothing that is done now and then sends statements of its own.
  clock = createManualClock(Date.UTC(2030, 0, 1));
  world = await openWorld({ log: 'postgres', clock });
});
afterAll(() => world.close());

type Actor = Talker & { readonly device: string };
const actorOf = (person: Person): Actor => ({ ...talkerOf(person), device: person.session.device.id });

/** Bob writes in a group to Ada, who has two devices, and to Lou. */
async function scene() {
  const ofAda = await world.signUp();
  const [ada, phone] = [actorOf(ofAda), actorOf(await world.signIn(ofAda.handle))];
  const [bob, lou] = [actorOf(await world.signUp()), actorOf(await world.signUp())];
  const { id } = (await bob.createGroup([ada.userId, lou.userId])).channel;
  const { message } = await bob.send(id, 'Are you there?');
  const keep = (who: Actor, more: Partial<Kept> = {}) =>
    keepDecision(world, { messageId: message.id, userId: who.userId, deviceId: who.device, ...more });
  return { ada, phone, bob, lou, id, messageId: message.id, keep };
}

const query = `query ($id: ID!) { message(id: $id) { id ${decisionFields} } }`;
async function decisionFor(who: Talker, messageId: string) {
  type Shown = { message: { notificationDecision: ShownDecision | null } | null };
  const { message } = await who.query<Shown>(query, { id: messageId });
  return message?.notificationDecision;
}

describe('why a device was told of a message, or was not', () => {
  it('is asked for as the page for clients has it', async () => {
    const { ada, messageId, keep } = await scene();
    await keep(ada);
    expect(await ada.query(documents.whyNotified, { messageId })).toMatchObject({
      message: {
        notificationDecision: { devices: [{ device: { label: 'A browser' }, decidedBy: 'BLOCKED' }] },
      },
    });
  });

  it('is told with every rule that was asked, in words, and by which it was decided', async () => {
    const { ada, messageId, keep } = await scene();
    await keep(ada);
    expect(await decisionFor(ada, messageId)).toEqual({
      id: `ndc${messageId.slice(3)}`,
      message: { id: messageId },
      devices: [
        {
          id: `ddc${ada.device.slice(3)}.${messageId.slice(3)}`,
          deviceId: ada.device,
          device: { id: ada.device },
          outcome: 'SUPPRESSED',
          decidedBy: 'BLOCKED',
          trace: [
            {
              rule: 'SENDER',
              result: 'PASSES',
              because: 'BY_SOMEBODY_ELSE',
              explanation: notificationReasons.BY_SOMEBODY_ELSE,
            },
            {
              rule: 'BLOCKED',
              result: 'STOPS',
              because: 'BLOCKED',
              explanation: notificationReasons.BLOCKED,
            },
          ],
          answer: null,
          decidedAt: '2030-01-01T00:00:00.000Z',
        },
      ],
    });
  });

  it('is told of each device, with what its push service answered', async () => {
    const { ada, phone, messageId, keep } = await scene();
    const at = clock.now();
    const given = { outcome: 'accepted', status: 201, reason: null, at };
    await keep(ada, { outcome: 'SENT', answer: given });
    const busy = { outcome: 'later', status: 429, reason: 'Too Many Requests', at };
    await keep(phone, { outcome: 'POSTPONED', answer: busy });
    const shown = await decisionFor(ada, messageId);
    expect(shown?.devices.map(({ deviceId, outcome, answer }) => ({ deviceId, outcome, answer }))).toEqual([
      {
        deviceId: ada.device,
        outcome: 'SENT',
        answer: { outcome: 'ACCEPTED', status: 201, reason: null, at: '2030-01-01T00:00:00.000Z' },
      },
      {
        deviceId: phone.device,
        outcome: 'POSTPONED',
        answer: {
          outcome: 'LATER',
          status: 429,
          reason: 'Too Many Requests',
          at: '2030-01-01T00:00:00.000Z',
        },
      },
    ]);
    expect(await decisionFor(phone, messageId)).toEqual(shown);
  });

  it('is still told when the device is gone', async () => {
    const { ada, messageId, keep } = await scene();
    await keep(ada, { deviceId: 'devvvvvv' });
    expect(await decisionFor(ada, messageId)).toMatchObject({
      devices: [{ deviceId: 'devvvvvv', device: null, outcome: 'SUPPRESSED' }],
    });
  });

  it('is nobody’s who was not asked about, and of no message that nobody was', async () => {
    const { ada, bob, lou, messageId, keep } = await scene();
    await keep(ada);
    expect(await decisionFor(bob, messageId)).toBeNull();
    expect(await decisionFor(lou, messageId)).toBeNull();
    await keep(lou, { outcome: 'FAILED' });
    expect(await decisionFor(lou, messageId)).toMatchObject({
      devices: [{ deviceId: lou.device, outcome: 'FAILED' }],
    });
    expect(await decisionFor(ada, messageId)).toMatchObject({ devices: [{ deviceId: ada.device }] });
  });

  it('is forgotten after 30 days', async () => {
    const { ada, phone, messageId, keep } = await scene();
    const day = 24 * 60 * 60 * 1_000;
    await keep(ada, { decidedAt: clock.now() - 30 * day });
    expect(await decisionFor(ada, messageId)).toBeNull();
    await keep(phone, { decidedAt: clock.now() - 30 * day + 1 });
    expect(await decisionFor(ada, messageId)).toMatchObject({ devices: [{ deviceId: phone.device }] });
  });

  it('is told as long as one sees the message, and not to who has left', async () => {
    const { ada, id, keep } = await scene();
    const { message } = await ada.send(id, 'Now I am', 'mine');
    await keep(ada, { messageId: message.id });
    const again = `mutation { result: sendMessage(input: { channelId: "${id}", text: "Now I am", nonce: "mine" }) {
      ... on SendMessagePayload { message { id ${decisionFields} } } } }`;
    type Sent = { result: { message: { id: string; notificationDecision: object | null } } };
    const before = (await ada.query<Sent>(again)).result.message;
    expect(before).toMatchObject({ id: message.id, notificationDecision: { devices: [{}] } });
    await ada.leave(id);
    const after = (await ada.query<Sent>(again)).result.message;
    expect(after).toEqual({ id: message.id, notificationDecision: null });
  });

  it('does not hang on what another release kept: it says what it does not know', async () => {
    const { ada, phone, messageId, keep } = await scene();
    await keep(ada, {
      trace: [
        ['SENDER', 'PASSES', 'BY_SOMEBODY_ELSE'],
        ['WEATHER', 'STOPS', 'RAIN'],
      ],
    });
    await keep(phone, { outcome: 'SENT', trace: {}, answer: { outcome: 'eaten' } });
    const shown = await decisionFor(ada, messageId);
    expect(shown?.devices[0]).toMatchObject({
      decidedBy: 'OTHER',
      trace: [
        { rule: 'SENDER', because: 'BY_SOMEBODY_ELSE' },
        {
          rule: 'OTHER',
          result: 'STOPS',
          because: 'OTHER',
          explanation: expect.stringMatching(/WEATHER.*RAIN/),
        },
      ],
    });
    expect(shown?.devices[1]).toMatchObject({
      decidedBy: 'OTHER',
      trace: [{ rule: 'OTHER', result: 'PASSES', because: 'OTHER' }],
      answer: { outcome: 'OTHER', status: null, reason: null, at: shown?.devices[1]?.decidedAt },
    });
  });

  it('costs one statement for a page of 50 messages', async () => {
    const { ada, phone, bob, id, keep } = await scene();
    for (const n of upTo(50)) {
      const { message } = await bob.send(id, `Message ${n}`);
      for (const who of [ada, phone]) await keep(who, { userId: ada.userId, messageId: message.id });
    }
    const page = (more: string) =>
      `query ($id: ID!) { channel(id: $id) { messages(last: 50) { edges { node { id ${more} } } } } }`;
    const without = await statementsOf(ada, page(''), { id });
    // The devices are read together as well, where it is asked for more than their ids.
    const fields = decisionFields.replace('device { id }', '');
    type Shown = { channel: { messages: List<{ notificationDecision: ShownDecision }> } };
    const { data, statements } = await statementsOf<Shown>(ada, page(fields), { id });
    const { edges } = data.channel.messages;
    expect(edges.map(({ node }) => node.notificationDecision.devices.length)).toEqual(upTo(50).map(() => 2));
    expect(statements.length, many(statements)).toBe(without.statements.length + 1);
    const withDevices = await statementsOf(ada, page(decisionFields), { id });
    expect(withDevices.statements.length, many(withDevices.statements)).toBe(without.statements.length + 2);
  });
});
