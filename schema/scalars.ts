import { GraphQLScalarType, Kind } from 'graphql';
import { GraphQLDateTimeISO } from 'graphql-scalars';
import { chatError } from './errors.ts';

/** RFC 3339, UTC, milliseconds. */
export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'An instant: RFC 3339, in UTC, to the millisecond.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time',
  serialize: (value) => {
    const date = typeof value === 'number' ? new Date(value) : value;
    if (!(date instanceof Date) || Number.isNaN(date.getTime())) throw new TypeError('Not an instant.');
    return date.toISOString();
  },
  parseValue: (value) => GraphQLDateTimeISO.parseValue(value),
  parseLiteral: (node, variables) => GraphQLDateTimeISO.parseLiteral(node, variables),
});

const cursorFormat = /^[A-Za-z0-9_-]+$/;
/** A person in 1,000 channels has a cursor of about 20 KB; nothing longer is ours. */
const maxCursorLength = 65_536;

const parseCursor = (value: unknown): string => {
  if (typeof value === 'string' && value.length <= maxCursorLength && cursorFormat.test(value)) return value;
  throw chatError('BAD_USER_INPUT', 'A cursor is a string that `events`, `changes` or `syncCursor` gave.');
};

export const CursorScalar = new GraphQLScalarType<string, string>({
  name: 'Cursor',
  description:
    'An opaque place in the stream of one viewer, given only by that stream and by `syncCursor` (not the `cursor` of a ' +
    "connection's edge). Keep it, pass it back, never look inside.",
  serialize: parseCursor,
  parseValue: parseCursor,
  parseLiteral: (node) => parseCursor(node.kind === Kind.STRING ? node.value : undefined),
});

const parsePosition = (value: unknown): number => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw chatError('BAD_USER_INPUT', 'A position is a whole number from 0 to 2^53 − 1.');
};

export const PositionScalar = new GraphQLScalarType<number, number>({
  name: 'Position',
  description: 'A counter within one channel that only grows. A JSON number from 0 to 2^53 − 1.',
  serialize: parsePosition,
  parseValue: parsePosition,
  parseLiteral: (node) => parsePosition(node.kind === Kind.INT ? Number(node.value) : undefined),
});

const parseUrl = (value: unknown): URL => {
  if (typeof value === 'string' && URL.canParse(value)) return new URL(value);
  throw chatError('BAD_USER_INPUT', 'A URL is absolute, such as https://chat.example/graphql.');
};

export const UrlScalar = new GraphQLScalarType<URL, string>({
  name: 'URL',
  description: 'An absolute URL as RFC 3986 defines it.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3986',
  serialize: (value) => String(value),
  parseValue: parseUrl,
  parseLiteral: (node) => parseUrl(node.kind === Kind.STRING ? node.value : undefined),
});
