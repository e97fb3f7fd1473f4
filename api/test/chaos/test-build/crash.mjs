// Kills this process, as `kill -9` does, the nth time that it passes a point; by `--import`, with CRASH_AT=point:nth. What passes there
// says so because it was rewritten (see crash-points.ts); the product knows nothing of it.
const [, wanted, digits] = /^([a-z_]+):([1-9]\d*)$/.exec(process.env.CRASH_AT ?? '') ?? [];
if (wanted === undefined) {
  process.stderr.write('CRASH_AT says where to die and the how manieth time, as in mid_round:3.\n');
  process.exit(1);
}
const nth = Number(digits);
let passed = 0;

/** Whether this is the nth time, or one behind it. */
function isDue(point) {
  if (point === wanted) passed += 1;
  return point === wanted && passed >= nth;
}
/** The system ends it before this returns. */
const die = () => process.kill(process.pid, 'SIGKILL');

/** In milliseconds: an answer that is ready now is on the wire by then. */
const onTheWireMs = 150;

globalThis.testBuild ??= {};
Object.assign(globalThis.testBuild, {
  pass(point) {
    if (isDue(point)) die();
  },
  /** When what is about to be asked in this turn has left; what takes longer to leave says how long. */
  passSoon(point, ms) {
    if (!isDue(point)) return;
    if (ms === undefined) setImmediate(die);
    else setTimeout(die, ms);
  },
  /** From the nth time on the rest is left out, and the process ends as soon as the answer to the nth is out. */
  skips(point) {
    const skips = isDue(point);
    if (skips && passed === nth) setTimeout(die, onTheWireMs);
    return skips;
  },
});
