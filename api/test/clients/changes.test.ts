import { openChangesChat } from './changes.ts';
import { chatContract } from './contract.ts';

chatContract('the query `changes`', openChangesChat, { hasSocket: false });
