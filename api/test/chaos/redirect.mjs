// For a process whose connections to one port are to go to another, as by a rule of a firewall for just this process; by `--import`. The
// product knows nothing of it: names, certificates and what is said stay what they are.
// Usage: node --import ./redirect.mjs?5001=5002 …
import { Socket } from 'node:net';

const ports = new URL(import.meta.url).searchParams;
const connect = Socket.prototype.connect;

Socket.prototype.connect = function (first, ...rest) {
  // Node's own callers hand over an array whose first item are the options.
  const options = Array.isArray(first) ? first[0] : first;
  const to = ports.get(String(options?.port));
  if (to === null) return connect.call(this, first, ...rest);
  const moved = { ...options, port: Number(to) };
  if (!Array.isArray(first)) return connect.call(this, moved, ...rest);
  first[0] = moved;
  return connect.call(this, first, ...rest);
};
