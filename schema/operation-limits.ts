import type { RateRule } from './ports/limiter.ts';
import type { RateLimits } from './rate-limits.ts';
import type { Scope } from './scope.ts';
import { type Denied, denied } from './verdict.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** What is left after an operation, as `extensions.rateLimit` tells it. */
export type RateLimitLeft = {
  readonly bucket: string;
  readonly remaining: number;
  /** When all is there again, in milliseconds since 1970. */
  readonly resetAt: number;
  /** What this operation took. */
  readonly cost: number;
};

/** How people are counted: each person by themselves, and who is nobody yet by where they come from. */
const keyOf = ({ viewer, address }: Scope): string => viewer?.id ?? `address ${address}`;

/** All that somebody asks, in fields: what is in a list counts as often as the list may be long. */
export const fieldsRule = ({ viewer, rateLimits }: Scope): RateRule =>
  viewer === undefined
    ? { name: 'fields-of-address', most: rateLimits.fieldsPerMinutePerAddress, windowMs: minuteMs }
    : { name: 'fields', most: rateLimits.fieldsPerMinute, windowMs: minuteMs };

/** Mutations by which somebody turns to other people: each person counts, so that one group of a hundred is a hundred. */
const reaching: Readonly<Record<string, (input: object) => number>> = {
  createGroup: (input) => countIn(input, 'memberIds'),
  addMembers: (input) => countIn(input, 'userIds'),
  openDirectChannel: () => 1,
  requestContact: () => 1,
};

function countIn(input: object, field: string): number {
  const ids: unknown = Object.entries(input).find(([name]) => name === field)?.[1];
  return Array.isArray(ids) ? new Set(ids).size : 0;
}

/** How often one person may do this, and what doing it once counts. */
function mutationRule(name: string, input: object, limits: RateLimits): { rule: RateRule; cost: number } {
  const people = reaching[name]?.(input);
  if (people !== undefined)
    return {
      rule: { name: 'people', most: limits.peoplePerHour, windowMs: hourMs },
      cost: Math.max(1, people),
    };
  const most = name === 'sendMessage' ? limits.messagesPerMinute : limits.changesPerMinute;
  return { rule: { name: `mutation-${name}`, most, windowMs: minuteMs }, cost: 1 };
}

type Taken = { readonly left: RateLimitLeft; readonly refused: Denied | undefined };
const lefts = new WeakMap<Scope, RateLimitLeft>();

/** What was left to who asked in this scope when they did; undefined for an operation that counts nothing. */
export const rateLimitIn = (scope: Scope): RateLimitLeft | undefined => lefts.get(scope);

/** Takes the fields of a whole operation. Rejects when the limiter does not answer. */
export async function takeFields(scope: Scope, cost: number): Promise<Taken> {
  const rule = fieldsRule(scope);
  const { isGranted, left, freshAt } = await scope.limiter.take(rule, keyOf(scope), cost);
  const told = { bucket: rule.name, remaining: left, resetAt: freshAt, cost };
  lefts.set(scope, told);
  return { left: told, refused: isGranted ? undefined : denied('RATE_LIMITED', new Date(freshAt)) };
}

/** One call of a mutation. */
export type MutationTaken = {
  /** What it answers instead of doing it when there were too many. */
  readonly refused: Denied | undefined;
  /** It is refused for something else. */
  giveBack(): Promise<void>;
};
const uncounted: MutationTaken = { refused: undefined, giveBack: async () => undefined };

/**
 * Takes one call of a mutation. What people do before they are signed in counts by its fields, and has limits of its own: many
 * can come from one address.
 */
export async function takeMutation(scope: Scope, name: string, input: object): Promise<MutationTaken> {
  if (scope.viewer === undefined) return uncounted;
  const { rule, cost } = mutationRule(name, input, scope.rateLimits);
  const { isGranted, freshAt } = await scope.limiter.take(rule, keyOf(scope), cost);
  if (!isGranted) return { ...uncounted, refused: denied('RATE_LIMITED', new Date(freshAt)) };
  return { refused: undefined, giveBack: () => scope.limiter.giveBack(rule, keyOf(scope), cost) };
}

const verdicts = new WeakMap<Scope, Denied | undefined>();

/** For a mutation that looks for an earlier answer first: its refusal, if that is what the limits say. Undefined also where nobody counts. */
export const refusedByLimits = (scope: Scope): Denied | undefined => verdicts.get(scope);

/** The mutation that is about to run in this scope finds this there. */
export const keepVerdict = (scope: Scope, refused: Denied | undefined): void =>
  void verdicts.set(scope, refused);
