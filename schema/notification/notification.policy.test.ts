import { describe, expect, it } from 'vitest';
import { createRandom, upTo } from '../ports/random.contract.ts';
import { countBranches } from '../test/branches.ts';
import type { Change } from './decision-table.contract.ts';
import type { NotificationFacts, NotificationRule } from './notification.policy.ts';

const branches = countBranches();
const { decideNotification, maxAgeMs, notificationReasons, notificationRules } = await import(
  './notification.policy.ts'
);
const { both, due, factsWith, now, rows } = await import('./decision-table.contract.ts');
const { randomFacts } = await import('./random-facts.contract.ts');

const outcomes = { PASSES: 'SEND', STOPS: 'SUPPRESS', WAITS: 'WAIT' } as const;
const rulesIn = (facts: NotificationFacts) => decideNotification(facts).trace.map(({ rule }) => rule);

describe('the rules of notifications', () => {
  it('have no branch that the table below leaves out', () => {
    for (const [, change] of rows) decideNotification(factsWith(change));
    expect(branches.missedIn('notification.policy.ts')).toEqual([]);
    branches.close();
  });

  it('give each of their reasons in some row, for one rule and one result', () => {
    const sides = new Map<string, Set<string>>();
    for (const [rule, , result, because] of rows)
      sides.set(because, (sides.get(because) ?? new Set()).add(`${rule} ${result}`));
    expect([...sides.keys()].sort()).toEqual(Object.keys(notificationReasons).sort());
    for (const [because, found] of sides) expect([...found], because).toHaveLength(1);
  });

  it('send what is due, and say of every rule that it was asked', () => {
    const { outcome, trace, askAgainAt } = decideNotification(due);
    expect({ outcome, askAgainAt }).toEqual({ outcome: 'SEND', askAgainAt: undefined });
    expect(trace.map(({ rule }) => rule)).toEqual(notificationRules);
  });

  it.for(rows)('%s, with %j: %s, %s', ([rule, change, result, because, inMs]) => {
    const { outcome, trace, askAgainAt } = decideNotification(factsWith(change));
    expect(outcome).toBe(outcomes[result]);
    expect(trace.find((step) => step.rule === rule)).toEqual({ rule, result, because });
    if (result !== 'PASSES') expect(trace.at(-1)?.rule).toBe(rule);
    expect(askAgainAt).toBe(inMs === undefined ? undefined : now + inMs);
  });
});

/** Published: a client shows it, so it changes with the public schema only. */
const published = [
  ...['SENDER', 'BLOCKED', 'MEMBER', 'DELETED', 'TOO_OLD', 'READ', 'ACTIVE'],
  ...['MUTED', 'DO_NOT_DISTURB', 'CHANNEL', 'GLOBAL', 'IDLE', 'ENDPOINT'],
];

/** One row by which each rule holds a message back. What they change are different things, so that any two can be put together. */
const objections: { readonly [R in NotificationRule]: Change } = {
  SENDER: { message: { isOwn: true } },
  BLOCKED: { person: { isBlocked: true } },
  MEMBER: { person: { isMember: false } },
  DELETED: { message: { isDeleted: true } },
  TOO_OLD: { ageMs: maxAgeMs + 1 },
  READ: { person: { readNumber: due.message.number } },
  ACTIVE: { person: { isActive: true, deliveredNumber: due.message.number } },
  MUTED: { person: { isMuted: true } },
  DO_NOT_DISTURB: { preferences: { doNotDisturbUntil: now + 1 } },
  CHANNEL: { person: { channelLevel: 'REPLIES' } },
  GLOBAL: { preferences: { level: 'NOTHING' } },
  IDLE: { person: { activeUntil: now }, preferences: { quietSeconds: 1 } },
  ENDPOINT: { device: { registeredAt: undefined } },
};

describe('the order of the rules', () => {
  const pairs = notificationRules.flatMap((first, index) =>
    notificationRules.slice(index + 1).map((second) => [first, second] as const),
  );

  it('is the published one', () => {
    expect(notificationRules).toEqual(published);
  });

  it.for(notificationRules.map((rule, index) => [rule, index] as const))(
    '%s is asked behind %i others, and nobody behind it when it objects',
    ([rule, index]) => {
      expect(rulesIn(factsWith(objections[rule]))).toEqual(published.slice(0, index + 1));
    },
  );

  it.for(pairs)('%s comes before %s', ([first, second]) => {
    const rules = rulesIn(factsWith(both(objections[second], objections[first])));
    expect(rules.at(-1)).toBe(first);
    expect(rules).not.toContain(second);
  });

  it('shows the next objection when one is gone, and sends when the last is', () => {
    const decided = notificationRules.map((_, index) => {
      const left = notificationRules.slice(index).map((rule) => objections[rule]);
      return rulesIn(factsWith(left.reduce(both))).at(-1);
    });
    // What is said of a channel comes before what is said of all: so nobody asks for the latter while the former objects.
    expect(decided).toEqual(published);
  });
});

describe('any facts', () => {
  const seed = Math.floor(Math.random() * 1e9);
  const random = createRandom(seed);
  const many = upTo(20_000).map(() => randomFacts(random));

  it(`have one verdict, and its last step is what decided (seed ${seed})`, () => {
    for (const facts of many.slice(0, 3_000)) {
      const { outcome, trace, askAgainAt } = decideNotification(facts);
      expect(trace.map(({ rule }) => rule)).toEqual(published.slice(0, trace.length));
      const results = trace.map(({ result }) => result);
      expect(results.slice(0, -1).every((result) => result === 'PASSES')).toBe(true);
      expect(outcome).toBe(outcomes[results.at(-1) ?? 'STOPS']);
      expect(outcome === 'SEND').toBe(
        results.every((result) => result === 'PASSES') && results.length === 13,
      );
      expect(askAgainAt === undefined).toBe(outcome !== 'WAIT');
      if (askAgainAt !== undefined) expect(askAgainAt).toBeGreaterThan(facts.now);
    }
  });

  it(`have the same verdict each time, and stay as they are (seed ${seed})`, () => {
    for (const facts of many.slice(0, 1_000)) {
      const before = structuredClone(facts);
      expect(decideNotification(facts)).toEqual(decideNotification(structuredClone(facts)));
      expect(facts).toEqual(before);
    }
  });

  it(`are all sorts: every reason is among them (seed ${seed})`, () => {
    const reasons = many.flatMap((facts) => decideNotification(facts).trace.map(({ because }) => because));
    expect([...new Set(reasons)].sort()).toEqual(Object.keys(notificationReasons).sort());
  });

  it(`are decided on within a day, by few looks, when nothing else happens (seed ${seed})`, () => {
    for (const facts of many.slice(0, 3_000)) {
      const { createdAt } = facts.message;
      let [asked, verdict, looks] = [facts, decideNotification(facts), 1];
      for (; verdict.askAgainAt !== undefined && looks < 310; looks += 1) {
        asked = { ...asked, now: verdict.askAgainAt };
        verdict = decideNotification(asked);
      }
      expect(verdict.outcome, JSON.stringify(facts)).not.toBe('WAIT');
      expect(asked.now - Math.max(facts.now, createdAt)).toBeLessThanOrEqual(maxAgeMs + 3_600_000);
    }
  });
});
