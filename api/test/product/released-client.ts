import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, print, separateOperations } from 'graphql';
import { expect } from 'vitest';
import type { Asker, Subscription } from '../../../schema/test/world.ts';

/** What clients of each release ask, in a file of its own. */
export const releasedDocuments = join(import.meta.dirname, '../../../schema/test/documents');

/** The operations of a file by their names, each with the fragments it needs: as a client sends them. */
export function operationsIn(file: string): ReadonlyMap<string, string> {
  const operations = separateOperations(parse(readFileSync(join(releasedDocuments, file), 'utf8')));
  return new Map(Object.entries(operations).map(([name, document]) => [name, print(document)]));
}

/** A client that has the documents of one release and no others. */
export function openReleasedClient(file: string) {
  const operations = operationsIn(file);
  /** Which operations were asked: in the end, all of them. */
  const asked = new Set<string>();
  const textOf = (name: string) => {
    const text = operations.get(name);
    if (text === undefined) throw new Error(`There is no operation ${name}.`);
    asked.add(name);
    return text;
  };

  /** The data of an answer without errors. */
  async function ask<Data = unknown>(asker: Asker, name: string, variables: object = {}): Promise<Data> {
    const { data, errors } = await asker.execute<Data>(textOf(name), { ...variables });
    expect(errors, name).toBeUndefined();
    return data;
  }
  return {
    ask,
    /** What a mutation answers under its only field: its payload or a refusal. */
    async change<Payload = unknown>(asker: Asker, name: string, input: object): Promise<Payload | undefined> {
      const [answer] = Object.values(await ask<Record<string, Payload>>(asker, name, { input }));
      return answer;
    },
    listen: <Data = unknown>(asker: Asker, name: string, variables: object): Promise<Subscription<Data>> =>
      asker.subscribe<Data>(textOf(name), { ...variables }),
    neverAsked: () => [...operations.keys()].filter((name) => !asked.has(name)),
  };
}

/** What is answered, whole: of these nothing may be missing, and nothing be there besides. */
export const may = { isAllowed: true, code: null, explanation: null, until: null };
export const mayNot = (code: string) => ({
  isAllowed: false,
  code,
  explanation: expect.any(String),
  until: null,
});
export const denied = (code: string) => ({
  __typename: 'Denied',
  code,
  explanation: expect.any(String),
  until: null,
});
export const invalid = (code: string, ...field: string[]) => ({
  __typename: 'InvalidInput',
  code,
  explanation: expect.any(String),
  field,
});
