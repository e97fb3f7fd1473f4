import { describe, expect, it } from 'vitest';
import { isDenied, type Verdict } from '../verdict.ts';
import { answerBetween } from './answer-contact-request.ts';
import {
  canAnswerRequest,
  canRequestContact,
  contactStateOf,
  type Side,
  type Sides,
  whenBlocked,
  whenRemoved,
  whenUnblocked,
} from './contact.policy.ts';
import { requestBetween } from './request-contact.ts';

const codeOf = (verdict: Verdict) => (verdict.allowed ? 'yes' : verdict.code);

describe('asking somebody', () => {
  it.for([
    [{ state: 'NONE' }, 'yes'],
    [{ state: 'NONE', isBlocked: true }, 'NOT_ACCEPTING'],
    [{ state: 'REQUESTED_BY_ME' }, 'yes'],
    [{ state: 'REQUESTED_BY_ME', isBlocked: true }, 'yes'],
    [{ state: 'CONTACT' }, 'yes'],
    [{ state: 'REQUESTED_BY_THEM' }, 'yes'],
    [{ state: 'NONE', isSelf: true }, 'MALFORMED'],
  ] as const)('%j: %s', ([asked, answer]) => {
    expect(codeOf(canRequestContact({ isSelf: false, isBlocked: false, ...asked }))).toBe(answer);
  });
});

describe('answering somebody', () => {
  it.for([
    ['REQUESTED_BY_THEM', 'yes', 'yes'],
    ['CONTACT', 'yes', 'NOT_FOUND'],
    ['REQUESTED_BY_ME', 'NOT_FOUND', 'NOT_FOUND'],
    ['NONE', 'NOT_FOUND', 'NOT_FOUND'],
  ] as const)('with %s: accepting %s, declining %s', ([state, accepting, declining]) => {
    const side = { state, isBlocked: false };
    expect(codeOf(canAnswerRequest(side, true))).toBe(accepting);
    expect(codeOf(canAnswerRequest(side, false))).toBe(declining);
  });
});

it.for([
  ['NONE', false, 'NONE'],
  ['REQUESTED_BY_ME', false, 'REQUESTED_BY_ME'],
  ['REQUESTED_BY_THEM', false, 'REQUESTED_BY_THEM'],
  ['CONTACT', false, 'CONTACT'],
  ['NONE', true, 'BLOCKED_BY_ME'],
] as const)('%s, blocked %j, is shown as %s', ([state, isBlockedByViewer, shown]) => {
  expect(contactStateOf({ state, isBlockedByViewer })).toBe(shown);
});

/** What I have, then what they have: `-` nothing, `>` requested by me, `<` requested by them, `=` contact, `x` blocked by me. */
const links = {
  '-': 'NONE',
  '>': 'REQUESTED_BY_ME',
  '<': 'REQUESTED_BY_THEM',
  '=': 'CONTACT',
  x: 'NONE',
} as const;
type Mark = keyof typeof links;
type Pair = `${Mark}${Mark}`;
const marks = Object.keys(links) as Mark[];
const sideOf = (mark: Mark): Side => ({ state: links[mark], isBlocked: mark === 'x' });
const markOf = ({ state, isBlocked }: Side) =>
  marks.find((mark) => links[mark] === state && (mark === 'x') === isBlocked) ?? '?';

/** What I can do. */
const deeds = {
  ask: requestBetween,
  accept: (sides: Sides) => answerBetween(sides, true),
  decline: (sides: Sides) => answerBetween(sides, false),
  remove: whenRemoved,
  block: whenBlocked,
  unblock: whenUnblocked,
};
type Deed = keyof typeof deeds;

function outcomeOf(deed: Deed, pair: string): string {
  const [mine = '-', theirs = '-'] = [...pair] as Mark[];
  const outcome = deeds[deed]({ mine: sideOf(mine), theirs: sideOf(theirs) });
  return isDenied(outcome) ? outcome.code : markOf(outcome.mine) + markOf(outcome.theirs);
}

const no = 'NOT_FOUND';
const off = 'NOT_ACCEPTING';
/** Everything that two people can be to each other, and what it becomes by what I do. */
const table: Readonly<Partial<Record<Pair, Readonly<Record<Deed, Pair | typeof no | typeof off>>>>> = {
  '--': { ask: '><', accept: no, decline: no, remove: '--', block: 'x-', unblock: '--' },
  '><': { ask: '><', accept: no, decline: no, remove: '--', block: 'x-', unblock: '><' },
  '<>': { ask: '==', accept: '==', decline: '->', remove: '<>', block: 'x>', unblock: '<>' },
  '==': { ask: '==', accept: '==', decline: no, remove: '--', block: 'x-', unblock: '==' },
  // They declined what I asked, and I was not told; I declined what they asked.
  '>-': { ask: '>-', accept: no, decline: no, remove: '--', block: 'x-', unblock: '>-' },
  '->': { ask: '==', accept: no, decline: no, remove: '->', block: 'x>', unblock: '->' },
  // I block them, who have asked me or not; they block me.
  'x-': { ask: off, accept: no, decline: no, remove: 'x-', block: 'x-', unblock: '--' },
  'x>': { ask: off, accept: no, decline: no, remove: 'x>', block: 'x>', unblock: '->' },
  '-x': { ask: off, accept: no, decline: no, remove: '-x', block: 'xx', unblock: '-x' },
  '>x': { ask: '>x', accept: no, decline: no, remove: '-x', block: 'xx', unblock: '>x' },
  xx: { ask: off, accept: no, decline: no, remove: 'xx', block: 'xx', unblock: '-x' },
};
const rows = Object.entries(table).flatMap(([pair, outcomes]) =>
  Object.entries(outcomes).map(([deed, outcome]) => [pair, deed as Deed, outcome] as const),
);

describe('what two people have towards each other', () => {
  it.for(rows)('%s, when I %s: %s', ([pair, deed, outcome]) => {
    expect(outcomeOf(deed, pair)).toBe(outcome);
  });

  it('is never anything else, whoever does what in which order', () => {
    const mirrored = (pair: string) => [...pair].reverse().join('');
    const reached = new Set(['--']);
    for (const pair of reached)
      for (const deed of Object.keys(deeds) as Deed[])
        for (const outcome of [outcomeOf(deed, pair), mirrored(outcomeOf(deed, mirrored(pair)))])
          if (outcome.length === 2) reached.add(outcome);
    expect([...reached].sort()).toEqual(Object.keys(table).sort());
  });

  it('is left as it is by doing the same once more', () => {
    for (const [pair, deed, outcome] of rows) {
      // What is answered is answered; all else can be repeated.
      const again = deed === 'decline' && outcome.length === 2 ? no : outcome;
      if (outcome.length === 2) expect(outcomeOf(deed, outcome), `${pair} ${deed}`).toBe(again);
    }
  });

  it('shows who is blocked what it shows who was removed, or declined', () => {
    const seenByThem = (pair: string) => pair[1];
    for (const pair of Object.keys(table)) {
      const removed =
        outcomeOf('decline', pair) === no ? outcomeOf('remove', pair) : outcomeOf('decline', pair);
      expect(seenByThem(outcomeOf('block', pair)), pair).toBe(seenByThem(removed));
    }
  });
});
