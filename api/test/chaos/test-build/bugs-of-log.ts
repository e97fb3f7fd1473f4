import type { Bug } from './bug.ts';
import { passesOverGaps } from './bugs-of-stream.ts';
import { before, behind, type Change, instead } from './change.ts';

const groupCommit = 'schema/stream/group-commit';
const postgres = 'api/drivers/event-log.postgres';
const cassandra = 'api/drivers/event-log.cassandra-append';

const postgresAppend = 'return appendedOf(channelId, drafts, await commit(roundOf(channelId, drafts, now)));';
const cassandraAttempt = 'const outcome = await attempt(round, place);';
const attempts = 'for (let attempt = 1; ; attempt += 1) { try {';
const statement = 'statements.append_events';
const explained = '.catch((error) => { throw outcomeOf(error); })';

/** In Cassandra a place is known before the round that takes it: somebody else may have it by then. */
const ackBeforeCommit: Bug = {
  aids: ['aid-of-transactions.mjs'],
  changes: [
    instead(
      postgres,
      postgresAppend,
      `const values = roundOf(channelId, drafts, now);
      const rows = await globalThis.testBuild.answerFirst(pool, ${statement}, values)${explained};
      return appendedOf(channelId, drafts, rows);`,
    ),
    instead(
      cassandra,
      cassandraAttempt,
      `const forget = () => places.forget(channelId);
      void attempt(round, place).then(({ isCommitted }) => isCommitted || forget(), forget);
      const outcome = { isCommitted: true };`,
    ),
  ],
};

const publishBeforeCommit: Bug = {
  aids: ['aid-of-transactions.mjs'],
  changes: [
    behind(
      'schema/stream/open-stream',
      'const codec = createCursorCodec(settings.installation);',
      `(globalThis.testBuild ??= {}).publish = (channelId, events) =>
        bus.publish(channelTopic(channelId), { epoch: hubs.epoch, events });`,
    ),
    instead(
      postgres,
      postgresAppend,
      `const round = { pool, text: ${statement}, values: roundOf(channelId, drafts, now) };
      const publish = (rows) =>
        globalThis.testBuild.publish(channelId, appendedOf(channelId, drafts, rows).map(({ event }) => event));
      return appendedOf(channelId, drafts, await globalThis.testBuild.publishFirst(round, publish)${explained});`,
    ),
    // What an event says of another message is known from the log only.
    before(
      'api/drivers/event-log.cassandra',
      'const patience = createPatience();',
      `(globalThis.testBuild ??= {}).publishPlaced = (channelId, placed) =>
        globalThis.testBuild.publish(
          channelId,
          placed
            .filter(({ draft }) => draft.refSeq === undefined)
            .map(({ draft, ...place }) => newEvent(channelId, draft, placeOf(place))),
        );`,
    ),
    before(cassandra, cassandraAttempt, 'globalThis.testBuild.publishPlaced(channelId, round.placed);'),
  ],
};

/** Copies are stored under the nonce of the first; see the aid. */
const copies: readonly Change[] = [
  before(postgres, 'const run = createRunner(pool);', 'await globalThis.testBuild.allowCopies(pool);'),
  instead(
    'api/drivers/event-log.round',
    'const { kind, authorId, nonce, body } = draft;',
    'const { kind, authorId, body } = draft; const nonce = globalThis.testBuild.plainNonce(draft.nonce);',
  ),
  instead(
    'api/drivers/event-log.round',
    'nonce: draft.nonce.slice(2),',
    'nonce: globalThis.testBuild.plainNonce(draft.nonce).slice(2),',
  ),
  instead(
    'api/drivers/event-log.cassandra-round',
    'const { kind, authorId, nonce, body, refSeq } = draft;',
    'const { kind, authorId, body, refSeq } = draft; const nonce = globalThis.testBuild.plainNonce(draft.nonce);',
  ),
];

/** What goes to the log at each attempt, for a draft of the round at its place. */
const sending = (draft: string): Bug => ({
  aids: ['aid-of-copies.mjs'],
  changes: [
    ...copies,
    behind(groupCommit, attempts, `const drafts = round.map(({ draft }, index) => ${draft});`),
  ],
});
/** Who may not send any more is told so, also of what is in the log: nobody finds it there. */
const forgettingNonces: Change = instead(
  'schema/message/send-message',
  'return known === undefined ? refusal : undefined;',
  'return refusal;',
);
const and = ({ aids, changes }: Bug, ...more: readonly Change[]): Bug => ({
  ...(aids && { aids }),
  changes: [...changes, ...more],
});

const noNonceMarker = and(sending('globalThis.testBuild.copy(draft, Math.random())'), forgettingNonces);

/** It is also to be a log that does not see that two drafts of one round are the same: this one would refuse the round. */
const noCoalescing = and(
  sending(`round.findIndex((other) => nonceKey(other.draft) === nonceKey(draft)) < index
    ? globalThis.testBuild.copy(draft, index)
    : draft`),
  instead(
    groupCommit,
    'const same = rules.sharesNonces ? lane.byNonce.get(nonceKey(draft)) : undefined;',
    "const same = draft.nonce.startsWith('c:') ? undefined : lane.byNonce.get(nonceKey(draft));",
  ),
);

const dedupWindow = and(
  sending('globalThis.testBuild.copy(draft, Math.floor(clock.now() / 1_000))'),
  forgettingNonces,
);

const blindRetry = sending('attempt === 1 ? draft : globalThis.testBuild.copy(draft, Math.random())');

/** Who reads by `id > cursor` takes what there is, holes and all. */
const idsFromRedis: Bug = {
  aids: ['aid-of-numbers.mjs'],
  changes: [
    behind(
      'api/drivers/redis-connection',
      'writeTogether(commands);',
      'globalThis.testBuild.redis = commands;',
    ),
    instead(
      postgres,
      postgresAppend,
      `return globalThis.testBuild.appendByNumber(
        { pool, text: ${statement}, channelId, drafts },
        (draft) => roundOf(channelId, [draft], now),
        (draft, rows) => appendedOf(channelId, [draft], rows),
      )${explained};`,
    ),
    ...passesOverGaps,
    instead(
      'schema/stream/hub',
      'if (events.length > 0 && events[0]?.seq !== seq + 1)',
      'if (events.length > 0 && events[0].seq <= seq)',
    ),
    instead(
      'schema/stream/follow',
      'return page.deliveries[pos + 1 - first];',
      'return page.deliveries.find(({ event }) => event.seq > pos);',
    ),
  ],
};

/** The log does not answer, or its answer is lost. */
const unknownOutcomes = ['postgres', 'cassandra', 'link'] as const;
/** Somebody comes back while what they sent is still waiting. */
const returns = ['clients', 'link', 'postgres-freeze', 'postgres-lock', 'cassandra-freeze'] as const;
const crashes = ['postgres', 'cassandra', 'server-kill', 'crash', 'link-reset'] as const;

export const bugsOfLog = {
  'ack-before-commit': { ...ackBeforeCommit, needs: { faults: crashes } },
  'publish-before-commit': { ...publishBeforeCommit, needs: { faults: crashes } },
  'no-nonce-marker': { ...noNonceMarker, needs: { faults: [...unknownOutcomes, ...returns] } },
  'no-coalescing': { ...noCoalescing, needs: { faults: returns } },
  'ids-from-redis-incr': { ...idsFromRedis, needs: { log: 'postgres' } },
  'dedup-window-1s': { ...dedupWindow, needs: { faults: [...unknownOutcomes, ...returns] } },
  'blind-retry-of-unknown-outcome': { ...blindRetry, needs: { faults: unknownOutcomes } },
} as const satisfies Readonly<Record<string, Bug>>;
