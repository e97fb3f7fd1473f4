import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getOperationAST, type OperationDefinitionNode, parse, print, separateOperations } from 'graphql';
import { packageRoot } from '../../../prisma/package-root.ts';
import { examplesFor } from '../../http/graphiql-examples.ts';
import type { Random } from '../smoke/random.ts';
import { type Known, variablesFor } from './values.ts';

/** An operation as clients of some release ask it. */
export type Asked = { readonly text: string; readonly node: OperationDefinitionNode };

const folder = join(packageRoot, 'schema', 'test', 'documents');

/** All that clients of all releases ask, and what is tried first: short ones, of which more can be read in the same time. */
export function readOperations(): readonly Asked[] {
  const released = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  const short = examplesFor({}).map(({ query }) => query);
  return [...released, ...short, ...short].flatMap((text) =>
    Object.values(separateOperations(parse(text))).flatMap((document) => {
      const node = getOperationAST(document);
      return node ? [{ text: print(document), node }] : [];
    }),
  );
}

/** Of these one in so many is asked: each hashes a password, ends what others fuzz with, or replays all that has been said. */
const rare = new Map([
  ['signUp', 40],
  ['signIn', 40],
  ['changePassword', 40],
  ['signOut', 40],
  ['revokeSession', 40],
  ['leaveChannel', 10],
  ['removeMember', 10],
  ['events', 8],
  ['messageAdded', 8],
  ['changes', 8],
]);

const fieldOf = ({ node: { selectionSet } }: Asked): string => {
  const [selection] = selectionSet.selections;
  return selection?.kind === 'Field' ? selection.name.value : '';
};

/** Few, so that they are used again while they are in use. */
const operationIds = ['1', '2', '3', 'a', 'b', 'c', 'd', 'e', '', '__proto__', 'constructor', 'ä"\\'];

export type Corpus = {
  /** A frame that a client might send, right as it is. */
  frame(): Record<string, unknown>;
  /** The text of some operation. */
  text(): string;
};

export function createCorpus(operations: readonly Asked[], known: Known, random: Random): Corpus {
  function operation(): Asked {
    for (;;) {
      const found = random.pick(operations);
      if (random.below(rare.get(fieldOf(found)) ?? 1) === 0) return found;
    }
  }
  const id = () => random.pick(operationIds.slice(0, random.next() < 0.95 ? 8 : undefined));
  function subscribe() {
    const { text, node } = operation();
    const variables = variablesFor(node, { known, random });
    return { id: id(), type: 'subscribe', payload: { query: text, variables } };
  }
  const others = [
    () => ({ type: 'ping' }),
    () => ({ type: 'ping', payload: { a: 1 } }),
    () => ({ type: 'pong' }),
    () => ({ id: id(), type: 'complete' }),
    () => ({ id: id(), type: 'complete' }),
    () => ({ id: id(), type: 'subscribe', payload: { documentId: `sha256:${'0'.repeat(64)}` } }),
    () => ({ id: id(), type: 'subscribe', payload: { query: '{ server { version } }', operationName: 'x' } }),
  ];
  /** What no client sends, or not now. */
  const wrong = [
    () => ({ type: 'connection_init', payload: {} }),
    () => ({ type: 'connection_ack' }),
    () => ({ id: id(), type: 'next', payload: { data: {} } }),
    () => ({ id: id(), type: 'error', payload: [{ message: 'x' }] }),
  ];
  return {
    frame() {
      const kind = random.next();
      if (kind < 0.7) return subscribe();
      return random.pick(kind < 0.98 ? others : wrong)();
    },
    text: () => operation().text,
  };
}
