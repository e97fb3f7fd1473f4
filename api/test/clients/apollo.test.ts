import { WebSocket } from 'ws';
import { openApolloChat } from './apollo.ts';
import { chatContract } from './contract.ts';

// region node
// Node 20 has no `WebSocket`, but Apollo's link asks for it when a connection is refused.
Object.assign(globalThis, { WebSocket });
// endregion

chatContract('Apollo Client', openApolloChat);
