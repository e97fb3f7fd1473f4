// Stops PostgreSQL when Parley dies without stopping it (kill -9, out of memory). Parley holds the other end of this
// process's standard input and never writes to it: the end of the input is the death of Parley, whatever caused it.
// Usage: node watcher.mjs <process id of PostgreSQL>. Plain JavaScript, so that it runs the same before and after compiling.
import { setTimeout as pause } from 'node:timers/promises';

const postgres = Number(process.argv[2]);

/** A fast stop writes everything to its place and takes well below a second; what is not done after this is redone from PostgreSQL's journal at the next start. */
const fastStopMs = 4_000;
const pollMs = 50;

/** False when the process is gone. */
const signal = (name) => {
  try {
    return process.kill(postgres, name);
  } catch {
    return false;
  }
};

// Only the end of the input decides: a signal for the whole system or container must not leave PostgreSQL unwatched.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {});

process.stdin.resume();
await new Promise((resolve) => process.stdin.once('close', resolve));

const deadline = Date.now() + fastStopMs;
let isRunning = signal('SIGINT');
while (isRunning && Date.now() < deadline) {
  await pause(pollMs);
  isRunning = signal(0);
}
if (isRunning) signal('SIGQUIT');
