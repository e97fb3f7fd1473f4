import { createHash } from 'node:crypto';
import { chatError } from '../errors.ts';
import { createOneAtATime, type OneAtATime } from '../one-at-a-time.ts';
import type { Limiter, RateRule } from '../ports/limiter.ts';
import type { RateLimits } from '../rate-limits.ts';
import type { Scope, ViewerScope } from '../scope.ts';
import { type Denied, denied } from '../verdict.ts';
import { handleKeyOf } from './account.policy.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const guardsSecret = true as const;

/**
 * Whoever guesses at a password is stopped by the narrowest of these. `here` stops one who guesses at one account, `address`
 * one who tries many accounts, `strangers` many who guess at one account together. The last could lock an owner out whom
 * somebody plagues, so it does not count for addresses from which the account was signed in lately; devices that are signed in
 * already are never asked. `session` stops whoever has got hold of an access token, wherever they go with it.
 */
const rulesOf = (limits: RateLimits) =>
  ({
    here: { name: 'sign-in-here', most: limits.signInTries, windowMs: 15 * minuteMs, guardsSecret },
    address: {
      name: 'sign-in-address',
      most: limits.signInTriesPerAddress,
      windowMs: 15 * minuteMs,
      guardsSecret,
    },
    strangers: {
      name: 'sign-in-strangers',
      most: limits.signInTriesPerAccount,
      windowMs: 60 * minuteMs,
      guardsSecret,
    },
    session: { name: 'own-password', most: limits.signInTries, windowMs: 15 * minuteMs, guardsSecret },
    // Guards work, no secret.
    signUp: { name: 'sign-up', most: limits.signUpsPerAddress, windowMs: 60 * minuteMs },
  }) satisfies Readonly<Record<string, RateRule>>;
/** Where an account was signed in: for as long as a session lives without being used. */
const knownHere: RateRule = { name: 'signed-in-here', most: 1, windowMs: 30 * dayMs, guardsSecret };

type Counted = { readonly rule: RateRule; readonly key: string };

/** Looks whether a guess is right: `wrong` or `busy`, or else whatever whoever is right is to get. */
type Look<T> = () => Promise<T | 'wrong' | 'busy'>;

/**
 * A guess at the password of this account, from here. Refused before `look` is called, and by the text that was given: so the
 * answer is the same, after the same work, whether there is such an account or not, and costs neither a read nor a hash.
 * Rejects when `look` does, and with `UNAVAILABLE` when the limiter does, as nobody can say then how often this was tried; the guess
 * does not count.
 */
export async function guessAtSignIn<T extends object>(
  scope: Scope,
  handle: string,
  look: Look<T>,
): Promise<T | Denied> {
  const { address, limiter } = scope;
  const { here, strangers } = placesOf(scope, handle);
  const isKnown =
    address === undefined || (await sureOf(scope, () => limiter.countOf(knownHere, here.key))) > 0;
  return guess(scope, [here, ...ofAddress(scope), ...(isKnown ? [] : [strangers])], look);
}

/** A guess of the viewer at their own password, likewise. Strangers who guess at it as well do not hinder this. */
export function guessAtOwn<T extends object>(
  scope: ViewerScope,
  handle: string,
  look: Look<T>,
): Promise<T | Denied> {
  const { here } = placesOf(scope, handle);
  const session = { rule: rulesOf(scope.rateLimits).session, key: scope.viewer.sessionId };
  return guess(scope, [here, session, ...ofAddress(scope)], look);
}

/** May one more account be made from here? It is counted, as it costs a hash. `unmade`: it did not come to that. */
export async function attemptSignUp(
  scope: Scope,
  handle: string,
): Promise<{ done(): Promise<void>; unmade(): Promise<void> } | Denied> {
  const { here } = placesOf(scope, handle);
  const counted = ofAddress(scope).map(({ key }) => ({ rule: rulesOf(scope.rateLimits).signUp, key }));
  const refused = await takeAll(scope, counted);
  if (refused) return refused;
  return {
    done: () => relieve(scope, () => remember(scope, here)),
    unmade: () => giveBack(scope, counted),
  };
}

/** By the digest of what was typed: it may be anything, a password that went into the wrong field too. */
function placesOf({ address = '', rateLimits }: Scope, handle: string) {
  const account = createHash('sha256').update(handleKeyOf(handle)).digest('base64url');
  const { here, strangers } = rulesOf(rateLimits);
  return { here: { rule: here, key: `${account} ${address}` }, strangers: { rule: strangers, key: account } };
}

const ofAddress = ({ address, rateLimits }: Scope): Counted[] =>
  address === undefined ? [] : [{ rule: rulesOf(rateLimits).address, key: address }];

/** With a limiter, those who guess at one account from one address. A handful: whoever means well is one, or a few at once. */
const maxWaiting = 20;
const lanes = new WeakMap<Limiter, OneAtATime>();
function lanesOf({ limiter }: Scope): OneAtATime {
  const known = lanes.get(limiter) ?? createOneAtATime({ maxWaiting });
  lanes.set(limiter, known);
  return known;
}

/** One after another: ten devices that sign in at once, rightly, would otherwise count as ten guesses until they are known to be right. */
async function guess<T extends object>(
  scope: Scope,
  [here, ...others]: readonly [Counted, ...Counted[]],
  look: Look<T>,
): Promise<T | Denied> {
  const answer = await lanesOf(scope)(here.key, () => guessInTurn(scope, { here, others }, look));
  return answer === 'busy' ? denied('RATE_LIMITED', new Date(scope.clock.now() + 1_000)) : answer;
}

async function guessInTurn<T extends object>(
  scope: Scope,
  { here, others }: { readonly here: Counted; readonly others: readonly Counted[] },
  look: Look<T>,
): Promise<T | Denied | 'busy'> {
  // Counted before it is looked at: other servers may be looking at the next ones at this moment.
  const refused = await takeAll(scope, [here, ...others]);
  if (refused) return refused;
  const found = await look().catch(async (failure) => {
    await giveBack(scope, [here, ...others]);
    throw failure;
  });
  if (found === 'wrong') return denied('WRONG_CREDENTIALS');
  if (found === 'busy') await giveBack(scope, [here, ...others]);
  else await relieve(scope, () => forgive(scope, here, others));
  return found;
}

/** The tries for this account are there again, and this is one of its addresses. */
async function forgive(scope: Scope, here: Counted, others: readonly Counted[]): Promise<void> {
  await scope.limiter.reset(here.rule, here.key);
  // Only this one: whoever has an account here could otherwise try others without end by signing in to it in between.
  await giveBack(scope, others);
  await remember(scope, here);
}

/** One of each, or none. */
async function takeAll(scope: Scope, counted: readonly Counted[]): Promise<Denied | undefined> {
  for (const [place, { rule, key }] of counted.entries()) {
    const { isGranted, freshAt } = await sureOf(scope, () => scope.limiter.take(rule, key));
    if (isGranted) continue;
    await giveBack(scope, counted.slice(0, place));
    return denied('RATE_LIMITED', new Date(freshAt));
  }
  return undefined;
}

/** Without a count there is no guess: others could make theirs without end. */
async function sureOf<T>({ logger }: Scope, count: () => Promise<T>): Promise<T> {
  try {
    return await count();
  } catch (err) {
    logger.warn({ err }, 'Nobody can sign in while the limiter does not answer.');
    throw chatError('UNAVAILABLE', undefined, { retryAfterMs: 2_000 });
  }
}

async function giveBack({ limiter }: Scope, counted: readonly Counted[]): Promise<void> {
  for (const { rule, key } of counted) await limiter.giveBack(rule, key);
}

/** What a right password was good for stands, even if the limiter does not hear of it. */
async function relieve({ logger }: Scope, relief: () => Promise<void>): Promise<void> {
  try {
    await relief();
  } catch (err) {
    logger.warn({ err }, 'The limiter did not hear of a right password.');
  }
}

async function remember({ limiter }: Scope, { key }: Counted): Promise<void> {
  // Anew, so that it lasts from now on.
  await limiter.reset(knownHere, key);
  await limiter.take(knownHere, key);
}
