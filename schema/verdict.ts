/** The published codes of refusals, with the words that people see. Extended as needed, never renamed. */
export const refusals = {
  NOT_FOUND: 'There is nothing here that you can see.',
  NOT_A_MEMBER: 'Not a member of this channel.',
  NOT_A_GROUP: 'This works in groups only, and this is a channel of two people.',
  ROLE_TOO_LOW: 'Your role in this channel does not allow this.',
  LAST_OWNER: 'You are the last owner: hand the group over first.',
  CHANNEL_FULL: 'This would be more members than a group can have.',
  CHANNEL_ENDED: 'This group has ended.',
  TOO_MANY_CHANNELS: 'This person is in as many channels as one can be.',
  ALREADY_A_MEMBER: 'This person is already a member.',
  NOT_ACCEPTING: 'This person cannot be reached that way.',
  NOT_YOURS: 'Only the author can do this.',
  ALREADY_DELETED: 'This message has been deleted.',
  STALE: 'This has changed in the meantime.',
  RATE_LIMITED: 'Too much at once: try again a little later.',
  NOT_OFFERED: 'This server does not offer this.',
  WRONG_CREDENTIALS: 'The handle or the password is wrong.',
  SESSION_REVOKED: 'This session has ended: sign in again.',
  HANDLE_TAKEN: 'This handle is taken.',
  TOO_LONG: 'This is too long.',
  EMPTY: 'This must not be empty.',
  MALFORMED: 'This does not have the form that is asked for.',
} as const;
export type RefusalCode = keyof typeof refusals;

/** What a client does about each: for docs/errors.md. */
export const refusalAdvice: Readonly<Record<RefusalCode, string>> = {
  NOT_FOUND: 'Drop what you hold of it.',
  NOT_A_MEMBER: 'Read the channel again: this person has left it, or was removed.',
  NOT_A_GROUP: 'Do not offer this in a channel whose `kind` is not `GROUP`.',
  ROLE_TOO_LOW: 'Offer only what `viewerCan` allows, and read it again: the role has changed.',
  LAST_OWNER: 'Let the viewer make somebody else an owner with `setMemberRole`, then repeat it.',
  CHANNEL_FULL: 'Say so; there is room again when somebody leaves.',
  CHANNEL_ENDED: 'Show the group as ended: it can be read, and nothing else.',
  TOO_MANY_CHANNELS: 'Say so; there is room again when this person leaves a channel.',
  ALREADY_A_MEMBER: 'Nothing is left to do: read the members again.',
  NOT_ACCEPTING: 'Say so, and do not guess at the reason.',
  NOT_YOURS: 'Offer only what `viewerCan` allows.',
  ALREADY_DELETED: 'Show the message as deleted.',
  STALE: 'Read it again, show what has changed, and let the viewer decide.',
  RATE_LIMITED: 'Repeat it when `until` has come, not before; without one, after a few seconds.',
  NOT_OFFERED: 'Do not offer it: what there is, `server` says, `pushServices` for one.',
  WRONG_CREDENTIALS: 'Let the viewer type again; every try counts.',
  SESSION_REVOKED: 'Forget the tokens and let the viewer sign in.',
  HANDLE_TAKEN: 'Let the viewer choose another one.',
  TOO_LONG: 'Let the viewer shorten what `field` names.',
  EMPTY: 'Let the viewer fill in what `field` names.',
  MALFORMED: 'Let the viewer correct what `field` names; `explanation` says how.',
};

export type Allowed = { readonly allowed: true };
/** A rule said no. An expected outcome: data, not an error. */
export type Denied = {
  readonly allowed: false;
  readonly code: RefusalCode;
  /** When trying again makes sense, if ever. */
  readonly until?: Date;
};
/** What every policy returns. */
export type Verdict = Allowed | Denied;

export const allowed: Allowed = Object.freeze({ allowed: true });
export const denied = (code: RefusalCode, until?: Date): Denied =>
  Object.freeze(until === undefined ? { allowed: false, code } : { allowed: false, code, until });

/** What was given cannot be used; `field` is its path inside `input`. */
export type InvalidInput = {
  readonly invalid: true;
  readonly code: RefusalCode;
  readonly field: readonly string[];
  readonly explanation: string;
};
export const invalidInput = (
  code: RefusalCode,
  field: string,
  explanation: string = refusals[code],
): InvalidInput => Object.freeze({ invalid: true, code, field: field.split('.'), explanation });

/** What a mutation answers instead of its payload. */
export type Refusal = Denied | InvalidInput;
export const isDenied = (value: object): value is Denied => 'allowed' in value && value.allowed === false;
export const isInvalidInput = (value: object): value is InvalidInput => 'invalid' in value;
export const isRefusal = (value: object): value is Refusal => isDenied(value) || isInvalidInput(value);
