import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { type Actor, accepted, idOf, openScene, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene({ log: 'postgres', rateLimits: { messagesPerMinute: 100_000 } });
  // Whoever has locked a row keeps it for a moment: two who lock in different orders meet, and not once in a thousand rounds.
  const { pool } = scene.world.database;
  await pool.query(`CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_sleep(random() * 0.004); RETURN coalesce(new, old); END $$`);
  for (const table of ['push_endpoint', 'channel_wake', 'device_wake', 'notification_decision'])
    await pool.query(`CREATE TRIGGER dawdle BEFORE INSERT OR UPDATE OR DELETE ON ${table}
      FOR EACH ROW EXECUTE FUNCTION dawdle()`);
});
afterAll(() => scene.close());

const [rounds, clears] = [20, 15];
/** More than anything needs when nobody waits for anybody. */
const mostSettling = 200;

const register = `mutation ($token: String!) {
  result: registerPushEndpoint(input: { address: { apns: { token: $token, topic: "com.example.chat" } } }) {
    __typename ... on UserError { code } } }`;
const signOut = 'mutation { result: signOut(input: {}) { __typename } }';
const registerAs = ({ person }: Actor, token: string) => person.execute(register, { token });

/** All that waits and is due, at once, as many workers do it. Answers what was rejected. */
async function doAllAtOnce(): Promise<unknown[]> {
  const { jobs, handlers, clock } = scene;
  const due = [...jobs.waiting].filter(([, { dueAt }]) => dueAt <= clock.now());
  for (const [slot] of due) jobs.waiting.delete(slot);
  const done = await Promise.allSettled(
    due.map(async ([, { job }]) => {
      if (job.name === 'sendPush') return handlers.sendPush(job.payload);
      if (job.name === 'clearPush') return handlers.clearPush(job.payload);
      if (job.name === 'wakeChannel') return handlers.wakeChannel(job.payload);
      return handlers.sweep(job.payload);
    }),
  );
  return done.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
}

/** How often PostgreSQL had to end one of two who waited for each other, in this database, since it was made. */
async function deadlocks(): Promise<number> {
  const client = new pg.Client({ connectionString: inject('testDatabases').adminUrl });
  await client.connect();
  try {
    const name = new URL(scene.world.url).pathname.slice(1);
    const { rows } = await client.query<{ deadlocks: string }>(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = $1',
      [name],
    );
    return Number(rows[0]?.deadlocks);
  } finally {
    await client.end();
  }
}

/** Goes on until nothing is due: what found another at it comes back. */
async function settle(failures: unknown[]): Promise<void> {
  for (const _ of upTo(mostSettling)) {
    failures.push(...(await doAllAtOnce()));
    const next = [...scene.jobs.waiting.values()].map(({ dueAt }) => dueAt);
    if (next.length === 0) return;
    await scene.clock.advance(Math.max(0, Math.min(...next) - scene.clock.now()));
  }
  throw new Error('It does not come to an end.');
}

async function makeCast() {
  const [ada, eve] = [await scene.away(), await scene.away()];
  const [phone, tablet] = [await scene.another(ada), await scene.another(eve)];
  const { id } = (await ada.createGroup([eve.userId])).channel;
  return { ada, eve, phone, tablet, id };
}

/** Of whatever there is to do, one by each who does it, all at the same moment. Answers what was rejected. */
async function doEverythingAtOnce(
  { ada, eve, phone, tablet, id }: Awaited<ReturnType<typeof makeCast>>,
  round: number,
): Promise<unknown[]> {
  const { handlers } = scene;
  const [channelId, said] = [idOf(id), (round - 1) * 2];
  const gone = await scene.another(round % 2 === 0 ? ada : eve);
  const everybody = [ada, eve, phone, tablet, gone];
  const looks = everybody.map(({ person }) => ({ deviceId: person.viewer.deviceId, channelId }));
  const [one, other] = round % 2 === 0 ? [phone.token, tablet.token] : [tablet.token, phone.token];
  const failures: unknown[] = [];
  const all = await Promise.allSettled([
    ada.send(id, `Ada ${round}`),
    eve.send(id, `Eve ${round}`),
    ...[1, 2].map(() => handlers.wakeChannel({ channelId })),
    ...[...looks, ...looks].map((place) => handlers.sendPush(place)),
    // Again and again, as what it may meet takes longer.
    ...[ada, eve].map(async ({ userId }) => {
      for (const _ of upTo(clears)) await handlers.clearPush({ userId, channelId });
    }),
    ada.read(id, said),
    eve.read(id, said),
    // Each takes the address of the other, and the next time its own again.
    registerAs(phone, one),
    registerAs(tablet, other),
    gone.person.execute(signOut),
    handlers.sweep({}),
    doAllAtOnce().then((rejected) => failures.push(...rejected)),
  ]);
  return [
    ...failures,
    ...all.flatMap((step): unknown[] => (step.status === 'rejected' ? [step.reason] : [])),
  ];
}

it('whoever is at one channel at once waits for nobody who waits for them, and in the end all is as it should be', async () => {
  const cast = await makeCast();
  const { ada, eve, phone, tablet, id } = cast;
  const failures: unknown[] = [];
  // Services are busy now and then: that is written to endpoints, which others are writing.
  scene.answerWith(({ note }) =>
    note.kind === 'message' && note.number % 3 === 0
      ? { outcome: 'later', status: 429, reason: null, retryAfterMs: 1_000 }
      : accepted,
  );
  for (const round of upTo(rounds)) failures.push(...(await doEverythingAtOnce(cast, round)));
  const said = rounds * 2;
  scene.answerWith(() => accepted);
  await settle(failures);
  expect(failures.map(String)).toEqual([]);

  // Everybody is where they can be woken again, each at an address of their own.
  for (const actor of [phone, tablet]) await registerAs(actor, actor.token);
  await ada.read(id, said);
  await eve.read(id, said);
  await settle(failures);
  await scene.clock.advance(1);
  await ada.send(id, 'And now?');
  await scene.wake(id);
  await scene.sweepLater();
  const last = said + 1;
  for (const actor of [eve, tablet])
    expect(actor.pushes().at(-1)).toMatchObject({ number: last, count: 1, badge: 1 });
  const rows = await scene.rowsOf(id);
  expect(rows.filter(({ claimedBy, lookAt }) => claimedBy !== null || lookAt !== null)).toEqual([]);
  await eve.read(id, last);
  await scene.sweepLater();
  for (const actor of [eve, tablet])
    expect(actor.pushes().at(-1)).toMatchObject({ kind: 'clear', number: last, badge: 0 });
  expect(await scene.rowsOf(id)).toHaveLength(4);
  expect(failures.map(String)).toEqual([]);
  // Connections that end say first what they counted.
  await scene.world.database.close();
  expect(await deadlocks()).toBe(0);
}, 120_000);
