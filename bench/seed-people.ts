import { readConfig } from '../api/config.ts';
import { createLog } from '../api/log.ts';
import { openPlatform } from '../api/platform.ts';
import { openStorage } from '../api/storage.ts';
import { signIn } from '../schema/account/sign-in.ts';
import { signUp } from '../schema/account/sign-up.ts';
import { createGroup } from '../schema/group/create-group.ts';
import type { ChannelId, UserId } from '../schema/ids.ts';
import type { Product, ViewerScope } from '../schema/scope.ts';
import { unordered } from '../schema/stream/in-order.ts';
import { isRefusal, type Refusal } from '../schema/verdict.ts';

/** Somebody who may open a socket, and the channels they are in. */
export type Person = {
  readonly userId: UserId;
  readonly token: string;
  /** One for each of their devices, that one first. */
  readonly tokens: readonly string[];
  readonly channelIds: readonly string[];
};

/** What has been made, and the product it was made with. */
export type Seeded = {
  readonly product: Product;
  readonly people: readonly { readonly scope: ViewerScope; readonly channelIds: readonly ChannelId[] }[];
};
/** What is to be made: so many people, and groups of them by index, each owned by the first one. */
export type Wanted = {
  readonly people: number;
  /** On which each of them is signed in; one when not said. */
  readonly devicesEach?: number;
  readonly groups: readonly (readonly number[])[];
  readonly seed?: (seeded: Seeded) => Promise<void>;
};

/** Next to nothing: these people are not real, and hashing is not what is measured. */
const passwordCost = { memoryKib: 8, passes: 1 };
const password = 'nobody has this password';

/**
 * Makes people and groups on this data folder, through the operations, before a server runs there.
 */
export async function seedPeople(
  settings: Readonly<Record<string, string>>,
  wanted: Wanted,
): Promise<Person[]> {
  const config = readConfig({ ...settings });
  const logger = createLog('warn');
  const ignore = () => undefined;
  const storage = await openStorage(config, { logger, onNotice: ignore, onEnd: ignore });
  try {
    const opened = await openPlatform({ ...config, passwordCost }, storage, logger);
    try {
      return await make(opened.product, wanted);
    } finally {
      await opened.close();
    }
  } finally {
    await storage.close();
  }
}

type Made = { readonly scope: ViewerScope; readonly tokens: string[]; readonly channelIds: ChannelId[] };

/** So many are made at once: it is mostly the database that is waited for. */
const atOnce = 8;

async function make(
  product: Product,
  { people: count, groups, seed, devicesEach = 1 }: Wanted,
): Promise<Person[]> {
  const people = await inTurns(
    Array.from({ length: count }, (_, index) => index),
    (index) => makePerson(product, index, devicesEach),
  );
  await inTurns(groups, async (members, nth) => {
    const inGroup = members.flatMap((index) => people[index] ?? []);
    const [owner, ...others] = inGroup;
    if (owner === undefined) throw new Error('A group has an owner.');
    const memberIds = others.map(({ scope }) => scope.viewer.id);
    const { channel } = done(
      await createGroup(owner.scope, { name: `Group ${nth + 1}`, memberIds, nonce: `${nth}` }),
    );
    for (const person of inGroup) person.channelIds.push(channel.id);
  });
  await seed?.({ product, people });
  return people.map(({ scope, tokens, channelIds }) => ({
    userId: scope.viewer.id,
    token: tokens[0] ?? '',
    tokens,
    channelIds,
  }));
}

/** Everything made of these, in their order; a few at once. */
async function inTurns<T, Result>(
  things: readonly T[],
  work: (thing: T, nth: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < things.length; from += atOnce)
    results.push(
      ...(await Promise.all(things.slice(from, from + atOnce).map((thing, nth) => work(thing, from + nth)))),
    );
  return results;
}

async function makePerson(product: Product, index: number, devices: number): Promise<Made> {
  const anonymous = { ...product, viewer: undefined, inOrder: unordered };
  const device = { label: 'Bench', platform: 'BOT' } as const;
  const handle = `bench.${index}`;
  const { viewer, session } = done(
    await signUp(anonymous, { handle, displayName: `Bench ${index}`, password, device }),
  );
  const tokens = [session.accessToken];
  while (tokens.length < devices)
    tokens.push(done(await signIn(anonymous, { handle, password, device })).session.accessToken);
  const scope: ViewerScope = { ...product, viewer, inOrder: unordered };
  return { scope, tokens, channelIds: [] };
}

function done<T extends object>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw new Error(`The bench could not be set up: ${answer.code}.`);
  return answer;
}
