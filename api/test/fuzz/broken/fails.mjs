// A store that fails now and then, in a way that nobody has thought of, when the server has started.
import pg from 'pg';

const { query } = pg.Client.prototype;
let queries = 0;
pg.Client.prototype.query = function queryOrFail(...given) {
  queries += 1;
  if (queries < 400 || queries % 50 !== 0) return query.apply(this, given);
  const failure = new Error('broken on purpose');
  const callBack = given.at(-1);
  return typeof callBack === 'function' ? callBack(failure) : Promise.reject(failure);
};
