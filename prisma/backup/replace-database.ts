import pg from 'pg';

/** Where a backup is put while the old data are still in use, and where those go. */
const names = { current: 'postgres', next: 'restoring', old: 'replaced' } as const;

/**
 * Replaces the database of an embedded PostgreSQL, on which nobody else may be, by one that `fill` has filled: both names change
 * in one transaction, so whatever happens there is either the old database or the new one. `fill` gets the URL of an empty database
 * and the epoch of the current one, 0 if it has none.
 */
export async function replaceDatabase<T>(
  url: string,
  fill: (next: { readonly url: string; readonly replacedEpoch: number }) => Promise<T>,
): Promise<T> {
  // Data that are too broken to tell are still replaced: a backup is there for just that.
  const replacedEpoch = await epochOf(url).catch(() => 0);
  const admin = new pg.Client({ connectionString: withName(url, 'template1') });
  admin.on('error', () => undefined); // the query under way fails with the same error
  await admin.connect();
  const drop = (name: string) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  try {
    // What a restore that was killed has left.
    await drop(names.next);
    await drop(names.old);
    await admin.query(`CREATE DATABASE ${names.next} TEMPLATE template0`);
    const filled = await fill({ url: withName(url, names.next), replacedEpoch });
    await swap(admin);
    return filled;
  } finally {
    // What cannot be dropped now is dropped by the next restore.
    for (const name of [names.next, names.old]) await drop(name).catch(() => undefined);
    await admin.end().catch(() => undefined);
  }
}

async function swap(admin: pg.Client): Promise<void> {
  await admin.query('BEGIN');
  try {
    await admin.query(`ALTER DATABASE ${names.current} RENAME TO ${names.old}`);
    await admin.query(`ALTER DATABASE ${names.next} RENAME TO ${names.current}`);
    await admin.query('COMMIT');
  } catch (error) {
    await admin.query('ROLLBACK').catch(() => undefined); // a connection that is gone has rolled back
    throw error;
  }
}

async function epochOf(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const found = await client.query("SELECT to_regclass('installation') IS NOT NULL AS exists");
    if (!found.rows[0]?.exists) return 0;
    const { rows } = await client.query<{ epoch: number }>('SELECT epoch FROM installation');
    return rows[0]?.epoch ?? 0;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function withName(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = name;
  return changed.href;
}
