// For a process that stalls when it is told to, by `--import`; the product knows nothing of it. At SIGURG, which does nothing to a process
// without this, its thread stands still for so long as an answer that is too large, or collecting garbage, could hold it up. Its network
// and its other threads go on.
// Usage: node --import ./stall.mjs …
const stallMs = 3_000;
const nothing = new Int32Array(new SharedArrayBuffer(4));

process.on('SIGURG', () => {
  Atomics.wait(nothing, 0, 0, stallMs);
});
