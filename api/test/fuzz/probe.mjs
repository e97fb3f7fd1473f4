// Loaded into a server before its own code (`--import`), so that whoever fuzzes it can ask what it holds. The server knows
// nothing of it.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.on('message', (question) => {
  if (question !== 'look') return;
  // Twice: what has a finaliser goes at the second time.
  collect();
  collect();
  process.send?.({ heapBytes: process.memoryUsage().heapUsed, resources: process.getActiveResourcesInfo() });
});
// A server ends when it is done, whether somebody could still ask or not; and when whoever started it is gone, in whatever way.
process.channel?.unref();
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
