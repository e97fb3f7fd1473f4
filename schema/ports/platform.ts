import type { Logger } from 'pino';
import type { PrismaClient } from '../../prisma/generated/client/client.ts';
import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import type { Contacts } from './contacts.ts';
import type { EventLog } from './event-log.ts';
import type { Jobs } from './jobs.ts';
import type { Leases } from './leases.ts';
import type { Limiter } from './limiter.ts';
import type { Memberships } from './memberships.ts';
import type { Positions } from './positions.ts';
import type { Push } from './push.ts';

/** What the product needs from outside, one driver per port. */
export type Platform = {
  readonly prisma: PrismaClient;
  readonly log: EventLog;
  readonly bus: Bus;
  readonly memberships: Memberships;
  readonly positions: Positions;
  readonly contacts: Contacts;
  readonly leases: Leases;
  readonly limiter: Limiter;
  readonly jobs: Jobs;
  readonly push: Push;
  readonly clock: Clock;
  /** Never given a token, a password or a text of people. */
  readonly logger: Logger;
};
