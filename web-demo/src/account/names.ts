// What of one account is known to all tabs of a browser, and to the worker behind them, by its name.

/** The database, the stream of the tabs, and the beginning of other names. */
export const chatName = (viewerId: string): string => `parley.${viewerId}`;
/** On which tabs say to each other that what is still to be sent has changed. */
export const outboxName = (viewerId: string): string => `${chatName(viewerId)}.outbox`;
/** Held while the tokens are renewed: one at a time, whoever does it. */
export const renewing = (viewerId: string): string => `parley.renew.${viewerId}`;
