// For the bugs that need to do something between the writing of a round in PostgreSQL and its commit.

/** In milliseconds: as long as a commit takes on a disk with much to do. */
const beforeCommitMs = 15;
const nothing = () => undefined;

/** A statement in a transaction of its own, which is still open: nobody else sees what it wrote. */
async function write(pool, text, values) {
  const client = await pool.connect();
  client.on('error', nothing);
  const letGo = (isDoubtful) => {
    client.off('error', nothing);
    client.release(isDoubtful);
  };
  async function commit() {
    try {
      await client.query({ text: 'COMMIT', query_timeout: 1_000 });
      letGo(false);
    } catch (error) {
      letGo(true);
      throw error;
    }
  }
  try {
    await client.query({ text: 'BEGIN', query_timeout: 1_000 });
    const { rows } = await client.query({ text, values, query_timeout: 1_000 });
    return { rows, commit };
  } catch (error) {
    letGo(true); // which ends the transaction
    throw error;
  }
}

globalThis.testBuild ??= {};
Object.assign(globalThis.testBuild, {
  beforeCommit: () => new Promise((resolve) => setTimeout(resolve, beforeCommitMs)),
  /** Answers with what is written, and commits it a moment later, whatever becomes of that. */
  async answerFirst(pool, text, values) {
    const { rows, commit } = await write(pool, text, values);
    void globalThis.testBuild.beforeCommit().then(commit).catch(nothing);
    return rows;
  },
  /** Tells others what is written, and commits it a moment later. */
  async publishFirst({ pool, text, values }, publish) {
    const { rows, commit } = await write(pool, text, values);
    publish(rows);
    await globalThis.testBuild.beforeCommit();
    await commit();
    return rows;
  },
});
