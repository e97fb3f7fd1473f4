import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

export type TestDatabase = {
  readonly url: string;
  /** Drops it, with whoever is still connected. */
  close(): Promise<void>;
};

/** A database of the caller's own on the one PostgreSQL of the test run: migrated, or empty on request. */
export async function openTestDatabase({ isEmpty = false } = {}): Promise<TestDatabase> {
  const { adminUrl, template } = inject('testDatabases');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(adminUrl, `CREATE DATABASE ${name} TEMPLATE ${isEmpty ? 'template0' : template}`);
  const url = new URL(adminUrl);
  url.pathname = name;
  return { url: url.href, close: () => asAdmin(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function asAdmin(adminUrl: string, statement: string) {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
