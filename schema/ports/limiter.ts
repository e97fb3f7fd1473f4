/** How often something may be done: `most` times in a window of `windowMs`, which begins with the first. Named for its purpose, in lower case. */
export type RateRule = {
  readonly name: string;
  readonly most: number;
  readonly windowMs: number;
  /**
   * It guards a secret, and is worth nothing where processes count apart: methods reject while the store that all of them share does
   * not answer. Without it each process may then count for itself, as such a rule only shares out work.
   */
  readonly guardsSecret?: true;
};

/** `left`: how much is still there. `freshAt`: when the window ends and all is there again, in milliseconds since 1970. */
export type Taken = { readonly isGranted: boolean; readonly left: number; readonly freshAt: number };

/**
 * Counts how often things are done, by rule and key (an address, a person). What one caller takes counts for all that come
 * after, also for those that came at the same moment. Counts may be forgotten early when very many keys are in use, those that
 * would end first before others; never are they higher than what was taken. For a rule that guards a secret a method rejects when the
 * store behind it does not answer: whoever guards it refuses then.
 */
export interface Limiter {
  /** Takes one, or as many as are said, if so many are left; a refusal changes nothing. */
  take(rule: RateRule, key: string, count?: number): Promise<Taken>;
  /** Gives back one, or as many, that were taken and turned out to cost nothing. The window goes on. Of what is fresh it changes nothing. */
  giveBack(rule: RateRule, key: string, count?: number): Promise<void>;
  /** How many are taken in the window of now. */
  countOf(rule: RateRule, key: string): Promise<number>;
  /** All is there again. */
  reset(rule: RateRule, key: string): Promise<void>;
  close(): Promise<void>;
}
