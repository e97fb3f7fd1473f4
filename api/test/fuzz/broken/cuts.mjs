// A server that loses somebody who did nothing wrong: the first socket of all, when others come.
import { Server } from 'node:http';

const { emit } = Server.prototype;
const sockets = [];
Server.prototype.emit = function emitAndCut(event, ...given) {
  if (event === 'upgrade') sockets.push(given[1]);
  if (sockets.length === 50) sockets[0].destroy();
  return emit.call(this, event, ...given);
};
