import { chmod, mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeBackup } from '../prisma/backup/write-backup.ts';
import { startError } from '../prisma/start-error.ts';
import { type Command, progress, runCommand, wrongCall } from './command.ts';
import type { Config } from './config.ts';
import { openData } from './open-data.ts';
import { withStillLog } from './still-log.ts';

const usage = `npm run backup [-- <file>] [-- --force]

Writes everything that Parley stores into one file, whether the server runs or not. Without a file it gets a name of its own
in DATA_DIR/backups. The file is secret: keys and messages are in it.

Messages that are in Cassandra are not: then no server may run, and a snapshot of Cassandra has to be made right behind it.

  --force  replaces a file of that name`;

const options = { force: { type: 'boolean', default: false } } as const;

/** `2026-03-01T12-30-00Z`: sorts by time, and is allowed in every file name. */
const stampOf = (now: Date) =>
  now
    .toISOString()
    .replaceAll(':', '-')
    .replace(/\.\d+Z$/, 'Z');

async function backup({ config, say, tell, signal }: Command): Promise<void> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (positionals.length > 1) throw wrongCall('One file, please.');
  const data = await openData(config, tell);
  try {
    const [name] = positionals;
    const file = name === undefined ? await ownFile(config) : resolve(name);
    const onRows = progress(tell, 'written');
    await withStillLog(config, data.url, async (log) => {
      const options = { isForced: values.force, onRows, signal, log };
      const { rows, bytes } = await writeBackup(data.url, file, options);
      say(`${file}: ${rows.toLocaleString('en')} rows in ${sizeOf(bytes)}. Keep it secret.`);
      if (log !== undefined) say(`No messages are in it: ${snapshotAdvice(config, log)}`);
    });
  } finally {
    await data.close();
  }
}

/** A name by which the snapshot is found again. */
const snapshotAdvice = ({ CASSANDRA_KEYSPACE: keyspace }: Config, mark: string) =>
  `before any server starts, run \`nodetool snapshot -t ${mark} ${keyspace}\` on each node of Cassandra.`;

async function ownFile({ DATA_DIR }: Config): Promise<string> {
  const file = resolve(join(DATA_DIR, 'backups', `parley-${stampOf(new Date())}.backup.gz`));
  try {
    await mkdir(dirname(file), { recursive: true });
    await chmod(dirname(file), 0o700);
  } catch (error) {
    throw startError(`${dirname(file)} cannot be made: name a file in a folder that can be written.`, error);
  }
  return file;
}

const sizeOf = (bytes: number) =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

await runCommand(usage, backup);
