import type { WebSocket } from 'ws';
import type { ConnectedDevice } from '../../../schema/presence/connected-devices.ts';
import type { Person } from '../../../schema/test/world.ts';
import { ask, read } from '../client/ask.ts';
import { openSse } from '../serving/sse-client.ts';
import { openAcknowledged } from '../serving/wire-client.ts';
import type { FleetServer } from './fleet-server.ts';

/** One way in which a device is truly connected to a server. */
export type Connection = {
  /** The client is closed, or its process ends. */
  leave(): void;
  /** The network is gone, and neither side is told. Only of sockets. */
  readonly freeze?: () => void;
  /** Resolves when what the server has asked of it, such as whether anybody is there, is answered. */
  settle(): Promise<void>;
};
/** Opens one for this person's device. */
export type Connect = (person: Person, server: FleetServer) => Promise<Connection>;

export const deviceOf = ({ userId, viewer: { deviceId } }: Person): ConnectedDevice => ({ userId, deviceId });

/** A socket, which answers pings by itself until it is frozen. */
const openSocket: Connect = async (person, { socketUrl }) => {
  const { webSocket } = await openAcknowledged(socketUrl, person.session.accessToken);
  let isFrozen = false;
  return {
    leave: () => webSocket.terminate(),
    freeze() {
      isFrozen = true;
      webSocket.pause();
    },
    settle: async () => (isFrozen ? undefined : roundTrips(webSocket)),
  };
};

/** A stream over server-sent events. */
const openStream: Connect = async (person, { url }) => {
  const token = person.session.accessToken;
  const query = 'subscription { events { __typename } }';
  const { leave } = await openSse(url, { token, query });
  return { leave, settle: async () => undefined };
};

/** Somebody who asks for `changes` and waits, again and again. */
const openPolling: Connect = async ({ session: { accessToken: token } }, { url, isAlive }) => {
  const left = new AbortController();
  const query = 'query ($after: [Cursor!]!) { changes(after: $after, waitSeconds: 25) { cursor } }';
  type Data = { readonly changes: { readonly cursor: string } };
  let { syncCursor: cursor } = await read<{ syncCursor: string }>(url, { query: '{ syncCursor }', token });
  const goOn = async () => {
    while (!left.signal.aborted && isAlive()) {
      const request = { query, token, variables: { after: [cursor] }, signal: left.signal };
      const { data } = await ask<Data>(url, request);
      if (!data) return;
      cursor = data.changes.cursor;
    }
  };
  void goOn().catch(() => undefined); // its server is gone, or it has left
  return { leave: () => left.abort(), settle: async () => undefined };
};

/** Mostly sockets. */
export const connects: readonly Connect[] = [openSocket, openSocket, openSocket, openStream, openPolling];

/** An answer of the other side to its own ping has been read by the server when the second round trip is over. */
export async function roundTrips(webSocket: WebSocket): Promise<void> {
  for (const _ of [1, 2]) {
    if (webSocket.readyState !== webSocket.OPEN) return;
    const answered = new Promise<void>((resolve) => {
      const onFrame = (frame: unknown) => {
        if (String(frame) === '{"type":"pong"}') end();
      };
      const end = () => {
        webSocket.off('message', onFrame).off('close', end);
        resolve();
      };
      webSocket.on('message', onFrame).on('close', end);
    });
    webSocket.send('{"type":"ping"}');
    await answered;
  }
}
