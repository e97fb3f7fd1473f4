import { eventStreamType } from './event-stream.ts';

/** What a client wants, by its `Accept`: one answer of JSON, events, or something that is not to be had here. */
export type Accepted = { readonly json: boolean; readonly events: boolean };

const jsonTypes = ['application/graphql-response+json', 'application/json', 'application/*', '*/*'];
const eventTypes = [eventStreamType, 'text/*', '*/*'];

export function acceptedBy({ headers }: Pick<Request, 'headers'>): Accepted {
  const types = (headers.get('accept') ?? '*/*')
    .toLowerCase()
    .split(',')
    .map((type) => type.split(';', 1)[0]?.trim() ?? '');
  const accepts = (wanted: readonly string[]) => types.some((type) => wanted.includes(type));
  return { json: accepts(jsonTypes), events: accepts(eventTypes) };
}
