import pg from 'pg';
import { type ChannelId, channelIdOf, userIdOf } from '../../../../schema/ids.ts';
import { systemClock } from '../../../../schema/ports/clock.ts';
import type { EventLog } from '../../../../schema/ports/event-log.ts';
import { clientNonce, type EventDraft } from '../../../../schema/stream/event.ts';
import { createGroupCommit } from '../../../../schema/stream/group-commit.ts';
import { allRules } from '../../../../schema/stream/rules.ts';
import { openPostgresEventLog } from '../../../drivers/event-log.postgres.ts';

const draft = (nonce: string): EventDraft => ({
  kind: 'message.sent',
  authorId: userIdOf(1n),
  nonce: clientNonce(nonce),
  body: nonce,
});
const headIn = async (log: EventLog, channelId: ChannelId) =>
  (await log.heads([channelId])).heads.get(channelId)?.head ?? 0;

let channels = 100n;
type Logged = { readonly log: EventLog; readonly channelId: ChannelId };

/** Over a database that nobody needs afterwards, in a channel of its own. */
async function withLog<T>(connectionString: string, use: (logged: Logged) => Promise<T>): Promise<T> {
  const pool = new pg.Pool({ connectionString, max: 4 });
  channels += 1n;
  try {
    const log = await openPostgresEventLog({ pool });
    return await use({ log, channelId: channelIdOf(channels) });
  } finally {
    await pool.end();
  }
}

/** Until it is called, no bug commits what it has told. */
function holdCommits(): () => void {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  globalThis.testBuild = Object.assign(globalThis.testBuild ?? {}, { beforeCommit: () => held });
  return release;
}

export const isAheadOfTheCommit = (url: string) =>
  withLog(url, async ({ log, channelId }) => {
    const release = holdCommits();
    const [appended] = await log.append(channelId, [draft('once')], 1);
    const isAhead = (await headIn(log, channelId)) < (appended?.event.seq ?? 0);
    release();
    return isAhead;
  });

export const tellsAheadOfTheCommit = (url: string) =>
  withLog(url, async ({ log, channelId }) => {
    const release = holdCommits();
    let isAhead = false;
    const publish = async () => {
      isAhead = (await headIn(log, channelId)) === 0;
      release();
    };
    globalThis.testBuild = Object.assign(globalThis.testBuild ?? {}, { publish });
    await log.append(channelId, [draft('once')], 1);
    return isAhead;
  });

export const isGivenTwice = (url: string) =>
  withLog(url, async ({ log, channelId }) => {
    const commit = createGroupCommit(log, systemClock, allRules);
    for (let nth = 0; nth < 2; nth += 1) await Promise.all(commit.append(channelId, [draft('once')]));
    const nonces = (await log.read(channelId, 0, 10)).map(({ nonce }) => nonce);
    return nonces.length === 2 && nonces.every((nonce) => nonce === clientNonce('once'));
  });

/** Who asks Redis first hears of it last. */
function redisThatHolds(wait: Promise<void>) {
  let [seq, number, asked] = [0, 0, 0];
  const multi = {
    incr: () => multi,
    incrby: () => multi,
    async exec() {
      [seq, number, asked] = [seq + 1, number + 1, asked + 1];
      const answer = [
        [null, seq],
        [null, number],
      ];
      if (asked === 1) await wait;
      return answer;
    },
  };
  return { multi: () => multi, exists: async () => 1 };
}

/** Whoever has seen the second cannot read the first, which comes later. */
export const passesOver = (url: string) =>
  withLog(url, async ({ log, channelId }) => {
    let release: () => void = () => undefined;
    const redis = redisThatHolds(
      new Promise((resolve) => {
        release = resolve;
      }),
    );
    globalThis.testBuild = Object.assign(globalThis.testBuild ?? {}, { redis });
    const first = log.append(channelId, [draft('first')], 1);
    const [second] = await log.append(channelId, [draft('second')], 1);
    const seen = await log.read(channelId, 0, 10);
    release();
    await first;
    const seq = second?.event.seq ?? 0;
    const readable = seen.filter((event) => event.seq <= seq).length;
    return readable < seq && (await log.read(channelId, 0, 10)).length === 2;
  });
