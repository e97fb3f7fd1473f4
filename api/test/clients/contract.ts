import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { read } from '../client/ask.ts';
import { serverOfAll } from '../e2e/running.ts';
import { doOverHttp, mutations } from '../e2e/talk.ts';
import type { OpenChat } from './chat.ts';
import { type AtEnd, openClientWorld } from './client-world.ts';

/** The shortest that the setting allows. */
const tokenSeconds = 10;
/** Far more than any of this takes; all of it runs at once, as most of it is waiting. */
const patienceMs = 120_000;

type Options = {
  /** Without what it needs no server is started; its tests are skipped. */
  readonly isThere?: boolean;
  /** Over a socket a client asks whether anybody is there, and is told why it is closed. */
  readonly hasSocket?: boolean;
};
const noServer = () => () => {
  throw new Error('No server was started.');
};

/** What every stock client can do with the lines that docs/clients.md gives for it. */
export function chatContract(
  name: string,
  openChat: OpenChat,
  { isThere = true, hasSocket = true }: Options = {},
): void {
  const openServer = isThere ? serverOfAll : noServer;
  describe.concurrent(name, { timeout: patienceMs }, () => {
    const server = openServer();
    const world = (onTestFinished: AtEnd) => openClientWorld(onTestFinished, server(), openChat);

    it('signs in, and lists the channels of its person', async ({ expect, onTestFinished }) => {
      const { chat, channelId, sendAsBob } = await world(onTestFinished);
      await sendAsBob('hello');
      expect(await (await chat()).channels()).toMatchObject([
        { id: channelId, name: 'Two', lastMessage: { number: 1, text: 'hello' } },
      ]);
    });

    it('reads a refused sign-in as data', async ({ expect, onTestFinished }) => {
      const { chat } = await world(onTestFinished);
      await expect(chat({ password: 'not this one' })).rejects.toThrow(
        'The handle or the password is wrong.',
      );
    });

    it('reads a refused message as data', async ({ expect, onTestFinished }) => {
      const { chat, channelId, bob, ann, httpUrl } = await world(onTestFinished);
      const { send } = await chat();
      await doOverHttp(httpUrl, bob, mutations.removeMember({ channelId, userId: ann.userId }));
      expect(await send({ channelId, text: 'Am I in?', nonce: randomUUID() })).toMatchObject({
        __typename: 'Denied',
        code: expect.stringMatching(/^NOT_(FOUND|A_MEMBER)$/),
      });
    });

    it('sends a message once, though the first answer was lost', async ({ expect, onTestFinished }) => {
      const { chat, channelId, loseNextAnswer, texts } = await world(onTestFinished);
      const { send } = await chat();
      const lost = loseNextAnswer();
      const sent = await send({ channelId, text: 'once', nonce: randomUUID() });
      await lost;
      expect(sent).toMatchObject({ deduplicated: true, message: { number: 1, text: 'once' } });
      await send({ channelId, text: 'twice', nonce: randomUUID() });
      await expect.poll(texts).toEqual(['once', 'twice']);
    });

    it('loses its socket while all are talking, and has every message once and in order', async ({
      expect,
      onTestFinished,
    }) => {
      const { httpUrl, bob, chat, channelId, cutAt, events, sendAsBob, texts } = await world(onTestFinished);
      const { send } = await chat();
      const everybodySends = async (round: number) => {
        const own = `ann ${round}`;
        const sent = send({ channelId, text: own, nonce: own });
        for (let nth = 1; nth <= 10; nth += 1) await sendAsBob(`bob ${round}, ${nth}`);
        await sent;
      };
      // Each time with five events since all was there, in the middle of what they say.
      for (const round of [1, 2, 3]) {
        const cut = cutAt([events().length + 5]);
        await Promise.all([everybodySends(round), cut]);
        await expect.poll(() => texts().length, { timeout: 40_000 }).toBeGreaterThanOrEqual(round * 11);
      }
      const query =
        'query ($id: ID!) { channel(id: $id) { messages(first: 100) { edges { node { number text } } } } }';
      type Page = { channel: { messages: { edges: { node: { number: number; text: string } }[] } } };
      const variables = { id: channelId };
      const token = bob.session.accessToken;
      const page = (await read<Page>(httpUrl, { query, variables, token })).channel.messages.edges;
      expect(page.map(({ node }) => node.number)).toEqual(Array.from({ length: 33 }, (_, nth) => nth + 1));
      expect(texts()).toEqual(page.map(({ node }) => node.text));
      const ids = events().map(({ eventId }) => eventId);
      expect(new Set(ids).size).toBe(ids.length);
    });

    if (hasSocket)
      it('notices by itself that nobody answers any more', async ({ expect, onTestFinished }) => {
        const { chat, deafen, sendAsBob, texts } = await world(onTestFinished);
        await chat({ keepAliveMs: 400 });
        await sendAsBob('before');
        await expect.poll(texts).toEqual(['before']);
        deafen();
        await sendAsBob('into the void');
        await expect.poll(texts, { timeout: 40_000 }).toEqual(['before', 'into the void']);
      });

    it('does not come back when its session has been ended from elsewhere', async ({
      expect,
      onTestFinished,
    }) => {
      const { chat, signInOn } = await world(onTestFinished);
      const { deviceId, closeCodes, signedOut } = await chat();
      await signInOn(deviceId); // that ends the session which was there
      await signedOut;
      if (hasSocket) expect(closeCodes()).toContain(4401);
    });
  });

  describe.concurrent(`${name}, when tokens live for ${tokenSeconds} seconds`, {
    timeout: patienceMs,
  }, () => {
    const server = openServer({ ACCESS_TOKEN_SECONDS: String(tokenSeconds) });
    const untilExpired = () => pause((tokenSeconds + 1) * 1_000);

    it('renews its token in time, and the socket lives on', async ({ expect, onTestFinished }) => {
      const { chat, sendAsBob, texts } = await openClientWorld(onTestFinished, server(), openChat);
      const { closeCodes } = await chat();
      await untilExpired();
      await sendAsBob('still here');
      await expect.poll(texts).toEqual(['still here']);
      expect(closeCodes()).toEqual([]);
    });

    it('gets a new token when it comes back with an expired one', async ({ expect, onTestFinished }) => {
      const { chat, network, sendAsBob, texts } = await openClientWorld(onTestFinished, server(), openChat);
      const { comeBackNow } = await chat();
      network('down');
      await untilExpired();
      await sendAsBob('while away');
      network('up');
      comeBackNow();
      await expect.poll(texts, { timeout: 40_000 }).toEqual(['while away']);
      await sendAsBob('after');
      await expect.poll(texts).toEqual(['while away', 'after']);
    });
  });
}
