import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Binaries, findBinaries } from './embedded/binaries.ts';
import { postgresProblem, prepareCluster, userName } from './embedded/cluster.ts';
import { joinRunning } from './embedded/join.ts';
import { holderOfFolder, takeLock } from './embedded/lock.ts';
import { stopOrphan } from './embedded/orphan.ts';
import { choosePlace, clusterIn, type Place, placeWithData } from './embedded/place.ts';
import { type Postmaster, startPostmaster } from './embedded/postmaster.ts';
import { startError } from './start-error.ts';

export type EmbeddedPostgres = {
  /** A connection string with the password in it: for drivers, never for a log. */
  readonly url: string;
  /** Where the data really are; see `choosePlace`. */
  readonly dataDir: string;
  /** Stops PostgreSQL within 2.5 s and gives the folder free. Nothing committed is lost. May be called twice. */
  close(): Promise<void>;
};

export type EmbeddedPostgresOptions = {
  /** Parley's data folder; made if it is missing. PostgreSQL gets `postgres/` in it. */
  readonly dataDir: string;
  /** A sentence that whoever started Parley should read. */
  readonly onNotice: (notice: string) => void;
  /** Each line PostgreSQL writes about itself: no statements, no values. */
  readonly onLog?: (line: string) => void;
  /** PostgreSQL ended although nobody asked it to; nothing works any more. */
  readonly onEnd?: () => void;
  /** False only for data that nobody will miss, as in tests: nothing waits for the disk, and a power cut may destroy it all. */
  readonly isDurable?: boolean;
  readonly maxConnections?: number;
  /** For a URL that stays the same over restarts; a free one otherwise. */
  readonly port?: number;
};

/**
 * Runs the PostgreSQL that came with `npm ci` as a child process, listening on 127.0.0.1 only. It is stopped by
 * `close()`, or within 5 s when this process dies; after anything else the next call recovers by itself.
 *
 * Throws a StartError for everything that whoever runs Parley can solve: a second Parley, a full disk, a folder that cannot
 * be written, data of another major version.
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  if (process.platform === 'win32') {
    throw startError(
      'The embedded PostgreSQL runs on Linux and macOS: on Windows use WSL, or set DATABASE_URL.',
    );
  }
  const place = await choosePlace(resolve(options.dataDir));
  if (place.isElsewhere) options.onNotice(elsewhereNotice(place));
  const lock = await takeLock(place.folder);
  try {
    const { postmaster, url } = await start(place, options);
    let isClosing = false;
    void postmaster.ended.then(() => isClosing || options.onEnd?.());
    const close = async () => {
      isClosing = true;
      await postmaster.stop();
      await lock.release();
    };
    let closed: Promise<void> | undefined;
    return { url, dataDir: place.folder, close: () => (closed ??= close()) };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * The PostgreSQL of a data folder that has data already, for a command that works beside a server: that of the server if one
 * runs, else one of its own. Closing it stops only the latter.
 *
 * Throws a StartError like `openEmbeddedPostgres`, and when there are no data.
 */
export async function openExistingPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const place = await placeWithData(dataDir);
  if (place === undefined) {
    throw startError(
      `There are no data of Parley in ${dataDir}: run this in the folder of the server, or set DATA_DIR as the server has it.`,
    );
  }
  const holder = await holderOfFolder(place.folder);
  if (holder === undefined) return openEmbeddedPostgres(options);
  const url = await joinRunning(place, holder);
  return { url, dataDir: place.folder, close: async () => undefined };
}

const elsewhereNotice = (place: Place) =>
  `PostgreSQL's data are in ${place.folder}, because the OS user that runs it cannot enter the data folder.`;

/** Somebody else may take the free port in between, and processes of a killed PostgreSQL may take a moment to leave. */
const maxAttempts = 10;
const betweenAttemptsMs = 300;
const isPassing = (words: string) => /address already in use|pre-existing shared memory block/i.test(words);

async function start(place: Place, options: EmbeddedPostgresOptions) {
  const binaries = await findBinaries({ as: place.as, copyTo: place.folder });
  const password = await prepareCluster(place, binaries, options.isDurable !== false);
  await stopOrphan(clusterIn(place.folder));
  let words = '';
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const port = options.port ?? (await freePort());
    const outcome = await startOn(port, { place, binaries, options });
    if (!('failed' in outcome)) {
      return { postmaster: outcome, url: `postgresql://${userName}:${password}@127.0.0.1:${port}/postgres` };
    }
    words = outcome.failed;
    if (!isPassing(words)) break;
    await pause(betweenAttemptsMs);
  }
  throw postgresProblem(words, place.folder);
}

type Start = {
  readonly place: Place;
  readonly binaries: Binaries;
  readonly options: EmbeddedPostgresOptions;
};

function startOn(
  port: number,
  { place, binaries, options }: Start,
): Promise<Postmaster | { failed: string }> {
  const settings = Object.entries({ ...settingsOf(options), port });
  return startPostmaster(binaries.postgres, {
    args: ['-D', clusterIn(place.folder), ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    as: place.as,
    onLog: options.onLog ?? (() => undefined),
    onSlow: () =>
      options.onNotice('PostgreSQL is putting its data in order after an abrupt stop; please wait.'),
  });
}

const settingsOf = ({ isDurable = true, maxConnections = 40 }: EmbeddedPostgresOptions) => ({
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '', // the path of a socket may be too long for a deep folder
  max_connections: maxConnections,
  // An acknowledged message survives a power cut. Full pages follow fsync: without it they protect nothing.
  fsync: isDurable ? 'on' : 'off',
  full_page_writes: isDurable ? 'on' : 'off',
  synchronous_commit: isDurable ? 'on' : 'off',
  // Modest: it shares the computer with the server itself.
  shared_buffers: '128MB',
  max_wal_size: '256MB', // bounds the time of recovery after a kill
  max_parallel_workers_per_gather: 0,
  jit: 'off',
  io_method: 'sync',
  // No replicas hang on this PostgreSQL.
  wal_level: 'minimal',
  max_wal_senders: 0,
  max_logical_replication_workers: 0,
  // What PostgreSQL writes about itself, without statements and values, which may hold what people wrote.
  logging_collector: 'off',
  log_destination: 'stderr',
  log_line_prefix: '',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
});

function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address && typeof address === 'object' ? address.port : 0;
      server.close(() => resolvePort(port));
    });
  });
}
