import { Kind, parse } from 'graphql';
import { examplesFor } from '../http/graphiql-examples.ts';

/** What every operation is called whose name is not known. */
export const otherName = 'other';

/**
 * The names that may stand in a label. Clients choose the names of their operations, and could choose a new one for each, or one
 * that says who they are: so only names count that are known before anybody asks, those of GraphiQL's examples and of these
 * documents. Anybody may use a known name, which adds no label.
 */
export function createNames(documents: readonly string[]): (name: string | undefined) => string {
  const texts = [...examplesFor({}).map(({ query }) => query), ...documents];
  const names = new Set(
    texts.flatMap((text) =>
      parse(text).definitions.map((node) =>
        node.kind === Kind.OPERATION_DEFINITION ? node.name?.value : undefined,
      ),
    ),
  );
  return (name) => (name !== undefined && names.has(name) ? name : otherName);
}
