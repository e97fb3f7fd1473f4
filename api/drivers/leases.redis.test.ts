import { describe } from 'vitest';
import { leasesContract } from '../../schema/ports/leases.contract.ts';
import { missingRedis } from '../test/engines/redis.ts';
import { requires } from '../test/requirements.ts';
import { openRedisLeasesWorld } from './test/redis-leases.ts';

requires('redis', missingRedis);

/** Leases are good for ten seconds of real time here, and a process dies three times in a test; they all wait at once. */
const slowly = { timeout: 90_000, concurrent: true };

describe('by the clock of Redis', slowly, () => leasesContract('redis', openRedisLeasesWorld));
