import { contactsContract } from '../../schema/ports/contacts.contract.ts';
import { openPostgresWorld } from './test/postgres-memberships.ts';

contactsContract('postgres', openPostgresWorld);
