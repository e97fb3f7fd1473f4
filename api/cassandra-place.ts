import type { CassandraPlace } from '../prisma/open-cassandra.ts';
import type { Config } from './config.ts';

export type CassandraConfig = Pick<
  Config,
  | 'CASSANDRA_CONTACT_POINTS'
  | 'CASSANDRA_DATACENTER'
  | 'CASSANDRA_KEYSPACE'
  | 'CASSANDRA_USERNAME'
  | 'CASSANDRA_PASSWORD'
>;

/** Where the messages are, as the settings say; undefined when PostgreSQL has them. */
export const cassandraPlaceOf = (config: CassandraConfig): CassandraPlace | undefined =>
  config.CASSANDRA_CONTACT_POINTS && {
    contactPoints: config.CASSANDRA_CONTACT_POINTS,
    datacenter: config.CASSANDRA_DATACENTER,
    keyspace: config.CASSANDRA_KEYSPACE,
    username: config.CASSANDRA_USERNAME,
    password: config.CASSANDRA_PASSWORD,
  };
