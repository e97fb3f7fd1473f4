import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../ports/clock.ts';
import { openWorld, type World } from '../test/world.ts';
import { checkDevice } from './device.policy.ts';

const device = `query ($id: ID!) {
  node(id: $id) { ... on Device { id label platform isCurrent createdAt lastActiveAt } }
}`;

describe('a device', () => {
  let world: World;
  let now: number;
  beforeEach(async () => {
    now = Date.parse('2026-01-01T00:00:00.000Z');
    world = await openWorld({ clock: { ...systemClock, now: () => now } });
  });
  afterEach(() => world.close());

  it('keeps its place over sign-ins, and says what it is now', async () => {
    const ada = await world.signUp('ada');
    const { id } = ada.session.device;
    now += 60_000;
    const again = await world.signIn('ada', { id, label: '  The kitchen tablet ' });
    expect(await again.execute(device, { id })).toEqual({
      data: {
        node: {
          id,
          label: 'The kitchen tablet',
          platform: 'IOS',
          isCurrent: true,
          createdAt: '2026-01-01T00:00:00.000Z',
          lastActiveAt: '2026-01-01T00:01:00.000Z',
        },
      },
    });
  });

  it('is seen by its owner on every device, and by nobody else', async () => {
    const [ada, bob] = [await world.signUp('ada'), await world.signUp('bob')];
    const phone = await world.signIn('ada');
    const { id } = ada.session.device;
    expect(await phone.execute(device, { id })).toMatchObject({ data: { node: { id, isCurrent: false } } });
    expect(await bob.execute(device, { id })).toEqual({ data: { node: null } });
  });

  it('is active when its session is refreshed', async () => {
    const ada = await world.signUp('ada');
    now += 60_000;
    const refresh = `mutation ($refreshToken: String!) {
      refreshSession(input: { refreshToken: $refreshToken }) { __typename }
    }`;
    await ada.execute(refresh, { refreshToken: ada.session.refreshToken });
    expect(await ada.execute(device, { id: ada.session.device.id })).toMatchObject({
      data: { node: { createdAt: '2026-01-01T00:00:00.000Z', lastActiveAt: '2026-01-01T00:01:00.000Z' } },
    });
  });
});

describe('a label', () => {
  it.for([
    ['Firefox on the laptop', undefined],
    ['x'.repeat(64), undefined],
    ['', 'EMPTY'],
    ['   ', 'EMPTY'],
    ['x'.repeat(65), 'TOO_LONG'],
    ['two\nlines', 'MALFORMED'],
    ['nothing\u0000', 'MALFORMED'],
  ] as const)('%j: %s', ([label, code]) => {
    expect(checkDevice({ label })?.code).toBe(code);
    if (code) expect(checkDevice({ label })?.field).toEqual(['device', 'label']);
  });
});
