import { openEmbeddedPostgres } from '../embedded-postgres.ts';

/**
 * A process that does nothing but hold an embedded PostgreSQL, to be killed by tests. Prints one JSON line when it is
 * ready or has failed; the end of its input closes it in order. Usage: embedded-parent.ts <data folder>.
 */
const notices: string[] = [];
const say = (words: object) => process.stdout.write(`${JSON.stringify(words)}\n`);

try {
  const postgres = await openEmbeddedPostgres({
    dataDir: process.argv[2] ?? '',
    onNotice: (notice) => notices.push(notice),
  });
  process.stdin.resume().once('end', () => void postgres.close());
  say({ url: postgres.url, dataDir: postgres.dataDir, notices });
} catch (error) {
  say({ error: error instanceof Error ? error.message : String(error), notices });
}
