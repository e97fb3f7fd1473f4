import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { deferred } from './deferred.ts';
import type { Document } from './documents.ts';
import { createFlow, type Flow } from './flow.ts';
import type { Answer, Problem, Reply } from './reply.ts';
import { createWatch } from './watch.ts';

/** Why a socket is no more. Code 0: no close came; the network failed, or it was given up. */
export type Closed = { readonly code: number; readonly because: string };

export type Sink = {
  /** The payload of a `next` frame, as it stands there. */
  onNext(payload: string): void;
  /** It ended while the socket goes on. */
  onEnd(because: string): void;
};

/** A socket of a device, from its beginning to its end, over which any number of operations go at once. */
export type Wire = {
  /** Whether it was acknowledged. */
  readonly opened: Promise<boolean>;
  readonly closed: Promise<Closed>;
  readonly flow: Flow;
  /** Never rejects: what gets no answer is lost with its socket. */
  ask<Data>(document: Document<Data>, variables: object): Promise<Reply<Data>>;
  /** Two of them at most. */
  subscribe(document: Document<never>, variables: object, sink: Sink): void;
  /** Looks whether anything has been waited for too long; to be called now and then. */
  tick(): void;
  /** From now on neither side hears anything of the other. `isFrozen`: this one does not even miss it, as an app that is put to sleep. */
  hold(isFrozen: boolean): void;
  release(): void;
  /** Ends it by a reset. */
  drop(because: string): void;
  /** Ends it as clients do that need it no more. */
  close(): void;
};

type Settings = {
  readonly url: string;
  readonly token: string;
  readonly now: () => number;
};
type Said = {
  readonly type: string;
  readonly id?: string;
  readonly payload?: Answer<never> | readonly Problem[];
};
type Asked = { readonly since: number; readonly resolve: (reply: Reply<never>) => void };

/** What `next` frames of subscriptions begin with: `e` stands for their ids, which have one letter. */
const nextStart = '{"id":"e","type":"next","payload":';
const idPlace = 7;
const behindId = nextStart.slice(idPlace + 1);
const subscriptionIds = 'ep';

/** Connects at once. */
export function openWire({ url, token, now }: Settings): Wire {
  const { network, webSocket } = dial(url);
  const flow = createFlow(webSocket);
  const asked = new Map<string, Asked>();
  const sinks = new Map<string, Sink>();
  const [opened, closed] = [deferred<boolean>(), deferred<Closed>()];
  let state: 'opening' | 'open' | 'over' = 'opening';
  const watch = createWatch({ now, asked, flow, drop });
  let operations = 0;

  function finish(code: number, because: string): void {
    if (state === 'over') return;
    state = 'over';
    flow.close();
    opened.resolve(false);
    closed.resolve({ code, because });
    for (const { resolve } of asked.values()) resolve({ lost: because });
    asked.clear();
    sinks.clear();
  }
  function drop(because: string): void {
    finish(0, because);
    if (network.connecting) network.destroy();
    else network.resetAndDestroy();
  }
  function onFrame(frame: string): void {
    if (frame.startsWith(behindId, idPlace + 1)) {
      sinks.get(frame.charAt(idPlace))?.onNext(frame.slice(nextStart.length, -1));
      return;
    }
    const said: Said = JSON.parse(frame);
    if (said.type === 'ping') flow.send('{"type":"pong"}');
    else if (said.id !== undefined) settle(said.id, said);
    if (said.type !== 'connection_ack') return;
    state = 'open';
    opened.resolve(true);
  }
  function settle(id: string, said: Said): void {
    if (said.type !== 'next') sinks.get(id)?.onEnd(JSON.stringify(said.payload ?? said.type));
    asked.get(id)?.resolve(replyIn(said));
    asked.delete(id);
  }
  const start = (id: string, head: string, variables: object) =>
    flow.send(`{"id":"${id}","type":"subscribe","payload":${head}${JSON.stringify(variables)}}}`);

  listen(webSocket, {
    token,
    onFrame(data) {
      if (state === 'over') return;
      watch.heard();
      flow.wasRead(data.length);
      onFrame(data.toString());
    },
    onClosed: finish,
  });
  return {
    opened: opened.promise,
    closed: closed.promise,
    flow,
    ask: (document, variables) =>
      new Promise((resolve) => {
        if (state !== 'open') return resolve({ lost: 'there was no socket' });
        operations += 1;
        const id = `o${operations}`;
        asked.set(id, { since: now(), resolve });
        start(id, document.head, variables);
      }),
    subscribe(document, variables, sink) {
      const id = subscriptionIds.charAt(sinks.size);
      sinks.set(id, sink);
      start(id, document.head, variables);
    },
    tick: () => (state === 'over' ? undefined : watch.tick(state === 'open')),
    hold(isFrozen) {
      if (state !== 'open' || flow.isHeld()) return;
      flow.hold();
      watch.freeze(isFrozen);
    },
    release() {
      if (state !== 'open' || !flow.isHeld()) return;
      watch.freeze(false);
      flow.release();
    },
    drop,
    close() {
      finish(0, 'closed by itself');
      if (webSocket.readyState === webSocket.OPEN) webSocket.close(1000);
      else network.destroy();
    },
  };
}

/** The answer to an operation. A stream that ends without one has none. */
function replyIn({ type, payload }: Said): Reply<never> {
  if (type === 'error' && isErrors(payload)) return { errors: payload };
  if (type === 'next' && payload !== undefined && !isErrors(payload)) return payload;
  return { errors: [{ message: `It ended with ${type}.` }] };
}
const isErrors = (payload: Said['payload']): payload is readonly Problem[] => Array.isArray(payload);

function dial(url: string): { readonly network: Socket; readonly webSocket: WebSocket } {
  const { hostname, port } = new URL(url);
  const network = connect(Number(port), hostname).setNoDelay(true);
  const webSocket = new WebSocket(url, 'graphql-transport-ws', {
    createConnection: () => network,
    perMessageDeflate: false,
    skipUTF8Validation: true,
  });
  return { network, webSocket };
}

type Listeners = {
  readonly token: string;
  readonly onFrame: (data: Buffer) => void;
  readonly onClosed: (code: number, because: string) => void;
};

function listen(webSocket: WebSocket, { token, onFrame, onClosed }: Listeners): void {
  const authorization = `Bearer ${token}`;
  webSocket.on('open', () =>
    webSocket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } })),
  );
  webSocket.on('message', (data) => (Buffer.isBuffer(data) ? onFrame(data) : undefined));
  webSocket.on('error', () => undefined); // its close tells
  webSocket.on('close', (code) => onClosed(code, `closed with ${code}`));
}
