import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { codeOf, isStartError, startError } from '../start-error.ts';

/**
 * A backup is one gzip file of JSON lines: a header; then per table its name as a string, and each of its rows as an object;
 * at the end `[rows, "sha256"]` of everything before. So it is looked at with `zcat`, and a missing or changed byte is noticed.
 */
export type BackupHeader = {
  readonly parley: 'backup';
  readonly format: number;
  readonly createdAt: string;
  readonly installation: string;
  readonly epoch: number;
  /** The mark of the keyspace of Cassandra that has the messages; absent when they are in here. */
  readonly log?: string;
  /** What the database had applied: its shape. */
  readonly migrations: readonly { readonly name: string; readonly checksum: string }[];
};

/** Grows when an older release could not read the file any more. */
export const backupFormat = 1;

/** Some rows of one table, each as the text of a JSON object. */
export type BackupRows = { readonly table: string; readonly rows: readonly string[] };

export type OpenedBackup = {
  readonly header: BackupHeader;
  /** All rows, in the order of the file. Throws a StartError at the end if anything is missing or changed. */
  rows(): AsyncGenerator<BackupRows>;
  /** For whoever does not read it to its end. */
  close(): Promise<void>;
};

/** Opens a backup for reading, once. Throws a StartError when it cannot be read, is none, or is of a newer release. */
export async function readBackup(file: string): Promise<OpenedBackup> {
  const hash = createHash('sha256');
  const lines = linesOf(file, hash);
  const first = await lines.next().catch((error: unknown) => {
    throw isStartError(error) ? error : noBackup(file, error);
  });
  const header = first.done ? undefined : headerIn(first.value);
  if (header !== undefined && header.format <= backupFormat) {
    return { header, rows: () => rowsOf(file, { lines, hash }), close: () => end(lines) };
  }
  await end(lines);
  if (header === undefined) throw noBackup(file);
  throw startError(`${file} was written by a newer Parley: restore it with that one.`);
}

/** Reads all of a backup. Throws a StartError when anything of it is missing or changed. */
export async function checkBackup(file: string): Promise<void> {
  const { rows } = await readBackup(file);
  for await (const _ of rows());
}

const end = async (lines: AsyncGenerator<string>) => void (await lines.return(undefined));

const noBackup = (file: string, cause?: unknown) =>
  startError(
    `${file} is no backup of Parley, or its beginning is damaged: name a file that \`npm run backup\` wrote.`,
    cause,
  );
const damaged = (file: string, cause?: unknown) =>
  startError(`${file} is damaged or not complete: take another copy of it, or an older backup.`, cause);

function headerIn(line: string): BackupHeader | undefined {
  try {
    const header: BackupHeader = JSON.parse(line);
    const isHeader = header.parley === 'backup' && Number.isInteger(header.format);
    return isHeader && Number.isInteger(header.epoch) && Array.isArray(header.migrations)
      ? header
      : undefined;
  } catch {
    return undefined;
  }
}

/** What is handed on at once: enough to be quick, little enough to be held. */
const batchRows = 500;
const batchChars = 4 * 1024 * 1024;

type Reading = { readonly lines: AsyncGenerator<string>; readonly hash: Hash };

async function* rowsOf(file: string, { lines, hash }: Reading): AsyncGenerator<BackupRows> {
  const batch = { table: '', rows: [] as string[], chars: 0 };
  let count = 0;
  let isWhole = false;
  try {
    for await (const line of lines) {
      if (isWhole) throw damaged(file);
      const isRow = line.startsWith('{');
      if (batch.rows.length > 0 && (!isRow || batch.rows.length >= batchRows || batch.chars >= batchChars)) {
        yield { table: batch.table, rows: batch.rows };
        Object.assign(batch, { rows: [], chars: 0 });
      }
      if (isRow) {
        batch.rows.push(line);
        count += 1;
        batch.chars += line.length;
      } else if (line.startsWith('"')) batch.table = JSON.parse(line);
      else isWhole = line === endLine(count, hash.copy().digest('hex'));
    }
  } catch (error) {
    throw isOfFile(error) ? damaged(file, error) : error;
  }
  if (!isWhole) throw damaged(file);
}

/** The last line of a backup: how many rows there are, and the digest of all lines before. */
export const endLine = (rows: number, digest: string) => JSON.stringify([rows, digest]);

/** What decompressing and parsing say of a damaged file. */
const isOfFile = (error: unknown) =>
  error instanceof SyntaxError || /^(Z_|E[A-Z]+$)/.test(codeOf(error) ?? '');

/** Far above what a row takes. */
const maxLineBytes = 64 * 1024 * 1024;

/** Lines of a gzip file. While a line is looked at, `hash` has all lines before it. */
async function* linesOf(file: string, hash: Hash): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  // The callback is there because it must be: whoever iterates meets every error.
  const chunks = pipeline(createReadStream(file), createGunzip(), () => undefined);
  try {
    for await (const chunk of chunks) {
      let from = 0;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        const line = Buffer.concat([...rest, chunk.subarray(from, at + 1)]);
        yield line.toString('utf8', 0, line.length - 1);
        hash.update(line);
        [rest, restBytes, from] = [[], 0, at + 1];
      }
      rest.push(chunk.subarray(from));
      restBytes += chunk.length - from;
      if (restBytes > maxLineBytes) throw damaged(file);
    }
    if (restBytes > 0) throw damaged(file);
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (!/^(ENOENT|EACCES|EISDIR|EPERM)$/.test(code)) throw error;
    throw startError(`${file} cannot be read (${code}): correct the path or its permissions.`, error);
  }
}
