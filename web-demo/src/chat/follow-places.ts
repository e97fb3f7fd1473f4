import type { Client } from 'urql';
import { SocketEndpointsDocument, type SocketEndpointsQuery } from '../gql/graphql.ts';
import type { Sockets } from './sockets.ts';

/**
 * Opens sockets where the server says: as it said with the first screen, and as whatever server one has come back to says then. What is
 * answered ends that.
 */
export function followPlaces(client: Client, sockets: Sockets): () => void {
  const know = (found: SocketEndpointsQuery | undefined) => {
    if (found) sockets.know(found.server.socketEndpoints.map(({ url }) => url));
  };
  know(client.readQuery(SocketEndpointsDocument, {})?.data);
  let hasBeenLive = false;
  return sockets.state.subscribe(() => {
    if (sockets.state.get() !== 'live') return;
    const isBack = hasBeenLive;
    hasBeenLive = true;
    if (!isBack) return;
    const asking = client.query(SocketEndpointsDocument, {}, { requestPolicy: 'network-only' }).toPromise();
    void asking.then(({ data }) => know(data)); // without an answer it stays as it was
  });
}
