import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rowIdOf, userIdOf } from '../../../schema/ids.ts';
import type { Job } from '../../../schema/ports/jobs.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { sweep } from '../../../schema/wake/sweep.ts';
import { many, type Query, queriesDuring } from '../product/statements-of.ts';
import { fillLarge, first, largeTables } from './large-installation.ts';
import { type Actor, accepted, idOf, openScene, type Scene } from './scene.ts';

let scene: Scene;
let bob: Actor;
/** A hundred members: all but Bob with two devices that can be woken. */
let crew: string;
beforeAll(async () => {
  scene = await openScene({ log: 'postgres' });
  await fillLarge(scene.world.url);
  bob = await scene.away();
  const others = upTo(99).map((n) => userIdOf(BigInt(first + n)));
  crew = (await bob.createGroup(others)).channel.id;
  await settle();
}, 180_000);
afterAll(() => scene.close());

/** Whatever was to be done is. */
async function settle() {
  await scene.handlers.wakeChannel({ channelId: idOf(crew) });
  scene.jobs.lose();
}
/** So many of the jobs that wait and have this name. */
async function some(name: Job['name'], count: number) {
  const jobs = [...scene.jobs.waiting.values()].flatMap(({ job }) => (job.name === name ? [job] : []));
  expect(jobs.length).toBeGreaterThanOrEqual(count);
  for (const job of jobs.slice(0, count)) {
    if (job.name === 'sendPush') await scene.handlers.sendPush(job.payload);
    else if (job.name === 'clearPush') await scene.handlers.clearPush(job.payload);
  }
}

const jobsOf = (name: Job['name']) => [...scene.jobs.waiting.values()].filter(({ job }) => job.name === name);

type Plan = {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Plan[];
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
};
const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
const isOfRows = ({ text }: Query) => /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b/i.test(text);

/** How a statement is done, with the values that it had; nothing of it stays. */
async function planOf({ text, values }: Query, options = 'FORMAT JSON'): Promise<Plan> {
  const client = await scene.world.database.pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query(`EXPLAIN (${options}) ${text}`, [...values]);
    return rows[0]['QUERY PLAN'][0].Plan;
  } catch (failure) {
    throw new Error(`No plan for ${text}`, { cause: failure });
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}
const scansIn = (plan: Plan) =>
  nodesOf(plan).flatMap(({ 'Node Type': type, 'Relation Name': table = '' }) =>
    type === 'Seq Scan' && largeTables.has(table) ? table : [],
  );

const sizeOf = ({ values }: Query) =>
  values.reduce<number>((sum, value) => sum + (Array.isArray(value) ? value.length : 0), 0);
/** Of each statement that with the most values, and of several pages the last: where one is bad, it is that. */
function oneOfEach(queries: readonly Query[]): readonly Query[] {
  const chosen = new Map<string, Query>();
  for (const query of queries.filter(isOfRows)) {
    const before = chosen.get(query.text);
    if (before === undefined || sizeOf(query) >= sizeOf(before)) chosen.set(query.text, query);
  }
  return [...chosen.values()];
}

/** Every statement that was looked at. */
const seen = new Set<string>();
/** The tables that are gone through by what is sent meanwhile, each with the statement that does. */
async function scannedDuring(act: () => Promise<unknown>) {
  const { queries } = await queriesDuring(act);
  const different = oneOfEach(queries);
  for (const { text } of different) seen.add(text);
  const found: string[] = [];
  for (const query of different)
    for (const table of scansIn(await planOf(query))) found.push(`${table}: ${query.text}`);
  return found;
}
/** As above, and how many pages of 8 KB that statement reads that reads most, of those that are sent meanwhile. */
async function lookedAtDuring(act: () => Promise<unknown>) {
  const { queries } = await queriesDuring(act);
  const scanned: string[] = [];
  let [most, text] = [0, ''];
  for (const query of oneOfEach(queries)) {
    const plan = await planOf(query, 'ANALYZE, BUFFERS, FORMAT JSON');
    scanned.push(...scansIn(plan));
    const pages = (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0);
    if (pages > most) [most, text] = [pages, query.text];
  }
  return { scanned, most, text, queries };
}

const apns = () => ({ apns: { token: randomBytes(32).toString('hex'), topic: 'com.example.chat' } });
async function ask(actor: Actor, document: string, variables = {}) {
  const { errors } = await actor.person.execute(document, variables);
  expect(errors).toBeUndefined();
}
const change = (actor: Actor, name: string, input: object) =>
  ask(
    actor,
    `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { __typename } }`,
    { input },
  );
const decisions = `query ($id: ID!) { channel(id: $id) { messages(last: 50) { edges { node {
  id notificationDecision { devices { outcome device { id } } } } } } } }`;
const simulation = `query ($id: ID!) { simulateNotification(input: { channelId: $id }) { devices { outcome } } }`;

describe('an installation of 100,000 people is not gone through', () => {
  const wake = () => scene.handlers.wakeChannel({ channelId: idOf(crew) });
  const steps: readonly (readonly [string, () => Promise<unknown>])[] = [
    [
      'when somebody says something',
      async () => {
        await bob.send(crew, 'Hello');
        await scene.clock.advance(10_000);
        await bob.send(crew, 'Is anybody there?');
        await scene.clock.advance(1);
      },
    ],
    ['when it is decided whom to notify', wake],
    ['when a device is told', () => some('sendPush', 3)],
    [
      'when a push service is busy',
      async () => {
        scene.answerWith(() => ({ outcome: 'later', status: 503, reason: null }));
        await some('sendPush', 5);
      },
    ],
    [
      'when an endpoint is gone',
      async () => {
        scene.answerWith(() => ({ outcome: 'gone', status: 410, reason: null }));
        await some('sendPush', 6);
        scene.answerWith(() => accepted);
      },
    ],
    [
      'when much is decided at once',
      async () => {
        const { prisma } = scene.product;
        const channelId = rowIdOf.channel(idOf(crew));
        await prisma.member.updateMany({ where: { channelId }, data: { isMuted: true } });
        for (const n of upTo(30)) await bob.send(crew, `Message ${n}`);
        const before = await prisma.notificationDecision.count({ where: { channelId } });
        await wake();
        const decided = (await prisma.notificationDecision.count({ where: { channelId } })) - before;
        expect(decided).toBeGreaterThan(5_000);
        await prisma.member.updateMany({ where: { channelId }, data: { isMuted: false } });
      },
    ],
    [
      'when a message is deleted',
      async () => {
        const { message } = await bob.send(crew, 'Not for you');
        await wake();
        await some('sendPush', 3);
        await bob.erase(message.id);
        await wake();
        await some('sendPush', 3);
      },
    ],
    [
      'when somebody has read',
      async () => {
        const userId = userIdOf(BigInt(first + 1));
        await scene.handlers.clearPush({ userId, channelId: idOf(crew) });
        await bob.read(crew, 1);
        await scene.clock.advance(1);
      },
    ],
    ['when somebody asks why', () => ask(bob, decisions, { id: crew })],
    ['when somebody asks what would be', () => ask(bob, simulation, { id: crew })],
    [
      'when a device is registered, again, and with another address',
      async () => {
        const ada = await scene.join();
        const [one, other] = [apns(), apns()];
        for (const address of [one, one, other]) await change(ada, 'registerPushEndpoint', { address });
        await change(bob, 'registerPushEndpoint', { address: other });
      },
    ],
    [
      'when somebody looks at their endpoints, tries one and removes one',
      async () => {
        await ask(bob, '{ viewer { pushEndpoints { id device { pushEndpoint { id } } } } }');
        const pushEndpointId = await bob.register();
        await change(bob, 'testPush', { pushEndpointId });
        await change(bob, 'removePushEndpoint', { pushEndpointId });
      },
    ],
    [
      'when somebody signs out',
      async () => {
        const ada = await scene.away();
        await change(ada, 'signOut', {});
      },
    ],
    [
      'when the log was restored',
      async () => {
        const { prisma } = scene.product;
        const where = { channelId: rowIdOf.channel(idOf(crew)) };
        await prisma.logHead.update({ where, data: { head: { decrement: 1 } } });
        await wake();
        await prisma.logHead.update({ where, data: { head: { increment: 1 } } });
      },
    ],
  ];
  it.each(steps)('%s', async (_when, act) => {
    expect(await scannedDuring(act)).toEqual([]);
  });

  it.each([
    ['who is reached', /LIMIT 2$/],
    ['the devices of a channel', /DISTINCT ON[\s\S]+SELECT user_id FROM member/],
    ['one device', /DISTINCT ON[\s\S]+WHERE e\.device_id/],
    ['those of one person', /DISTINCT ON[\s\S]+WHERE e\.user_id =/],
    ['what is decided', /FROM channel_wake/],
    ['what is decided now', /UPDATE channel_wake/],
    ['what devices were told', /FROM device_wake WHERE channel_id/],
    ['that devices are looked at', /INSERT INTO device_wake/],
    ['that a device is taken', /UPDATE device_wake w SET\s+claimed_by/],
    ['that it is given back', /UPDATE device_wake SET\s+settled_number = greatest/],
    ['that a log was restored', /UPDATE device_wake SET settled_number = least[\s\S]+/],
    ['what is to be taken away', /WITH shown/],
    ['why', /INSERT INTO notification_decision/],
    ['what was sent', /SELECT seq, outcome::text FROM notification_decision/],
    ['what was decided of other messages', /DELETE FROM notification_decision/],
    ['why, for who asks', /unnest[\s\S]+JOIN notification_decision/],
    ['that a service is left alone', /UPDATE push_endpoint SET held_until/],
    ['that an endpoint is gone', /DELETE FROM "public"\."push_endpoint"/],
    ['settings', /FROM notification_settings/],
    ['blocks', /FROM contact\s+WHERE is_blocked/],
    ['members', /json_build_array\(i\.joined_seq, i\.left_seq\)/],
    ['when somebody was seen', /last_seen_at/],
  ])('and what says %s is among that', (_what, pattern) => {
    expect([...seen].filter((text) => pattern.test(text))).not.toEqual([]);
  });

  it('and it would be seen if it were', async () => {
    const { pushEndpoint } = scene.product.prisma;
    expect(await scannedDuring(() => pushEndpoint.count({ where: { tries: 7 } }))).toHaveLength(1);
  });
});

describe('the sweep of it', () => {
  beforeAll(settle);
  beforeEach(() => scene.jobs.lose());

  // A thousand rows, and some looks at indexes for each: of 50,000 channels, 500,000 members and 300,000 rows.
  it('adds nothing when there is nothing to do, and reads a piece at a time', async () => {
    const { scanned, most, text, queries } = await lookedAtDuring(() => sweep(scene.product));
    expect(scanned).toEqual([]);
    expect([...scene.jobs.waiting.keys()]).toEqual([]);
    expect(most, text).toBeLessThan(20_000);
    expect(queries.length).toBeLessThan(200);
  });

  it('finds all that was lost, also where much was to be looked at at one time', async () => {
    const { prisma, clock } = scene.product;
    const late = new Date(clock.now() - 60_000);
    const looks = await prisma.$executeRaw`
      UPDATE device_wake SET look_at = ${late} WHERE device_id < ${first + 1_000}`;
    const read = await prisma.$queryRaw<unknown[]>`
      WITH seen AS (UPDATE member SET read_number = 10 WHERE channel_id % 10 = 0 RETURNING channel_id, user_id)
      SELECT DISTINCT w.channel_id, e.user_id FROM seen s JOIN push_endpoint e ON e.user_id = s.user_id
      JOIN device_wake w ON w.device_id = e.device_id AND w.channel_id = s.channel_id
      WHERE w.pushed_number > w.cleared_number`;
    const said = await prisma.$queryRaw<unknown[]>`
      UPDATE channel_wake w SET woken_seq = 19 WHERE channel_id % 10 = 1 AND EXISTS (
        SELECT FROM member m JOIN push_endpoint e USING (user_id) WHERE m.channel_id = w.channel_id) RETURNING 1`;
    const { scanned, most, text } = await lookedAtDuring(() => sweep(scene.product));
    expect(scanned).toEqual([]);
    expect(most, text).toBeLessThan(20_000);
    const found = (['sendPush', 'clearPush', 'wakeChannel'] as const).map((name) => jobsOf(name).length);
    expect(found).toEqual([looks, read.length, said.length]);
    // More than one statement of each.
    expect(Math.min(...found)).toBeGreaterThan(2_000);
  });
});

describe('what it takes', () => {
  it('to decide about a hundred people with two devices each is as many statements as anywhere', async () => {
    const others = upTo(99).map((n) => userIdOf(BigInt(first + 100 + n)));
    const { id } = (await bob.createGroup(others)).channel;
    await bob.send(id, 'All of you');
    scene.jobs.lose();
    const { queries } = await queriesDuring(() => scene.handlers.wakeChannel({ channelId: idOf(id) }));
    const statements = queries.map(({ text }) => text);
    expect(jobsOf('sendPush')).toHaveLength(198);
    expect(statements.length, many(statements)).toBeLessThanOrEqual(24);
  });

  it('to say something is no statement more while it is known that somebody can be woken', async () => {
    await bob.send(crew, 'First');
    await scene.clock.advance(1);
    const { queries } = await queriesDuring(async () => {
      for (const n of upTo(20)) await bob.send(crew, `Message ${n}`);
      await scene.clock.advance(1);
    });
    const texts = queries.map(({ text }) => text);
    expect(texts.filter((text) => /push_endpoint|_wake/.test(text))).toEqual([]);
  });
});

// The last: what is deleted here is not there any more.
it('what is old is deleted a piece at a time: decisions at once, and what is known of devices by and by', async () => {
  const { product, clock } = scene;
  const { prisma } = product;
  await prisma.$executeRaw`UPDATE notification_decision SET decided_at = '2029-01-01' WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM notification_decision LIMIT 5000))`;
  await prisma.$executeRaw`DELETE FROM push_endpoint`;
  const before = await prisma.deviceWake.count();
  const { queries } = await queriesDuring(async () => {
    for (const minute of upTo(2))
      await sweep({ ...product, clock: { ...clock, now: () => clock.now() + minute * 60_000 } });
  });
  expect(await prisma.notificationDecision.count({ where: { decidedAt: new Date('2029-01-01') } })).toBe(0);
  // All 60,000 devices in an hour: some five rows each.
  const gone = before - (await prisma.deviceWake.count());
  expect([gone > 8_000, gone < 12_000]).toEqual([true, true]);
  const deletions = queries.filter(({ text }) => /DELETE/.test(text));
  expect(deletions.length).toBeLessThan(25);
  for (const deletion of deletions) expect(scansIn(await planOf(deletion))).toEqual([]);
});
