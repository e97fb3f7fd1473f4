import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../../schema/ports/clock.manual.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import type { Person } from '../../../schema/test/world.ts';
import { talkerOf } from '../product/talker.ts';
import { openWorld, type World } from '../world.ts';
import { documents } from './documents.ts';
import {
  createTyping,
  createWriters,
  type HeldPresence,
  held,
  type Presence,
  shown,
  type TypingTold,
} from './people.ts';

// What the page for clients says of who is there and who writes, as it runs.

let clock: ManualClock;
let world: World;
beforeAll(async () => {
  clock = createManualClock(1_717_171_717_171);
  world = await openWorld({ clock });
});
afterAll(() => world.close());

/** Two in a channel, of whom one looks. */
async function pair() {
  const [me, they] = [await world.signUp(), await world.signUp()];
  const { channel } = await talkerOf(me).createGroup([they.userId]);
  return { me, they, channelId: channel.id };
}
const connect = ({ userId, viewer: { deviceId } }: Person) =>
  world.product.presence.connect({ userId, deviceId });
/** The clock of the device is a year wrong. */
const deviceNow = () => clock.now() - 31_536_000_000;

describe('who is there', () => {
  it('is held as told, turns to what nobody knows when nothing is heard any more, and is known again', async () => {
    const { me, they } = await pair();
    connect(they);
    await clock.advance(1_000);
    type Data = { readonly presence: { readonly user: { readonly presence: Presence | null } } };
    const stream = await me.subscribe<Data>(documents.presence, { userIds: [they.userId] });
    const device: { presence: HeldPresence | null } = { presence: null };
    const hear = async () => {
      const { value } = await stream.next();
      device.presence = held(device.presence, value?.data.presence.user.presence ?? null, deviceNow());
      return shown(device.presence, deviceNow());
    };
    expect(await hear()).toBe('ONLINE');
    // What has come by another way, and is older, changes nothing.
    const older: Presence = {
      state: 'OFFLINE',
      lastSeenAt: null,
      at: '2001-01-01T00:00:00.000Z',
      validUntil: '2001-01-01T00:01:30.000Z',
    };
    expect(held(device.presence, older, deviceNow())).toBe(device.presence);
    for (const _ of upTo(5)) {
      const renewed = hear();
      await clock.advance(60_000);
      expect(await renewed).toBe('ONLINE');
    }
    // The socket is lost, and nobody has said so.
    const ageMs = deviceNow() - (device.presence?.cameAt ?? 0);
    await clock.advance(89_000 - Math.ceil(ageMs));
    expect(shown(device.presence, deviceNow())).toBe('ONLINE');
    await clock.advance(2_000);
    expect(shown(device.presence, deviceNow())).toBe('UNKNOWN');
    expect(await hear()).toBe('ONLINE');
    await they.execute(documents.setActivity, { isIdle: true });
    await clock.advance(1_000);
    expect(await hear()).toBe('IDLE');
    await stream.return?.();
  });

  it('is nothing where it may not be seen', () => {
    expect(shown(held(null, null, 1), 1)).toBeNull();
  });
});

describe('who writes', () => {
  it('is shown as long as they do, at a handful of calls, and no longer than 6 s when their device is gone', async () => {
    const { me, they, channelId } = await pair();
    const stream = await me.subscribe<{ typing: TypingTold }>(documents.typing, { channelIds: [channelId] });
    const screen = createWriters(deviceNow);
    const calls: boolean[] = [];
    const saying: Promise<unknown>[] = [];
    const field = createTyping((isTyping) => {
      calls.push(isTyping);
      saying.push(they.execute(documents.setTyping, { channelId, isTyping }));
    }, deviceNow);
    const settle = async () => {
      await Promise.all(saying.splice(0));
      while (heard < calls.length) {
        screen.onTyping((await stream.next()).value?.data.typing as TypingTold);
        heard += 1;
      }
    };
    let heard = 0;
    for (const _ of upTo(100)) {
      field.onKey();
      await settle();
      expect(screen.writers()).toEqual([they.userId]);
      await clock.advance(100);
    }
    expect(calls).toEqual([true, true, true, true]);
    await clock.advance(5_900);
    expect(screen.writers()).toEqual([]);
    // Taken back; and sent.
    field.onKey();
    await settle();
    field.onStop();
    field.onStop();
    await settle();
    expect([screen.writers(), calls.slice(4)]).toEqual([[], [true, false]]);
    field.onKey();
    await settle();
    expect(screen.writers()).toEqual([they.userId]);
    field.onSent();
    screen.onMessageSent(they.userId);
    expect(screen.writers()).toEqual([]);
    field.onKey();
    expect(calls.slice(6)).toEqual([true, true]);
    await settle();
    await stream.return?.();
  });
});
