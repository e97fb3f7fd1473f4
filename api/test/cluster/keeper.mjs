// Ends the processes of a cluster, and removes its folders, when whoever started them dies without doing so (kill -9). That one
// holds the other end of this process's standard input and writes a line whenever it starts a process (`keep 4711`), sees one
// end (`forget 4711`) or makes a folder (`sweep /tmp/…`): the end of the input is its death, whatever caused it. PostgreSQL has a
// watcher of its own, and is only waited for, and woken before when it stands still.
// Usage: node keeper.mjs <file that is there while PostgreSQL runs>
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const [postgresFile] = process.argv.slice(2);
/** What the watcher of PostgreSQL allows it, and a little more. */
const mostMs = 6_000;
const pollMs = 50;

// Only the end of the input decides.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {});

const pids = new Set();
const folders = new Set();
const orders = {
  keep: (pid) => pids.add(Number(pid)),
  forget: (pid) => pids.delete(Number(pid)),
  sweep: (folder) => folders.add(folder),
};
for await (const line of createInterface(process.stdin)) {
  const [, order, what] = /^(\w+) (.+)$/.exec(line) ?? [];
  orders[order]?.(what);
}
for (const pid of pids) {
  try {
    process.kill(pid, 'SIGKILL'); // also ends one that is paused
  } catch {
    // It has ended by itself.
  }
}
wakePostgres();
const deadline = Date.now() + mostMs;
while (existsSync(postgresFile) && Date.now() < deadline) await pause(pollMs);
for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 5 });

function wakePostgres() {
  try {
    const [pid] = readFileSync(postgresFile, 'utf8').split('\n');
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    for (const each of [pid, ...children]) process.kill(Number(each), 'SIGCONT');
  } catch {
    // It has ended, or this is not Linux, where nobody lets it stand still.
  }
}
