import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { isStartError, startError } from '../prisma/start-error.ts';
import { schema } from '../schema/index.ts';
import {
  type CheckDocument,
  type CheckedDocument,
  type CheckOptions,
  createDocumentCheck,
} from './check-document.ts';
import type { Config } from './config.ts';

/** The documents that whoever runs the server has chosen. All of them are good, and they stay the same until it stops. */
export type Manifest = {
  /** The texts by their ids. */
  readonly texts: ReadonlyMap<string, string>;
  /** The documents by their texts. */
  readonly documents: ReadonlyMap<string, CheckedDocument>;
};

/** As much as a server remembers of the documents that clients send. These are kept besides, and for ever. */
const maxLength = 8_000_000;
const prefix = 'sha256:';

/** The id of a text, as GraphQL over HTTP defines it. */
export const documentIdOf = (text: string): string =>
  `${prefix}${createHash('sha256').update(text).digest('hex')}`;

/** An id as it may be written, with its prefix: code generation can leave that out. */
export const withPrefix = (id: string): string => (id.includes(':') ? id : `${prefix}${id}`);

/**
 * The documents of the settings and those of the web demo, where it is served, for the schema of the product; undefined when there
 * are neither. Throws a StartError.
 */
export function readManifest(
  config: Pick<Config, 'PERSISTED_DOCUMENTS' | 'INTROSPECTION'>,
  webDemo?: { readonly documents: string },
): Manifest | undefined {
  const options = { schema, isIntrospectionOpen: config.INTROSPECTION };
  const { PERSISTED_DOCUMENTS: path } = config;
  const own = path === undefined ? undefined : readManifestAt(path, options);
  const demos = webDemo && readBuiltManifest(webDemo.documents, options);
  if (own === undefined || demos === undefined) return own ?? demos;
  return {
    texts: new Map([...demos.texts, ...own.texts]),
    documents: new Map([...demos.documents, ...own.documents]),
  };
}

/** What is wrong with these, nobody has written: the build is not of this release. */
function readBuiltManifest(path: string, options: CheckOptions): Manifest {
  try {
    return readManifestAt(path, { ...options, namedBy: 'The web demo' });
  } catch (error) {
    if (!isStartError(error)) throw error;
    const advice =
      'This build of the web demo is not for this server: run `npm run build`, or set WEB_DEMO=off.';
    throw startError([...error.message.split('\n'), advice], error);
  }
}

type ManifestOptions = CheckOptions & {
  /** Who says where the file is, in the words of a problem. */
  readonly namedBy?: string;
};

/**
 * Reads a manifest as code generation writes it: one JSON object of texts by ids. Every id must be that of its text, and every
 * document one that a client might send. Throws one StartError that names every problem, a line for each.
 */
export function readManifestAt(path: string, options: ManifestOptions): Manifest {
  const { namedBy = 'PERSISTED_DOCUMENTS' } = options;
  const texts = new Map<string, string>();
  const documents = new Map<string, CheckedDocument>();
  const check = createDocumentCheck(options);
  const entries = entriesIn(path, namedBy);
  const problems = entries.flatMap(([key, text]) => {
    const found = lookAt(key, text, check);
    if ('problem' in found) return [`- ${shown(key)} ${found.problem}`];
    texts.set(found.id, found.text);
    documents.set(found.text, found.document);
    return [];
  });
  if (problems.length > 0) throw startError([`The documents in ${path} need correcting:`, ...problems]);
  return { texts, documents };
}

type Found = { readonly id: string; readonly text: string; readonly document: CheckedDocument };

function lookAt(key: string, text: unknown, check: CheckDocument): Found | { readonly problem: string } {
  if (typeof text !== 'string') return { problem: 'has no text.' };
  const id = documentIdOf(text);
  if (withPrefix(key) !== id)
    return {
      problem: `is not the SHA-256 of its text: that is ${id} (in code generation, hashAlgorithm: 'sha256').`,
    };
  const document = check(text);
  if ('operations' in document) return { id, text, document };
  return { problem: `cannot run: ${document.map(({ message }) => message).join(' ')}` };
}

/** What could be anything is not repeated at length. */
const shown = (key: string) => (key.length > 80 ? `${key.slice(0, 80)}…` : key);

function entriesIn(path: string, namedBy: string): (readonly [string, unknown])[] {
  const wrong = (what: string, cause?: unknown) =>
    startError(`${namedBy} names ${path}, which ${what}`, cause);
  const text = textIn(path, wrong);
  if (text.length > maxLength)
    throw wrong(`is longer than ${maxLength / 1_000_000} MB: leave documents out.`);
  const entries = Object.entries(objectIn(text, wrong));
  if (entries.length === 0)
    throw wrong('has no documents: run code generation first, or remove the setting.');
  return entries;
}

type Wrong = (what: string, cause?: unknown) => Error;

function textIn(path: string, wrong: Wrong): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw wrong('cannot be read: correct the path or its permissions.', cause);
  }
}

function objectIn(text: string, wrong: Wrong): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch (cause) {
    throw wrong('holds no JSON object of texts by ids: let code generation write it.', cause);
  }
}
