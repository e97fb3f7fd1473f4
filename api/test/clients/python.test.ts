import { inject } from 'vitest';
import { requires } from '../requirements.ts';
import { chatContract } from './contract.ts';
import { missingIn, pythonChat } from './python.ts';

const python = inject('python');
const isThere = requires('python', missingIn(python));
chatContract('gql for Python', pythonChat(python), { isThere });
