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
  /** Fields that one person asks for in a minute, those in lists as often as the list may be long. */
  readonly fieldsPerMinute: number;
  /** The same for all who are not signed in, by address. */
  readonly fieldsPerMinutePerAddress: number;
  /** Messages that one person sends in a minute. */
  readonly messagesPerMinute: number;
  /** People to whom one person turns in an hour: asks to be a contact, adds to a group, opens a channel with. */
  readonly peoplePerHour: number;
  /** Calls of any other mutation by one person in a minute, each mutation for itself. */
  readonly changesPerMinute: number;
};

export const defaultRateLimits: RateLimits = Object.freeze({
  signInTries: 5,
  signInTriesPerAddress: 100,
  signInTriesPerAccount: 50,
  signUpsPerAddress: 300,
  searchesPerMinute: 120,
  fieldsPerMinute: 500_000,
  fieldsPerMinutePerAddress: 50_000,
  messagesPerMinute: 1_200,
  peoplePerHour: 2_000,
  changesPerMinute: 600,
});
