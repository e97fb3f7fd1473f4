import { before, behind, type Change, instead, nodeOptionsOf } from './change.ts';

/** Where a process can die in the middle of something. */
export const crashPoints = [
  /** A message may be sent; nobody has written it yet. */
  'after_validate',
  /** A round is about to be handed to the log. */
  'before_commit',
  /** A round is in the log, and nobody was told. */
  'after_commit_before_ack',
  /** Whoever sent it was told; from then on no other process is. */
  'after_ack_before_publish',
  /** A round is on its way in the store. */
  'mid_round',
  /** A push service has taken something, which nobody has written down. */
  'after_push_before_mark',
] as const;
export type CrashPoint = (typeof crashPoints)[number];

/** A round takes several milliseconds in Cassandra, and its client some turns to send it. */
const sentToCassandraMs = 2;

export const changesOfPoint: Readonly<Record<CrashPoint, readonly Change[]>> = {
  after_validate: [
    instead(
      'schema/message/send-message',
      'async (refusal) => refusal ?? record(scope, channelId, draft)',
      `async (refusal) => {
        if (refusal === undefined) globalThis.testBuild.pass('after_validate');
        return refusal ?? record(scope, channelId, draft);
      }`,
    ),
  ],
  before_commit: [
    before(
      'schema/stream/group-commit',
      'return await log.append(channelId, drafts, clock.now());',
      "globalThis.testBuild.pass('before_commit');",
    ),
  ],
  after_commit_before_ack: [
    behind(
      'schema/stream/group-commit',
      'if (appended === undefined) return giveUp(lane, round);',
      "globalThis.testBuild.pass('after_commit_before_ack');",
    ),
  ],
  after_ack_before_publish: [
    behind(
      'schema/stream/open-stream',
      'const appended = await Promise.all(commit.append(channelId, drafts));',
      "if (globalThis.testBuild.skips('after_ack_before_publish')) return appended;",
    ),
  ],
  mid_round: [
    behind(
      'api/drivers/event-log.postgres',
      '{ name, text: statements[name], values, query_timeout };',
      "if (name === 'append_events') globalThis.testBuild.passSoon('mid_round');",
    ),
    before(
      'api/drivers/event-log.cassandra-store',
      'return (await run(client.batch(batch, { ...conditional, logged: false }))).rows;',
      `globalThis.testBuild.passSoon('mid_round', ${sentToCassandraMs});`,
    ),
  ],
  after_push_before_mark: [
    behind(
      'schema/wake/send-push',
      'const answer = await push.send(device.target, note);',
      "globalThis.testBuild.pass('after_push_before_mark');",
    ),
  ],
};

/** How a server or worker is started that dies by SIGKILL the nth time that it passes this point. */
export const crashOptions = (point: CrashPoint, nth: number) => ({
  settings: { CRASH_AT: `${point}:${nth}` },
  nodeOptions: nodeOptionsOf({ name: point, changes: changesOfPoint[point], aids: ['crash.mjs'] }),
});
