import { readConfig } from '../api/config.ts';
import type { Twins } from './append.ts';
import { openCassandraTwins } from './append-cassandra.ts';
import { openMemoryTwins } from './append-memory.ts';
import { openDatabaseBeside, openPostgresOfItsOwn, openPostgresTwins } from './append-postgres.ts';

const openers = {
  cassandra: openCassandraTwins,
  async postgres(): Promise<Twins> {
    const { DATABASE_URL: url } = readConfig();
    return openPostgresTwins(
      url === undefined ? await openPostgresOfItsOwn() : await openDatabaseBeside(url),
    );
  },
  memory: openMemoryTwins,
} as const;

type StoreName = keyof typeof openers;
export const storeNames = Object.keys(openers);
export const isStoreName = (name: string): name is StoreName => Object.hasOwn(openers, name);

/** The log of this name with its bare twin, on a store of its own. */
export const openTwins = (name: StoreName): Promise<Twins> => openers[name]();
