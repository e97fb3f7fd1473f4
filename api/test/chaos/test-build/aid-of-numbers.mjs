// For the bug that takes places in the log from Redis, as most chats do, and gives them away before the commit.

const nothing = () => undefined;
const isMessage = (draft) => draft.kind === 'message.sent';

const headStatement = 'SELECT head, message_count FROM log_head WHERE channel_id = $1 FOR UPDATE';
const beginStatement = `INSERT INTO log_head (channel_id, head, message_count, last_created_at)
  VALUES ($1, 0, 0, to_timestamp(0)) ON CONFLICT DO NOTHING`;
const placeStatement = 'UPDATE log_head SET head = $2, message_count = $3 WHERE channel_id = $1';
const returnStatement = `UPDATE log_head SET head = greatest(head, $2), message_count = greatest(message_count, $3)
  WHERE channel_id = $1`;

const keysOf = (channelId) => [`test-build:seq:${channelId}`, `test-build:number:${channelId}`];

/** What Redis has forgotten goes on where the log ends. */
async function begin(redis, channelId, head) {
  const [seqKey, numberKey] = keysOf(channelId);
  await redis.multi().set(seqKey, head.head).set(numberKey, head.message_count).exec();
}

async function takePlace(redis, channelId, draft) {
  const [seqKey, numberKey] = keysOf(channelId);
  const answers = await redis
    .multi()
    .incr(seqKey)
    .incrby(numberKey, isMessage(draft) ? 1 : 0)
    .exec();
  const [seq, number] = (answers ?? []).map(([, value]) => value);
  if (typeof seq !== 'number' || typeof number !== 'number') throw new Error('Redis gave no number.');
  return { seq, number };
}

/** The statement allocates behind the head, so that stands right before the place; afterwards it is the furthest again. */
async function insert(client, { seq, number }, { draft, text, values }) {
  const [channel] = values;
  await client.query('BEGIN');
  await client.query(beginStatement, [channel]);
  const [head] = (await client.query(headStatement, [channel])).rows;
  await client.query(placeStatement, [channel, seq - 1, number - (isMessage(draft) ? 1 : 0)]);
  const { rows } = await client.query({ text, values, query_timeout: 1_000 });
  await client.query(returnStatement, [channel, head.head, head.message_count]);
  await client.query('COMMIT');
  return rows;
}

async function inOwnConnection(pool, work) {
  const client = await pool.connect();
  client.on('error', nothing);
  let isDone = false;
  try {
    const answer = await work(client);
    isDone = true;
    return answer;
  } finally {
    client.off('error', nothing);
    client.release(!isDone);
  }
}

async function appendOne(pool, channelId, appending) {
  const { redis } = globalThis.testBuild;
  const readHead = async () => {
    const statement = 'SELECT head, message_count FROM log_head WHERE channel_id = $1';
    return (await pool.query(statement, [appending.values[0]])).rows[0] ?? { head: 0, message_count: 0 };
  };
  if ((await redis.exists(keysOf(channelId)[0])) === 0) await begin(redis, channelId, await readHead());
  const place = await takePlace(redis, channelId, appending.draft);
  try {
    return await inOwnConnection(pool, (client) => insert(client, place, appending));
  } catch (error) {
    if (error.code !== '23505') throw error;
    await begin(redis, channelId, await readHead());
    throw new Error('Redis had given this number before.', { cause: error }); // it is tried again
  }
}

globalThis.testBuild ??= {};
Object.assign(globalThis.testBuild, {
  /** One after the other, as each has a number of its own. */
  async appendByNumber({ pool, text, channelId, drafts }, valuesOf, answerOf) {
    const answers = [];
    for (const draft of drafts) {
      const rows = await appendOne(pool, channelId, { draft, text, values: valuesOf(draft) });
      answers.push(...answerOf(draft, rows));
    }
    return answers;
  },
});
