// A store that fails now and then in a way that nobody has thought of.
import { Socket } from 'node:net';
import pg from 'pg';

const { query } = pg.Client.prototype;
let queries = 0;
pg.Client.prototype.query = function queryOrFail(...given) {
  queries += 1;
  const isOurs = !(this.connection?.stream instanceof Socket) || queries < 400;
  if (isOurs || queries % 50 !== 0) return query.apply(this, given);
  return Promise.reject(new Error('broken on purpose'));
};
