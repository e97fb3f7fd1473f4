// A handler with a mistake in it: at the hundredth socket it throws where nobody catches.
import { Server } from 'node:http';

const { emit } = Server.prototype;
let upgrades = 0;
Server.prototype.emit = function emitAndThrow(event, ...given) {
  if (event === 'upgrade') upgrades += 1;
  if (upgrades === 100) throw new TypeError('Cannot read properties of undefined (broken on purpose)');
  return emit.call(this, event, ...given);
};
