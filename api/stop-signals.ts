/**
 * `npm start` forwards a Ctrl-C that the terminal has sent to this process already: within this time a second signal is
 * the same Ctrl-C, and nobody's impatience.
 */
const sameCtrlCMs = 1_000;

/** Calls `onStop` once, at the first signal to stop, and `onImpatience` at every one that comes later than an echo of the first. */
export function onStopSignal(onStop: () => void, onImpatience: () => void): void {
  let firstAt: number | undefined;
  const onSignal = () => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      onStop();
    } else if (performance.now() - firstAt > sameCtrlCMs) onImpatience();
  };
  // SIGHUP: the terminal was closed.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
}
