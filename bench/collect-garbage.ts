import { Session } from 'node:inspector';

/**
 * For a server whose memory is measured, by `--import`; the product knows nothing of it. At SIGUSR2 the process collects all that is
 * garbage and packs what is left, as V8 does when a computer runs out of memory, and says what that is.
 */
process.on('SIGUSR2', () => {
  const session = new Session();
  session.connect();
  session.post('HeapProfiler.collectGarbage', () => {
    setImmediate(() => session.disconnect()); // it is still in the middle of its answer
    process.stdout.write(`garbage was collected: ${process.memoryUsage().heapUsed} bytes are left\n`);
  });
});
