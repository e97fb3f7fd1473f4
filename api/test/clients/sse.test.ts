import { chatContract } from './contract.ts';
import { openSseChat } from './sse.ts';

chatContract('graphql-sse', openSseChat, { hasSocket: false });
