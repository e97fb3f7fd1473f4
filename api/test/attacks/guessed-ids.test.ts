import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../../schema/test/world.ts';
import { openWorld, type World } from '../world.ts';
import { type Cast, createCast, type Scene } from './matrix/cast.ts';
import type { Place } from './matrix/section.ts';
import { type Slot, slotsFor } from './slots.ts';

// Wherever the schema takes an id, what one may not see looks as if it did not exist: the same answer, after the same work.

let world: World;
let place: Place;
/** What the asker has nothing to do with: the scene of other people. */
let foreign: { readonly cast: Cast; readonly scene: Scene };
let slots: Slot[];
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
  const [ours, theirs] = [await createCast(world), await createCast(world)];
  foreign = { cast: theirs, scene: await theirs.openScene('eventful') };
  place = { cast: ours, scene: await ours.openScene('eventful'), role: 'OWNER' };
  slots = slotsFor(place).filter(({ type }) => String(type) === 'ID');
  // What makes something makes it once: the second time it is there.
  for (const slot of slots) await ask(slot, 'chn7vvvvv');
});
afterAll(() => world.close());

/** Pairs of ids that nobody may tell apart: of something that is there, and of nothing. */
function pairs() {
  const { scene, cast } = foreign;
  const messageOf = (channelId: string, seq: string) => `msg${channelId.slice(3)}.${seq.padStart(11, '0')}`;
  return [
    ['a group', scene.channelId, 'chn7vvvvv'],
    ['a direct channel', scene.directId, 'chn7vvvvu'],
    ['a message', scene.messageId, messageOf(scene.channelId, 'vvvv')],
    ['a message', scene.messageId, 'msg7vvvvv.00000000001'],
    [
      'an event of its channel that is no message',
      messageOf(scene.channelId, '1'),
      messageOf(scene.channelId, 'vvvv'),
    ],
    ['a deleted message', scene.deletedId, messageOf(scene.channelId, 'vvvv')],
    ['a member', scene.memberId, 'mbr7vvvvv'],
    ['a device', cast.guest.session.device.id, 'dev7vvvvv'],
    ['a viewer', `viw${cast.guest.userId.slice(3)}`, 'viw7vvvvv'],
    ['the state of another viewer', `vst${scene.memberId.slice(3)}`, 'vst7vvvvv'],
    ['what another viewer may do', `cab${scene.channelId.slice(3)}`, 'cab7vvvvv'],
    ['the settings of another viewer', `set${cast.guest.userId.slice(3)}`, 'set7vvvvv'],
    ['what a viewer may do with a person', `uab${cast.guest.userId.slice(3)}`, 'uab7vvvvv'],
    ['a session', 'ses1', 'ses7vvvvv'],
  ] as const;
}

/** The answer, with the id that was asked for taken out, and how many statements it took. */
async function ask({ document, variables }: Slot, id: string): Promise<{ text: string; statements: number }> {
  const asker = place.cast.asker(place.role);
  const spy = vi.spyOn(pg.Client.prototype, 'query');
  try {
    const answer = document.startsWith('subscription')
      ? await subscribed(document, variables(id))
      : await asker.execute(document, variables(id));
    const text = JSON.stringify(answer).replaceAll(id, '(the id)');
    const texts = spy.mock.calls.map(([query]: unknown[]) => (typeof query === 'string' ? query : ''));
    return { text, statements: texts.filter((one) => !one.startsWith('SET ')).length };
  } finally {
    spy.mockRestore();
  }
}

/** Connections are opened and feeds are read beside it: the smallest number is that of the question. */
async function askThrice(slot: Slot, id: string) {
  const asked = [await ask(slot, id), await ask(slot, id), await ask(slot, id)];
  const text = [...new Set(asked.map((one) => one.text))].join(' or ');
  return { text, statements: Math.min(...asked.map(({ statements }) => statements)) };
}

async function subscribed(
  document: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<Answer<unknown>> {
  try {
    const stream = await place.cast.asker(place.role).subscribe(document, variables);
    await stream.return?.();
    return { data: 'It opened.' };
  } catch (error) {
    return JSON.parse(JSON.stringify({ data: null, errors: [error] }));
  }
}

/** Who there is may be known, so an id of a person is not among the pairs; whose own it is they need not know. */
describe('A2: a guessed id', () => {
  it('is tried wherever the schema takes one', () => {
    const places = slots.map(({ at }) => at);
    for (const one of [
      'Query.node(id)',
      'Query.nodes(ids.0)',
      'Mutation.sendMessage(input.replyToId)',
      'Channel.messagesAround(place.messageId)',
      'Mutation.requestContact(input.userId)',
      'Mutation.blockUser(input.userId)',
    ])
      expect(places).toContain(one);
    expect(places.length).toBeGreaterThanOrEqual(25);
  });

  it('finds the same nothing, and costs the same, whether or not there is something', async () => {
    const differences: string[] = [];
    for (const slot of slots) {
      for (const [what, there, nowhere] of pairs()) {
        const [forbidden, missing] = [await askThrice(slot, there), await askThrice(slot, nowhere)];
        if (forbidden.text !== missing.text)
          differences.push(`${slot.at} tells ${what} (${there}): ${forbidden.text} and not ${missing.text}`);
        if (forbidden.statements !== missing.statements)
          differences.push(
            `${slot.at} takes ${forbidden.statements} statements for ${what} (${there}), ${missing.statements} for none`,
          );
      }
    }
    expect(differences).toEqual([]);
  }, 120_000);
});
