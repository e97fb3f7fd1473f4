import { positionsContract } from '../../schema/ports/positions.contract.ts';
import { openPostgresWorld } from './test/postgres-memberships.ts';

positionsContract('postgres', openPostgresWorld);
