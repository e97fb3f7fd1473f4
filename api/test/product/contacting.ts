import type { Asker } from '../../../schema/test/world.ts';
import { type Page, type PageArgs, type Refused, type Talker, talkerOf, type Verdict } from './talker.ts';

export type Contact = 'NONE' | 'REQUESTED_BY_ME' | 'REQUESTED_BY_THEM' | 'CONTACT' | 'BLOCKED_BY_ME';
export const userAbilities = ['requestContact', 'openDirectChannel', 'addToGroup'] as const;
export type UserAbility = (typeof userAbilities)[number];
/** A person as the viewer sees them. */
export type Seen = {
  readonly id: string;
  readonly handle: string;
  readonly viewerContact: Contact;
  readonly viewerCan: { readonly id: string } & { readonly [A in UserAbility]: Verdict };
};
export type Result = Refused & { readonly user: Seen; readonly viewer: { readonly id: string } };
/** Somebody in a list, and when they came into it. */
export type Listed = Page<Seen> & { readonly edges: readonly { readonly at: string }[] };
export type Direction = 'INCOMING' | 'OUTGOING';

const verdict = '{ isAllowed code explanation until }';
export const seenFields = `id handle viewerContact viewerCan { id ${userAbilities.map((name) => `${name} ${verdict}`).join(' ')} }`;
const mutation = (name: string) => {
  const type = name.charAt(0).toUpperCase() + name.slice(1);
  return `mutation ($input: ${type}Input!) { result: ${name}(input: $input) {
    __typename ... on UserError { code explanation } ... on InvalidInput { field } ... on Denied { until }
    ... on ${type}Payload { user { ${seenFields} } viewer { id } } } }`;
};
const pageArgs = '$first: Int, $after: String, $last: Int, $before: String';
const given = 'first: $first, after: $after, last: $last, before: $before';
const listOf = (
  field: string,
  at: string,
  more = '',
) => `query (${pageArgs}) { viewer { page: ${field}(${given}${more}) {
  edges { cursor at: ${at} node { ${seenFields} } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`;

/** What a client does with contacts: each a document, and what it answers. */
export function contactsOf({ execute }: Asker) {
  const query = async <Data>(document: string, variables: object): Promise<Data> => {
    const { data, errors } = await execute<Data>(document, { ...variables });
    if (errors) throw new Error(`An answer with errors: ${JSON.stringify(errors)}`);
    return data;
  };
  const mutate = async (name: string, input: object) =>
    (await query<{ result: Result }>(mutation(name), { input })).result;
  const list = async (document: string, args: PageArgs) =>
    (await query<{ viewer: { page: Listed } }>(document, args)).viewer.page;
  return {
    request: (userId: string) => mutate('requestContact', { userId }),
    accept: (userId: string) => mutate('answerContactRequest', { userId, accept: true }),
    decline: (userId: string) => mutate('answerContactRequest', { userId, accept: false }),
    remove: (userId: string) => mutate('removeContact', { userId }),
    block: (userId: string) => mutate('blockUser', { userId }),
    unblock: (userId: string) => mutate('unblockUser', { userId }),
    see: async (handle: string) => {
      const document = `query ($handle: String!) { user(handle: $handle) { ${seenFields} } }`;
      const { user } = await query<{ user: Seen | null }>(document, { handle });
      if (user === null) throw new Error(`Nobody is called ${handle}.`);
      return user;
    },
    contacts: (args: PageArgs = {}) => list(listOf('contacts', 'since'), args),
    requests: (direction: Direction, args: PageArgs = {}) =>
      list(listOf('contactRequests', 'requestedAt', `, direction: ${direction}`), args),
    blocked: (args: PageArgs = {}) => list(listOf('blockedUsers', 'blockedAt'), args),
  };
}

/** Somebody who talks, and has contacts. */
export type Person = Talker & { readonly to: ReturnType<typeof contactsOf> };
export const personOf = (...[person]: Parameters<typeof talkerOf>): Person => ({
  ...talkerOf(person),
  to: contactsOf(person),
});

/** New people, one per name asked for. */
export async function persons<const Name extends string>(
  world: { readonly signUp: (handle?: string) => Promise<Parameters<typeof talkerOf>[0]> },
  ...names: readonly Name[]
): Promise<{ readonly [N in Name]: Person }> {
  const pairs = await Promise.all(names.map(async (name) => [name, personOf(await world.signUp())] as const));
  return Object.fromEntries(pairs) as { [N in Name]: Person };
}

/** What I can do to somebody, by the words of the policy's table. */
export const deeds = {
  ask: ({ to }: Person, userId: string) => to.request(userId),
  accept: ({ to }: Person, userId: string) => to.accept(userId),
  decline: ({ to }: Person, userId: string) => to.decline(userId),
  remove: ({ to }: Person, userId: string) => to.remove(userId),
  block: ({ to }: Person, userId: string) => to.block(userId),
  unblock: ({ to }: Person, userId: string) => to.unblock(userId),
} as const;
export type Deed = keyof typeof deeds;

/** Everything that two people can be to each other, and how they come to be that: what the one and the other does, in turn. */
export const pairs = {
  strangers: [],
  'I have asked': ['me ask'],
  'they have asked': ['they ask'],
  contacts: ['me ask', 'they accept'],
  'I have asked, and they declined': ['me ask', 'they decline'],
  'they have asked, and I declined': ['they ask', 'me decline'],
  'I block them': ['me block'],
  'I block who has asked me': ['they ask', 'me block'],
  'they block me': ['they block'],
  'they block me, who has asked them': ['me ask', 'they block'],
  'each blocks the other': ['me block', 'they block'],
} as const satisfies Readonly<Record<string, readonly `${'me' | 'they'} ${Deed}`[]>>;
export type PairName = keyof typeof pairs;

/** Makes two people who are strangers that. */
export async function become(name: PairName, me: Person, they: Person): Promise<void> {
  for (const step of pairs[name]) {
    const [who, deed] = step.split(' ') as ['me' | 'they', Deed];
    const [actor, other] = who === 'me' ? [me, they] : [they, me];
    const { __typename } = await deeds[deed](actor, other.userId);
    if (!__typename.endsWith('Payload')) throw new Error(`${step} answered ${__typename}.`);
  }
}
