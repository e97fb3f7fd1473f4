import { createGroup, type SignedIn, signIn, signUp, syncCursor } from '../client/people.ts';
import type { Plan } from './plan.ts';

/** A signed-in device, and where its stream begins. */
export type CastDevice = { readonly name: string; readonly person: SignedIn; readonly from: string };
export type CastChannel = { readonly id: string; readonly members: readonly SignedIn[] };
export type Cast = { readonly devices: readonly CastDevice[]; readonly channels: readonly CastChannel[] };

/** Everybody and everything of a plan, made through the public API as anybody would. */
export async function gatherCast(httpUrl: string, { devices, channels }: Plan): Promise<Cast> {
  const signedIn: { readonly name: string; readonly person: SignedIn; readonly index: number }[] = [];
  for (const { person: index } of devices) {
    const handle = `person.${index + 1}`;
    const nth = signedIn.filter((other) => other.index === index).length;
    const person = nth === 0 ? await signUp(httpUrl, handle) : await signIn(httpUrl, handle);
    signedIn.push({ name: `${handle}/${nth + 1}`, person, index });
  }
  const made: CastChannel[] = [];
  for (const members of channels) {
    const people = members.flatMap(
      (index) => signedIn.find((device) => device.index === index)?.person ?? [],
    );
    const [owner, ...others] = people;
    if (owner === undefined) throw new Error('A channel has members.');
    const id = await createGroup(httpUrl, owner, { name: `Channel ${made.length + 1}`, members: others });
    made.push({ id, members: people });
  }
  // After the last group: what the devices see begins with the first message.
  const cast = signedIn.map(async ({ name, person }) => ({
    name,
    person,
    from: await syncCursor(httpUrl, person.session.accessToken),
  }));
  return { devices: await Promise.all(cast), channels: made };
}
