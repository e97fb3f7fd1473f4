import type { Client } from 'urql';
import { ChannelAnewDocument } from '../gql/graphql.ts';

// What most visits do not do is not loaded with the first screen. When it cannot be loaded, little is lost.

export { forgetDevice } from '../notification/device.ts';

/** A channel of which nothing that is here can be trusted; who shows it reads the rest again by itself. */
export const readChannelAnew = (client: Client, id: string): Promise<unknown> =>
  client.query(ChannelAnewDocument, { id }, { requestPolicy: 'network-only' }).toPromise();
