/**
 * Ids as clients see them are the ids the product works with: a type prefix and a number in base 32, such as `chn7k`.
 * Only drivers and Prisma calls turn them into the number of a row (`rowIdOf`). So no resolver translates or casts an id,
 * ids of different types are never equal, and a wrong or damaged id simply finds nothing.
 */
declare const brand: unique symbol;
type Brand<T, B extends string> = T & { readonly [brand]: { readonly [K in B]: true } };

export type UserId = Brand<string, 'UserId'>;
export type ViewerId = Brand<string, 'ViewerId'>;
export type DeviceId = Brand<string, 'DeviceId'>;
export type PushEndpointId = Brand<string, 'PushEndpointId'>;
export type SessionId = Brand<string, 'SessionId'>;
export type ChannelId = Brand<string, 'ChannelId'>;
export type MemberId = Brand<string, 'MemberId'>;
export type MessageId = Brand<string, 'MessageId'>;
/** An id as a client sent it: could be any of ours until something is found under it. */
export type IncomingId = Brand<
  string,
  'UserId' | 'DeviceId' | 'PushEndpointId' | 'ChannelId' | 'MemberId' | 'MessageId'
>;

/** A position in one channel's log, from 1; 0 is before the first event. An integer up to 2^53 − 1. */
export type Seq = number;

/** The type prefix of every kind of id; the words are GraphQL type names where there is one. */
export const idPrefix = {
  User: 'usr',
  UserAbilities: 'uab',
  Viewer: 'viw',
  Presence: 'prs',
  Settings: 'set',
  Device: 'dev',
  PushEndpoint: 'pep',
  NotificationSettings: 'nst',
  NotificationDecision: 'ndc',
  DeviceDecision: 'ddc',
  Session: 'ses',
  Channel: 'chn',
  ViewerState: 'vst',
  ChannelAbilities: 'cab',
  Member: 'mbr',
  Message: 'msg',
  MessageAbilities: 'mab',
} as const;
export type IdType = keyof typeof idPrefix;

const typeOfPrefix = new Map<string, IdType>();
for (const [type, prefix] of Object.entries(idPrefix)) if (isIdType(type)) typeOfPrefix.set(prefix, type);

function isIdType(type: string): type is IdType {
  return Object.hasOwn(idPrefix, type);
}

/**
 * A row number has at most 12 digits in base 32 (60 bits) and no zeros in front, so that each row has one id; a `seq` always
 * has 11, so that ids of one channel's messages sort by it.
 */
const rowIdFormat = /^([a-z]{3})(0|[1-9a-v][0-9a-v]{0,11})(?:\.([0-9a-v]{11}))?$/;
/** No row has this number. */
const nowhere = -1n;

/** So many digits are a number that has no rounding: that is several times as fast, and enough for all but huge tables. */
const exactDigits = 10;

const fromBase32 = (digits: string): bigint => {
  if (digits.length <= exactDigits) return BigInt(Number.parseInt(digits, 32));
  let value = 0n;
  for (const digit of digits) value = value * 32n + BigInt(Number.parseInt(digit, 32));
  return value;
};
const idOf = (type: IdType, row: bigint | string): string => idPrefix[type] + BigInt(row).toString(32);

export const userIdOf = (row: bigint | string) => idOf('User', row) as UserId;
export const deviceIdOf = (row: bigint | string) => idOf('Device', row) as DeviceId;
export const pushEndpointIdOf = (row: bigint | string) => idOf('PushEndpoint', row) as PushEndpointId;
export const sessionIdOf = (row: bigint | string) => idOf('Session', row) as SessionId;
export const channelIdOf = (row: bigint | string) => idOf('Channel', row) as ChannelId;
export const memberIdOf = (row: bigint | string) => idOf('Member', row) as MemberId;
export const viewerIdOf = (user: UserId) => (idPrefix.Viewer + user.slice(3)) as ViewerId;

/** Encodes (channel, seq): unique, sortable within its channel, and finds its place in the log without an index. */
export const messageIdOf = (channelId: ChannelId, seq: Seq) =>
  `${idPrefix.Message}${channelId.slice(3)}.${seq.toString(32).padStart(11, '0')}` as MessageId;

/** The place in the log that a message id names; undefined when it is not the id of a message. */
export function placeOf(id: MessageId): { channelId: ChannelId; seq: Seq } | undefined {
  const parts = rowIdFormat.exec(id);
  if (parts?.[1] !== idPrefix.Message || parts[2] === undefined || parts[3] === undefined) return undefined;
  const seq = Number.parseInt(parts[3], 32);
  if (!Number.isSafeInteger(seq)) return undefined;
  return { channelId: (idPrefix.Channel + parts[2]) as ChannelId, seq };
}

/** The number of the row that this id names; of a damaged id one that no row has. The type is the caller's to check. */
function rowOf(id: string, type: IdType): bigint {
  const parts = rowIdFormat.exec(id);
  if (parts?.[1] !== idPrefix[type] || parts[2] === undefined || parts[3] !== undefined) return nowhere;
  return fromBase32(parts[2]);
}
/** For Prisma calls and drivers: the row's number; −1, which finds nothing, when `id` is not an id of that type. */
export const rowIdOf = {
  user: (id: UserId) => rowOf(id, 'User'),
  device: (id: DeviceId) => rowOf(id, 'Device'),
  pushEndpoint: (id: PushEndpointId) => rowOf(id, 'PushEndpoint'),
  session: (id: SessionId) => rowOf(id, 'Session'),
  channel: (id: ChannelId) => rowOf(id, 'Channel'),
  member: (id: MemberId) => rowOf(id, 'Member'),
} as const;

/** What kind of thing an id names, by its prefix; undefined when it is none of ours. */
export const typeOfId = (id: string): IdType | undefined =>
  rowIdFormat.test(id) ? typeOfPrefix.get(id.slice(0, 3)) : undefined;

/** The author of what the server itself records. */
export const serverAuthorId = userIdOf(0n);

/** Takes any string for an id: what it names is found out by looking. The one place where a client's text becomes an id. */
export const incomingId = (text: string) => text as IncomingId;
