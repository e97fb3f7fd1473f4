// Something that is held for each socket, and never let go: memory, and a timer.
import { Server } from 'node:http';

const { emit } = Server.prototype;
const held = [];
Server.prototype.emit = function emitAndKeep(event, ...given) {
  if (event === 'upgrade') {
    held.push(new Array(40_000).fill(0.5));
    setInterval(() => held.length, 1_000_000);
  }
  return emit.call(this, event, ...given);
};
