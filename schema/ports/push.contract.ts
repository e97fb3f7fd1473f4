import { describe, expect, it } from 'vitest';
import { channelIdOf, messageIdOf } from '../ids.ts';
import type { Push, PushAnswer, PushContent, PushNote, PushTarget } from './push.ts';

/** What the service does from now on. `busy` asks to be left alone for seven seconds; the last three are about how it answers. */
export type PushBehaviour =
  | 'takes it'
  | 'does not know the device any more'
  | 'finds it too long'
  | 'refuses it'
  | 'is busy'
  | 'is broken'
  | 'hangs up'
  | 'never answers'
  | 'answers one byte in a second'
  | 'answers without end';

export type PushWorld = {
  readonly push: Push;
  /** A device that the service knows, a new one each time. */
  newTarget(): PushTarget;
  behave(behaviour: PushBehaviour): void;
  /** What the service was sent for a device: as its bytes left, and as the device reads it. */
  received(target: PushTarget): readonly { readonly bytes: number; readonly text: string }[];
  /** How many requests the service has seen, and how many connections to it are open. */
  requests(): number;
  openConnections(): number;
  /** Lets this much time pass, for the driver. */
  pass(ms: number): Promise<void>;
  /** Everything that was logged, printed or warned of since the world was opened. */
  logged(): string;
  close(): Promise<void>;
};
type In = <T>(test: (world: PushWorld) => Promise<T>) => () => Promise<T>;

const channelId = channelIdOf(7n);
const maxBytes = 4_096;
const mostMs = 10_000;

export const pushNote = (content: PushContent): PushNote & { kind: 'message' } => ({
  ...{ kind: 'message', channelId, messageId: messageIdOf(channelId, 12), seq: 12, number: 9, count: 2 },
  ...{ content, badge: 5 },
});
const full = (text: string, names = { authorName: 'Ada', channelName: null as string | null }) =>
  pushNote({ preview: 'FULL', ...names, text });
const hello = full('Hello, Bob.');

/** What every driver of Push promises. */
export function pushContract(name: string, openWorld: () => Promise<PushWorld>): void {
  const inWorld: In = (test) => async () => {
    const world = await openWorld();
    try {
      return await test(world);
    } finally {
      await world.close();
    }
  };
  describe(`push: ${name}`, () => {
    answering(inWorld);
    waiting(inWorld);
    sending(inWorld);
    closing(inWorld);
  });
}

function answering(inWorld: In): void {
  const expected: readonly [PushBehaviour, Partial<PushAnswer>][] = [
    ['takes it', { outcome: 'accepted', reason: null }],
    ['does not know the device any more', { outcome: 'gone' }],
    ['finds it too long', { outcome: 'refused' }],
    ['refuses it', { outcome: 'refused' }],
    ['is busy', { outcome: 'later', retryAfterMs: 7_000 }],
    ['is broken', { outcome: 'later' }],
    ['hangs up', { outcome: 'later', status: null }],
  ];
  it.for(expected)('says what became of a note when the service %s', ([behaviour, answer]) =>
    inWorld(async ({ push, newTarget, behave }) => {
      behave(behaviour);
      const given = await push.send(newTarget(), hello);
      expect(given).toMatchObject(answer);
      if (given.outcome !== 'accepted') expect(given.reason).toMatch(/^[A-Z][\w ,.'-]{2,99}$/i);
    })(),
  );

  it(
    'sends again what was answered with later, and is heard',
    inWorld(async ({ push, newTarget, behave }) => {
      const target = newTarget();
      behave('is broken');
      expect(await push.send(target, hello)).toMatchObject({ outcome: 'later' });
      behave('takes it');
      expect(await push.send(target, hello)).toMatchObject({ outcome: 'accepted' });
    }),
  );
}

function waiting(inWorld: In): void {
  const slow = ['never answers', 'answers one byte in a second'] as const;
  it.for(slow)('answers within ten seconds when the service %s', (behaviour) =>
    inWorld(async ({ push, newTarget, behave, requests, pass }) => {
      behave(behaviour);
      let answer: PushAnswer | undefined;
      const sending = push.send(newTarget(), hello).then((given) => {
        answer = given;
      });
      await expect.poll(requests).toBe(1);
      await pass(mostMs - 1_000);
      expect(answer).toBeUndefined();
      await pass(1_000);
      await sending;
      expect(answer).toMatchObject({ outcome: 'later', status: null });
    })(),
  );

  it(
    'does not read an answer without end, and keeps what its status said',
    inWorld(async ({ push, newTarget, behave }) => {
      behave('answers without end');
      expect(await push.send(newTarget(), hello)).toMatchObject({ outcome: 'later', status: 500 });
    }),
  );

  it(
    'is not held up by devices whose service is silent',
    inWorld(async ({ push, newTarget, behave, requests, pass }) => {
      behave('never answers');
      const held = Array.from({ length: 3 }, () => push.send(newTarget(), hello));
      await expect.poll(requests).toBe(3);
      behave('takes it');
      expect(await push.send(newTarget(), hello)).toMatchObject({ outcome: 'accepted' });
      await pass(mostMs);
      for (const answer of await Promise.all(held)) expect(answer).toMatchObject({ outcome: 'later' });
    }),
  );
}

function sending(inWorld: In): void {
  it(
    'says all of it to the device',
    inWorld(async ({ push, newTarget, received }) => {
      const target = newTarget();
      await push.send(target, full('Hello, Bob.', { authorName: 'Ada', channelName: 'Engines' }));
      const [first] = received(target);
      for (const part of ['Hello, Bob.', 'Ada', 'Engines', channelId, '5'])
        expect(first?.text).toContain(part);
      expect(received(newTarget())).toEqual([]);
    }),
  );

  it(
    'says nothing of a text or of its author where that is not wanted',
    inWorld(async ({ push, newTarget, received }) => {
      const target = newTarget();
      await push.send(target, pushNote({ preview: 'SENDER', authorName: 'Ada', channelName: null }));
      await push.send(target, pushNote({ preview: 'NOTHING' }));
      await push.send(target, { kind: 'clear', channelId, number: 9, badge: 0 });
      await push.send(target, { kind: 'test' });
      const [bySender, ...silent] = received(target).map(({ text }) => text);
      expect(bySender).toContain('Ada');
      expect(silent).toHaveLength(3);
      expect(silent.join()).not.toContain('Ada');
    }),
  );

  const texts: readonly [string, string][] = [
    ['plain letters', 'x'.repeat(16_384)],
    ['letters of two bytes', 'ж'.repeat(8_192)],
    ['faces of several parts', '👩‍👩‍👧‍👦'.repeat(655)],
    ['flags', '🇮🇸🇰🇷'.repeat(1_024)],
    ['halves of pairs', '\ud800'.repeat(16_384)],
    ['what JSON escapes', '"\\\u0000\n'.repeat(4_096)],
    ['one letter with a thousand marks', `a${'\u0301'.repeat(8_000)}`],
  ];
  it.for(texts)('lets at most 4 KB leave, of a text, a name and a channel full of %s', ([, text]) =>
    inWorld(async ({ push, newTarget, received }) => {
      const target = newTarget();
      const notes = [full(text), full('Hello', { authorName: text, channelName: text })];
      for (const note of [...notes, full(text, { authorName: text, channelName: text })])
        expect(await push.send(target, note)).toMatchObject({ outcome: 'accepted' });
      expect(received(target)).toHaveLength(3);
      for (const { bytes } of received(target)) expect(bytes).toBeLessThanOrEqual(maxBytes);
      expect(received(target)[1]?.text).toContain('Hello');
    })(),
  );

  it(
    'logs nothing, whatever happens',
    inWorld(async ({ push, newTarget, behave, logged }) => {
      for (const behaviour of ['takes it', 'refuses it', 'is broken', 'hangs up', 'is busy'] as const) {
        behave(behaviour);
        await push.send(newTarget(), hello);
      }
      expect(logged()).toBe('');
    }),
  );
}

function closing(inWorld: In): void {
  it(
    'waits at its close for what is being sent, then closes all connections',
    inWorld(async ({ push, newTarget, behave, requests, openConnections, pass }) => {
      // Two at once, so that one connection is idle when the other waits.
      await Promise.all([push.send(newTarget(), hello), push.send(newTarget(), hello)]);
      expect(openConnections()).toBeGreaterThan(0);
      behave('never answers');
      let isClosed = false;
      const sending = push.send(newTarget(), hello);
      await expect.poll(requests).toBe(3);
      const closing = push.close().then(() => {
        isClosed = true;
      });
      await pass(mostMs - 1_000);
      expect(isClosed).toBe(false);
      await pass(1_000);
      expect(await sending).toMatchObject({ outcome: 'later' });
      await closing;
      await expect.poll(openConnections).toBe(0);
    }),
  );
}
