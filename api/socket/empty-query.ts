import { hasDocumentId } from '../documents.ts';

/**
 * The frame as graphql-ws wants it: it takes no `subscribe` without a text in `query`, which a client need not send that names
 * its document by an id. Only a frame that may be one is parsed, and only one that is becomes another. Nothing is changed in
 * it but that `"query":""` is put in, as numbers that JSON can hold and JavaScript cannot would not survive.
 */
export function withEmptyQuery(frame: string): string {
  if (!frame.includes('"documentId"') || !lacksQuery(parsed(frame))) return frame;
  const end = endOfPayload(frame);
  return `${frame.slice(0, end)},"query":""${frame.slice(end)}`;
}

function parsed(frame: string): unknown {
  try {
    return JSON.parse(frame);
  } catch {
    return undefined; // graphql-ws says what has to be said
  }
}

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function lacksQuery(frame: unknown): boolean {
  if (!isObject(frame) || frame.type !== 'subscribe' || !isObject(frame.payload)) return false;
  const { query, documentId, extensions } = frame.payload;
  const id = { documentId, extensions: isObject(extensions) ? extensions : undefined };
  return (query === undefined || query === null) && hasDocumentId(id);
}

/** A text, or what opens or closes something. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/g;

/** Where the brace is that closes the payload: that of the last one, as JavaScript reads it. What was parsed is known to be JSON. */
function endOfPayload(frame: string): number {
  let [depth, end] = [0, 0];
  let before = '';
  let isInside = false;
  for (const { 0: token, index } of frame.matchAll(tokens)) {
    if (token === '{' || token === '[') {
      // What opens in the frame itself has its name before it.
      if (depth === 1) isInside = JSON.parse(before) === 'payload';
      depth += 1;
    } else if (token === '}' || token === ']') {
      depth -= 1;
      if (depth === 1 && isInside) end = index;
    }
    before = token;
  }
  return end;
}
