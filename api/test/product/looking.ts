import type { Asker, Person as Raw } from '../../../schema/test/world.ts';
import type { World } from '../world.ts';
import { type Person, personOf } from './contacting.ts';

/** How somebody is there, as a client sees it. */
export type Presence = {
  readonly id: string;
  readonly state: 'ONLINE' | 'IDLE' | 'OFFLINE';
  readonly lastSeenAt: string | null;
  readonly validUntil: string;
  readonly at: string;
};
export type Told = {
  readonly id: string;
  readonly displayName: string;
  readonly colour: string;
  readonly presence: Presence | null;
};

const fields = 'id state lastSeenAt validUntil at';
const seen = `id displayName colour presence { ${fields} }`;
export const looks = {
  user: `query ($handle: String!) { user(handle: $handle) { ${seen} } }`,
  presence: `subscription ($userIds: [ID!]!) { presence(userIds: $userIds) { user { ${seen} } } }`,
  setActivity: `mutation ($input: SetActivityInput!) { result: setActivity(input: $input) {
    __typename ... on UserError { code } ... on SetActivityPayload { device { id } } } }`,
  updateSettings: `mutation ($input: UpdateSettingsInput!) { result: updateSettings(input: $input) { __typename } }`,
  updateProfile: `mutation ($input: UpdateProfileInput!) { result: updateProfile(input: $input) { __typename } }`,
};

/** What somebody hears of the people they watch, one after the other. */
export type Watch = {
  /** The next thing that is told; whatever comes must be asked for. */
  next(): Promise<Told>;
  /** The next that fits; those before it are thrown away. */
  until(fits: (told: Told) => boolean): Promise<Told>;
  /** The first things that are told, in the order of these people. */
  snapshot(...userIds: readonly string[]): Promise<readonly (Presence | null | undefined)[]>;
  stop(): Promise<unknown>;
};

async function answered<Data>(answer: Promise<{ readonly data: Data; readonly errors?: unknown }>) {
  const { data, errors } = await answer;
  if (errors) throw new Error(`An answer with errors: ${JSON.stringify(errors)}`);
  return data;
}

/** What somebody does who looks at others, and is looked at. */
export function looksOf({ execute, subscribe }: Asker) {
  const mutate = async (document: string, input: object) =>
    (await answered(execute<{ result: { __typename: string; code?: string } }>(document, { input }))).result;
  return {
    see: async (handle: string) =>
      (await answered(execute<{ user: Told | null }>(looks.user, { handle }))).user?.presence,
    watch: async (userIds: readonly string[]): Promise<Watch> => {
      const stream = await subscribe<{ presence: { user: Told } }>(looks.presence, { userIds });
      const next = async () => {
        const { done, value } = await stream.next();
        if (done) throw new Error('It has ended.');
        return (await answered(Promise.resolve(value))).presence.user;
      };
      const until = async (fits: (told: Told) => boolean) => {
        for (;;) {
          const told = await next();
          if (fits(told)) return told;
        }
      };
      return {
        next,
        until,
        async snapshot(...ids) {
          const all = new Map<string, Told>();
          for (const _ of ids) {
            const told = await next();
            all.set(told.id, told);
          }
          return ids.map((id) => all.get(id)?.presence);
        },
        stop: async () => stream.return?.(),
      };
    },
    setIdle: (isIdle: boolean) => mutate(looks.setActivity, { isIdle }),
    set: (input: object) => mutate(looks.updateSettings, input),
    rename: (displayName: string) => mutate(looks.updateProfile, { displayName }),
  };
}

/** Somebody with contacts and channels who looks, and can be connected. */
export type Looker = Person &
  ReturnType<typeof looksOf> & {
    readonly viewer: Raw['viewer'];
    /** By one more connection of this device; what is returned ends it. */
    connect(): () => void;
  };

export const lookerOf = ({ product }: Pick<World, 'product'>, raw: Raw): Looker => ({
  ...personOf(raw),
  ...looksOf(raw),
  viewer: raw.viewer,
  connect: () => product.presence.connect({ userId: raw.userId, deviceId: raw.viewer.deviceId }),
});

/** New people, one per name asked for. */
export async function lookers<const Name extends string>(
  world: World,
  ...names: readonly Name[]
): Promise<{ readonly [N in Name]: Looker }> {
  const pairs = await Promise.all(
    names.map(async (name) => [name, lookerOf(world, await world.signUp())] as const),
  );
  return Object.fromEntries(pairs) as { [N in Name]: Looker };
}
