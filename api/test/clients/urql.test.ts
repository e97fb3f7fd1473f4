import { chatContract } from './contract.ts';
import { openUrqlChat } from './urql.ts';

chatContract('urql', openUrqlChat);
