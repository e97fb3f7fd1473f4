import { createHash } from 'node:crypto';
import type { RateRule } from '../ports/limiter.ts';
import type { RateLimits } from '../rate-limits.ts';
import type { Scope, ViewerScope } from '../scope.ts';
import { type Denied, denied } from '../verdict.ts';
import { handleKeyOf } from './account.policy.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/**
 * Whoever guesses at a password is stopped by the narrowest of these. `here` stops one who guesses at one account, `address`
 * one who tries many accounts, `strangers` many who guess at one account together. The last could lock an owner out whom
 * somebody plagues, so it does not count for addresses from which the account was signed in lately; devices that are signed in
 * already are never asked. `session` stops whoever has got hold of an access token, wherever they go with it.
 */
const rulesOf = (limits: RateLimits) => ({
  here: { name: 'sign-in-here', most: limits.signInTries, windowMs: 15 * minuteMs },
  address: { name: 'sign-in-address', most: limits.signInTriesPerAddress, windowMs: 15 * minuteMs },
  strangers: { name: 'sign-in-strangers', most: limits.signInTriesPerAccount, windowMs: 60 * minuteMs },
  session: { name: 'own-password', most: limits.signInTries, windowMs: 15 * minuteMs },
  signUp: { name: 'sign-up', most: limits.signUpsPerAddress, windowMs: 60 * minuteMs },
});
/** Where an account was signed in: for as long as a session lives without being used. */
const knownHere: RateRule = { name: 'signed-in-here', most: 1, windowMs: 30 * dayMs };

type Counted = { readonly rule: RateRule; readonly key: string };

/** A guess at a password. It is counted already, so that of those made at one moment no more are granted. */
export type Guess = {
  /** It was right: the tries for this account are there again, and this is one of its addresses. Never rejects: what was granted by it stands. */
  right(): Promise<void>;
  /** It was not looked at after all, so it does not count. */
  unmade(): Promise<void>;
};

/**
 * May somebody guess at the password of this account from here? Asked before anything is read or hashed, and about the text
 * that was given, so that the answer is the same whether there is such an account or not. Rejects when the limiter does.
 */
export async function guessAtSignIn(scope: Scope, handle: string): Promise<Guess | Denied> {
  const { address, limiter } = scope;
  const { here, strangers } = placesOf(scope, handle);
  const isKnown = address === undefined || (await limiter.countOf(knownHere, here.key)) > 0;
  return count(scope, here, [...ofAddress(scope), ...(isKnown ? [] : [strangers])]);
}

/** May the viewer guess at their own password? Strangers who guess at it as well do not hinder this. */
export function guessAtOwn(scope: ViewerScope, handle: string): Promise<Guess | Denied> {
  const { here } = placesOf(scope, handle);
  const { session } = rulesOf(scope.rateLimits);
  return count(scope, here, [{ rule: session, key: scope.viewer.sessionId }, ...ofAddress(scope)]);
}

/** May one more account be made from here? Such an attempt is a guess too: at a handle that is free, and at the cost of a hash. */
export async function attemptSignUp(scope: Scope, handle: string): Promise<Guess | Denied> {
  const { here } = placesOf(scope, handle);
  const counted = ofAddress(scope).map(({ key }) => ({ rule: rulesOf(scope.rateLimits).signUp, key }));
  const refused = await takeAll(scope, counted);
  if (refused) return refused;
  return {
    right: () => relieve(scope, () => remember(scope, here)),
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

async function count(scope: Scope, here: Counted, others: readonly Counted[]): Promise<Guess | Denied> {
  const refused = await takeAll(scope, [here, ...others]);
  if (refused) return refused;
  return {
    right: () =>
      relieve(scope, async () => {
        await scope.limiter.reset(here.rule, here.key);
        // Only this one: whoever has an account here could otherwise try others without end by signing in to it in between.
        await giveBack(scope, others);
        await remember(scope, here);
      }),
    unmade: () => giveBack(scope, [here, ...others]),
  };
}

/** One of each, or none. */
async function takeAll(scope: Scope, counted: readonly Counted[]): Promise<Denied | undefined> {
  for (const [place, { rule, key }] of counted.entries()) {
    const { isGranted, freshAt } = await scope.limiter.take(rule, key);
    if (isGranted) continue;
    await giveBack(scope, counted.slice(0, place));
    return denied('RATE_LIMITED', new Date(freshAt));
  }
  return undefined;
}

async function giveBack({ limiter }: Scope, counted: readonly Counted[]): Promise<void> {
  for (const { rule, key } of counted) await limiter.giveBack(rule, key);
}

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
