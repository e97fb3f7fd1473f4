import { membershipsContract } from '../../schema/ports/memberships.contract.ts';
import { openPostgresWorld } from './test/postgres-memberships.ts';

membershipsContract('postgres', openPostgresWorld);
