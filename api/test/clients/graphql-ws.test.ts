import { chatContract } from './contract.ts';
import { openGraphqlWsChat } from './graphql-ws.ts';

chatContract('graphql-ws', openGraphqlWsChat);
