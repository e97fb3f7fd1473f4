import { Client, CombinedError, type Exchange, gql, type Operation } from 'urql';
import { describe, expect, it } from 'vitest';
import { map } from 'wonka';
import { askById } from './ask-by-id.ts';

const query = gql('query Who { viewer { id } }');
const other = gql('query Where { server { version } }');
const unknown = new CombinedError({
  graphQLErrors: [{ message: 'Unknown.', extensions: { code: 'PERSISTED_DOCUMENT_NOT_FOUND' } }],
});

/** A server that knows some ids, and tells what it was asked. */
function open(known: readonly string[]) {
  const asked: string[] = [];
  const idIn = ({ query }: Operation) => ('documentId' in query ? String(query.documentId) : undefined);
  const server: Exchange = () =>
    map((operation) => {
      const id = idIn(operation);
      if (operation.kind !== 'teardown') asked.push(id ?? 'text');
      const isKnown = id === undefined || known.includes(id);
      return {
        operation,
        ...(isKnown ? { data: { answer: true } } : { data: undefined, error: unknown }),
        ...{ stale: false, hasNext: false },
      };
    });
  const asking = { isKnown: true };
  const idFor = (document: object) => (document === query ? 'id-who' : 'id-where');
  const client = new Client({
    url: 'http://unused.test',
    preferGetMethod: false,
    exchanges: [
      askById(asking, (document) => idFor('definitions' in document ? named(document) : document)),
      server,
    ],
  });
  return { client, asked, asking };
}
const named = (document: object) => (JSON.stringify(document).includes('"Who"') ? query : other);

describe('A document', () => {
  it('is asked for by its id', async () => {
    const { client, asked } = open(['id-who']);
    const { data, operation } = await client.query(query, {}).toPromise();
    expect(data).toEqual({ answer: true });
    expect(asked).toEqual(['id-who']);
    expect(operation.query.definitions).toHaveLength(1);
  });

  it('is asked for by its text when the server does not know it, and so is everything after', async () => {
    const { client, asked, asking } = open([]);
    const { data, error } = await client.query(query, {}).toPromise();
    expect({ data, error }).toEqual({ data: { answer: true }, error: undefined });
    await client.query(other, {}).toPromise();
    expect(asked).toEqual(['id-who', 'text', 'text']);
    expect(asking.isKnown).toBe(false);
  });

  it('of a mutation is sent once when it is known', async () => {
    const { client, asked } = open(['id-where']);
    await client.mutation(gql('mutation Change { change }'), {}).toPromise();
    expect(asked).toEqual(['id-where']);
  });
});
