import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Line } from '../history.ts';

/** What stops a file that is no history from filling the memory: a run of an hour writes some ten million lines. */
const mostLines = 20_000_000;
/** The longest line is a whole channel, as somebody found it at the end. */
const mostLetters = 256 * 1024 * 1024;
/** So much is kept until it is written, in letters. */
const keptLetters = 256 * 1024;

type Check = (value: unknown) => boolean;
type Fields = Readonly<Record<string, Check>>;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isWhole: Check = (value) => Number.isSafeInteger(value);
const isFlag: Check = (value) => typeof value === 'boolean';
const isList: Check = (value) => Array.isArray(value);
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const maybe =
  (check: Check, nothing: null | undefined): Check =>
  (value) =>
    value === nothing || check(value);
const shaped =
  (fields: Fields): Check =>
  (value) =>
    isObject(value) && problemIn(value, fields) === undefined;
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const valuesAre =
  (check: Check): Check =>
  (value) =>
    isObject(value) && Object.values(value).every(check);

const typed = shaped({ type: isText });
const message = shaped({
  messageId: isText,
  seq: isWhole,
  number: isWhole,
  authorId: maybe(isText, null),
  text: maybe(isText, null),
  nonce: maybe(isText, undefined),
});
const sent = shaped({ id: isText, seq: isWhole, number: isWhole });
const seat = shaped({ channelId: isText, unreadCount: isWhole, readNumber: isWhole, isMuted: isFlag });
const membership = shaped({ seq: isWhole, userId: isText, change: isText });

const timed: Fields = { t: isNumber };
const told: Fields = { device: isText, attempt: isWhole };
const fieldsOf: Readonly<Record<Line['kind'], Fields>> = {
  invoke: { ...told, op: isWhole, userId: isText, what: typed },
  ok: {
    ...{ op: isWhole, device: isText },
    message: maybe(sent, undefined),
    seq: maybe(isWhole, undefined),
  },
  unknown: { op: isWhole, device: isText, because: isText },
  fail: { op: isWhole, device: isText, code: isText },
  subscribe: { ...told, userId: isText, held: valuesAre(isWhole) },
  gone: { ...told, because: isText },
  delivery: { ...told, userId: isText, channelId: isText, seq: isWhole, cursor: isText, event: typed },
  marker: { ...told, isCaughtUp: isFlag },
  reset: { ...told, channelId: maybe(isText, null), reason: isText },
  page: {
    ...{ device: isText, userId: isText, invokedAt: isNumber, channelId: isText },
    messages: listOf(message),
  },
  push: { device: isText, userId: isText, note: typed },
  presence: { device: isText, ofUserId: isText, state: isText },
  fault: { fault: isWhole, name: isText, on: isText },
  heal: { fault: isWhole },
  resources: { process: isText, moment: isText, values: valuesAre(isNumber) },
  found: {
    ...{ source: isText, channelId: isText, messages: listOf(message) },
    memberships: maybe(listOf(membership), undefined),
    headSeq: maybe(isWhole, undefined),
    eventCount: maybe(isWhole, undefined),
    epoch: maybe(isWhole, undefined),
    userId: maybe(isText, undefined),
  },
  look: { userId: isText, unreadCount: isWhole, channels: listOf(seat) },
  rest: { device: isText, userId: isText, channels: valuesAre(isList) },
};
const isKind = (kind: unknown): kind is Line['kind'] =>
  typeof kind === 'string' && Object.hasOwn(fieldsOf, kind);

/** The first field that is not as it should be. */
function problemIn(value: object, fields: Fields): string | undefined {
  for (const name in fields) {
    const found: unknown = Reflect.get(value, name);
    if (fields[name]?.(found) === false) return name;
  }
  return undefined;
}

/** What is wrong with it, in words; undefined for a line. */
function wrongWith(value: unknown): string | undefined {
  if (!isObject(value)) return 'it is no object';
  const kind: unknown = Reflect.get(value, 'kind');
  if (!isKind(kind)) return `nobody knows the kind ${JSON.stringify(kind)}`;
  const problem = problemIn(value, timed) ?? problemIn(value, fieldsOf[kind]);
  return problem === undefined
    ? undefined
    : `\`${problem}\` is missing in a line of the kind “${kind}”, or odd`;
}
const isLine = (value: unknown): value is Line => wrongWith(value) === undefined;

/** `nth`: which line of the file it is, for whoever has to look at it. Throws when it is none. */
export function parseLine(text: string, nth = 1): Line {
  if (text.length > mostLetters) throw new Error(`Line ${nth} has ${text.length} letters.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (problem) {
    throw new Error(`Line ${nth} is not JSON: ${text.slice(0, 60)}`, { cause: problem });
  }
  if (!isLine(value)) throw new Error(`Line ${nth}: ${wrongWith(value)}.`);
  return value;
}

/** The lines of a text, empty ones passed over. */
export const parseLines = (text: string): Line[] =>
  text.split('\n').flatMap((line, at) => (line.trim() === '' ? [] : [parseLine(line, at + 1)]));

export const formatLine = (line: Line): string => JSON.stringify(line);

/** Reads a history from a file. Rejects at the first line that is none, and says which. */
export async function readLines(path: string, { most = mostLines } = {}): Promise<Line[]> {
  const lines: Line[] = [];
  const texts = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  let nth = 0;
  for await (const text of texts) {
    nth += 1;
    if (text.trim() === '') continue;
    if (lines.length >= most) throw new Error(`${path} has more than ${most} lines.`);
    lines.push(parseLine(text, nth));
  }
  return lines;
}

export type LineFile = { write(line: Line): void; close(): void };

/** Writes a history to a file, which is made anew. Little is kept in memory: whoever ends in the middle loses the newest of it. */
export function openLineFile(path: string): LineFile {
  const file = openSync(path, 'w');
  let kept = '';
  function flush(): void {
    const bytes = Buffer.from(kept);
    kept = '';
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
  }
  return {
    write(line) {
      kept += `${formatLine(line)}\n`;
      if (kept.length >= keptLetters) flush();
    },
    close() {
      flush();
      closeSync(file);
    },
  };
}
