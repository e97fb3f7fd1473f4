import { Transform } from 'node:stream';
import type { TestContext } from 'vitest';
import type { ServerProcess } from '../../../bench/server-process.ts';
import { read } from '../client/ask.ts';
import { createGroup, password, signIn, signUp } from '../client/people.ts';
import { type Link, openTcpProxy } from '../client/tcp-proxy.ts';
import { doOverHttp, mutations, type Sent } from '../e2e/talk.ts';
import type { Chat, ChatOptions } from './chat.ts';
import type { ChatEvent } from './documents.ts';

/** Vitest's own, of one test: of several that run at once, each closes what is its own. */
export type AtEnd = TestContext['onTestFinished'];

let worlds = 0;

/**
 * Ann, who has the client that is looked at and a bad network, and Bob, who has a good one, in a channel of two. All of it
 * is closed at the end of the test.
 */
export async function openClientWorld<Opened extends Chat>(
  atEnd: AtEnd,
  { httpUrl, port }: ServerProcess,
  openChat: (options: ChatOptions) => Promise<Opened>,
) {
  worlds += 1;
  const nth = worlds;
  const [ann, bob] = [await signUp(httpUrl, `ann.${nth}`), await signUp(httpUrl, `bob.${nth}`)];
  const channelId = await createGroup(httpUrl, bob, { name: 'Two', members: [ann] });
  const { close, ...network } = await openBadNetwork(port);
  atEnd(close);
  const events: ChatEvent[] = [];

  const chat = async (options: Partial<ChatOptions> = {}) => {
    const opened = await openChat({
      httpUrl: `http://127.0.0.1:${network.port}/graphql`,
      socketUrl: `ws://127.0.0.1:${network.port}/graphql`,
      handle: ann.handle,
      password,
      onEvent: (event) => {
        events.push(event);
        network.heardOf(events.length);
      },
      ...options,
    });
    atEnd(() => opened.close());
    return opened;
  };
  return {
    ...network,
    httpUrl,
    ann,
    bob,
    channelId,
    chat,
    events: () => events,
    texts: () => events.flatMap(({ message }) => message?.text ?? []),
    /** With a token of now: those of the beginning may have expired. */
    async sendAsBob(text: string) {
      const isFresh = Date.parse(bob.session.accessTokenExpiresAt) > Date.now() + 5_000;
      const sender = isFresh ? bob : await signIn(httpUrl, bob.handle);
      const { message } = await doOverHttp<Sent>(
        httpUrl,
        sender,
        mutations.sendMessage({ channelId, text, nonce: text }),
      );
      return message;
    },
    async signInOn(deviceId: string) {
      const query = 'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }';
      const device = { id: deviceId, label: 'The same', platform: 'WEB' };
      await read(httpUrl, { query, variables: { input: { handle: ann.handle, password, device } } });
    },
  };
}

/** A network that loses connections, answers, or everything. */
async function openBadNetwork(targetPort: number) {
  let isDown = false;
  let onLost: (() => void) | undefined;
  let onHeard: (count: number) => void = () => undefined;
  const cut = (links: readonly Link[]) => {
    for (const link of links) link.cut();
  };
  const losing = () =>
    new Transform({
      transform(chunk, _encoding, done) {
        if (!onLost || !String(chunk).includes('deduplicated')) return done(null, chunk);
        onLost();
        onLost = undefined;
        cut(proxy.links());
        done();
      },
    });
  const proxy = await openTcpProxy({
    targetPort,
    rewrite: losing,
    onLink: (link) => {
      if (isDown) link.cut();
    },
  });
  return {
    port: proxy.port,
    close: proxy.close,
    heardOf: (count: number) => onHeard(count),
    network(state: 'up' | 'down') {
      isDown = state === 'down';
      if (isDown) cut(proxy.links());
    },
    /** Nothing that the server says on the connections of now arrives any more. */
    deafen() {
      for (const link of proxy.links()) link.deafen();
    },
    /** The next answer to `sendMessage` gets lost, and all connections with it. Resolves when that has happened. */
    loseNextAnswer: () =>
      new Promise<void>((resolve) => {
        onLost = resolve;
      }),
    /** Cuts all connections when so many events have come. Resolves after the last cut. */
    cutAt: (counts: readonly number[]) =>
      new Promise<void>((resolve) => {
        const left = new Set(counts);
        onHeard = (count) => {
          if (!left.delete(count)) return;
          cut(proxy.links());
          if (left.size === 0) resolve();
        };
      }),
  };
}
