import { describe, expect, it } from 'vitest';
import { channelIdOf, serverAuthorId, userIdOf } from '../ids.ts';
import { createManualClock } from '../ports/clock.manual.ts';
import { openMemoryEventLog } from '../ports/event-log.memory.ts';
import { type EventLog, OutcomeUnknownError, StaleRevisionError } from '../ports/event-log.ts';
import { upTo } from '../ports/random.contract.ts';
import { clientNonce, type EventDraft } from './event.ts';
import { createGroupCommit, maxWaiting, patienceMs } from './group-commit.ts';
import { allRules } from './rules.ts';

const channelId = channelIdOf(1n);
const start = 1_717_171_717_171;
const sent = (nonce: string, body = nonce): EventDraft => ({
  kind: 'message.sent',
  authorId: userIdOf(1n),
  nonce: clientNonce(nonce),
  body,
});
const codeOf = (failure: unknown) =>
  failure instanceof Error && 'extensions' in failure ? failure.extensions : failure;

/** A log whose appends wait to be let through, each as it is told. */
function world() {
  const log = openMemoryEventLog();
  const clock = createManualClock(start);
  const rounds: (readonly EventDraft[])[] = [];
  const gates: ((how: 'commit' | 'refuse' | 'commit, unknown' | 'unknown') => void)[] = [];
  const gated: EventLog = {
    ...log,
    async append(id, drafts, now) {
      rounds.push(drafts);
      const how = await new Promise<Parameters<(typeof gates)[number]>[0]>((resolve) => gates.push(resolve));
      if (how === 'refuse') throw new Error('a poisoned round');
      const appended = how === 'unknown' ? [] : await log.append(id, drafts, now);
      if (how !== 'commit') throw new OutcomeUnknownError('nobody knows');
      return appended;
    },
  };
  const commit = createGroupCommit(gated, clock, allRules);
  const append = (...drafts: EventDraft[]) => commit.append(channelId, drafts);
  /** Lets the append that is in flight go, as soon as there is one. */
  const next = async (how: Parameters<(typeof gates)[number]>[0]) => {
    await expect.poll(() => gates.length, { interval: 1 }).toBeGreaterThan(0);
    gates.shift()?.(how);
  };
  return { log, clock, rounds, append, commit, next };
}

describe('what arrives while a round is on its way', () => {
  it('goes into the next one, together and in the order of arrival', async () => {
    const { append, next, rounds } = world();
    const first = append(sent('a'));
    await next('commit');
    await Promise.all(first);
    const [second, third] = [append(sent('b')), append(sent('c'), sent('d'))];
    await next('commit');
    const answers = await Promise.all([...second, ...third]);
    expect(rounds.map((round) => round.map(({ body }) => body))).toEqual([['a'], ['b', 'c', 'd']]);
    expect(answers.map(({ event }) => event.seq)).toEqual([2, 3, 4]);
  });

  it('lets an edit that insists on a revision go alone, so that its refusal costs the others nothing', async () => {
    const { append, next, rounds } = world();
    await Promise.all([...append(sent('a')), next('commit')]);
    const edit = (nonce: string): EventDraft => ({
      ...{ ...sent(nonce), kind: 'message.edited', refSeq: 1, ifRevision: 1 },
    });
    const answers = append(sent('b'), sent('c'), edit('first'), edit('second'), sent('d'));
    const outcomes = Promise.allSettled(answers);
    for (const _ of upTo(4)) await next('commit');
    const refused = (await outcomes).map((one) => one.status === 'rejected' && one.reason);
    expect(refused).toEqual([false, false, false, expect.any(StaleRevisionError), false]);
    expect(rounds.slice(1).map((round) => round.map(({ body }) => body))).toEqual([
      ['b', 'c'],
      ['first'],
      ['second'],
      ['d'],
    ]);
  });

  it('is split at 64 events and at 64 KB', async () => {
    const { append, next, rounds } = world();
    const many = append(...upTo(70).map((n) => sent(`n${n}`)));
    await next('commit');
    await next('commit');
    await Promise.all(many);
    const large = append(...upTo(5).map((n) => sent(`l${n}`, 'x'.repeat(16_000))));
    await next('commit');
    await next('commit');
    await Promise.all(large);
    expect(rounds.map((round) => round.length)).toEqual([64, 6, 4, 1]);
  });

  it('shares the append of the same nonce, and is told so', async () => {
    const { append, next, rounds } = world();
    const [first] = append(sent('a', 'the first text'));
    const [again] = append(sent('a', 'another text'));
    await next('commit');
    expect(await first).toMatchObject({ deduplicated: false });
    expect(await again).toMatchObject({ deduplicated: true, event: { message: { text: 'the first text' } } });
    expect(rounds).toHaveLength(1);
  });
});

describe('a round whose outcome is unknown', () => {
  it('is repeated just so, and answers what the first attempt did', async () => {
    const { append, clock, next, rounds, log } = world();
    const [answer] = append(sent('a'));
    await next('commit, unknown');
    const roundsLater = async () => {
      await clock.advance(500);
      return rounds.length;
    };
    await expect.poll(roundsLater, { interval: 1 }).toBe(2);
    await next('commit');
    expect(await answer).toMatchObject({ event: { seq: 1 } });
    expect(rounds[1]).toEqual(rounds[0]);
    expect(await log.read(channelId, 0, 10)).toHaveLength(1);
  });

  it('ends after 5 s as UNAVAILABLE, and with it all that waits behind', async () => {
    const { append, clock, next } = world();
    const answers = [...append(sent('a')), ...append(sent('b'))].map((answer) => answer.catch(codeOf));
    let isOver = false;
    void Promise.all(answers).then(() => {
      isOver = true;
    });
    const since = clock.now();
    while (!isOver) {
      await Promise.race([next('unknown'), Promise.all(answers)]);
      await clock.advance(500);
    }
    expect(await Promise.all(answers)).toEqual([
      { code: 'UNAVAILABLE', retryAfterMs: expect.any(Number) },
      { code: 'UNAVAILABLE', retryAfterMs: expect.any(Number) },
    ]);
    expect(clock.now() - since).toBeLessThanOrEqual(patienceMs + 500);
  });
});

it('what waits behind a round that stays unknown fails with it, though the log is back: it must not overtake', async () => {
  const { append, clock, next, rounds } = world();
  const first = append(sent('a')).map((answer) => answer.catch(codeOf));
  await next('unknown');
  const behind = append(sent('b')).map((answer) => answer.catch(codeOf));
  await clock.advance(patienceMs);
  await next('unknown');
  const codes = await Promise.all([...first, ...behind]);
  expect(codes).toMatchObject([{ code: 'UNAVAILABLE' }, { code: 'UNAVAILABLE' }]);
  const [later] = append(sent('c'));
  await next('commit');
  expect(await later).toMatchObject({ event: { seq: 1 } });
  expect(rounds.map((round) => round.map(({ body }) => body))).toEqual([['a'], ['a'], ['c']]);
});

it('what waits behind a refused round goes together again when that ended as unknown', async () => {
  const { append, clock, next, rounds } = world();
  const answers = Promise.allSettled(append(sent('a'), sent('b'), sent('c')));
  await next('refuse');
  await next('unknown');
  await clock.advance(patienceMs);
  await next('unknown');
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  const later = append(sent('d'), sent('e'));
  await next('commit');
  await Promise.all(later);
  expect(rounds.at(-1)).toHaveLength(2);
});

it('a draft that the log refuses fails alone', async () => {
  const { append, next } = world();
  const answers = Promise.allSettled(append(sent('a'), sent('poison'), sent('c')));
  await next('refuse');
  await next('commit');
  await next('refuse');
  await next('commit');
  expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

it('a full queue refuses at once, and takes more when there is room', async () => {
  const { append, next } = world();
  const waiting = append(...upTo(maxWaiting).map((n) => sent(`n${n}`)));
  const [tooMany] = append(sent('one more'));
  expect(await tooMany?.catch(codeOf)).toMatchObject({ code: 'RATE_LIMITED' });
  await next('commit');
  await waiting[0];
  const [later] = append(sent('one more'));
  for (const _ of upTo(Math.ceil((maxWaiting - 64 + 1) / 64))) await next('commit');
  expect(await later).toMatchObject({ event: { seq: maxWaiting + 1 } });
});

it('a full queue does not refuse what the server itself records: a flood must not keep a removal out', async () => {
  const { append, next } = world();
  append(...upTo(maxWaiting).map((n) => sent(`n${n}`)));
  const [removal] = append({ ...sent('removal'), authorId: serverAuthorId });
  for (const _ of upTo(Math.ceil((maxWaiting + 1) / 64))) await next('commit');
  expect(await removal).toMatchObject({ event: { seq: maxWaiting + 1 } });
});

it('is idle when everything was answered', async () => {
  const { append, commit, next } = world();
  const [answer] = append(sent('a'));
  let isIdle = false;
  const idle = commit.whenIdle().then(() => {
    isIdle = true;
  });
  await Promise.resolve();
  expect(isIdle).toBe(false);
  await next('commit');
  await Promise.all([answer, idle]);
  expect(isIdle).toBe(true);
});
