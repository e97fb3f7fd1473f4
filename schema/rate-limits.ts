/** How often people may do what guesses at secrets or costs much. Settings can change the figures. */
export type RateLimits = {
  /** Wrong passwords for one account from one address in 15 minutes. */
  readonly signInTries: number;
  /** Wrong passwords from one address in 15 minutes, for whatever accounts. */
  readonly signInTriesPerAddress: number;
  /** Wrong passwords for one account in an hour, from all addresses together on which it was not signed in lately. */
  readonly signInTriesPerAccount: number;
  /** Attempts to make an account from one address in an hour. */
  readonly signUpsPerAddress: number;
  /** Searches for people by one person in a minute. */
  readonly searchesPerMinute: number;
};

export const defaultRateLimits: RateLimits = Object.freeze({
  signInTries: 5,
  signInTriesPerAddress: 100,
  signInTriesPerAccount: 50,
  signUpsPerAddress: 300,
  searchesPerMinute: 120,
});
