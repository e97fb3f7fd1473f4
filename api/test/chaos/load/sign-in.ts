import { password } from '../../client/people.ts';
import { type Device, openDevice } from './device.ts';
import { type Document, documents, type ResultOf, type SignedIn } from './documents.ts';
import type { Endpoint } from './options.ts';
import { askOverHttp } from './over-http.ts';
import { order } from './perform.ts';
import { nextDeviceName, type Person } from './person.ts';
import { endpointBut, type Play, waitAgain } from './play.ts';
import { resultIn } from './reply.ts';

const deviceInput = (label: string) => ({ label, platform: 'WEB' });

/** Makes an account, with its first device. */
export async function signUp(play: Play, handle: string): Promise<Person> {
  const input = { handle, password, device: deviceInput(`${handle}/1`) };
  let endpoint: Endpoint | undefined;
  let isMade = false;
  for (let nth = 0; !play.closing.aborted; nth += 1) {
    endpoint = endpointBut(play, endpoint);
    const variables: object = { input: isMade ? input : { ...input, displayName: handle } };
    const document: Document<ResultOf<SignedIn>> = isMade ? documents.signIn : documents.signUp;
    const answer = resultIn(await askOverHttp(endpoint, document, { variables }));
    if (answer.kind === 'done') return personOf(play, handle, answer.payload);
    // An answer was lost, and it was done.
    isMade ||= answer.kind === 'refused' && answer.code === 'HANDLE_TAKEN' && nth > 0;
    if (answer.kind === 'refused' && !isMade) throw new Error(`No account for ${handle}: ${answer.code}`);
    await waitAgain(play, nth);
  }
  throw new Error('It is over.');
}

/** Nobody knows the id of somebody who is just being made: that they signed in is written when it is known. */
function personOf(play: Play, handle: string, signedIn: SignedIn): Person {
  const userId = signedIn.viewer.user.id;
  const person: Person = { userId, handle, devices: [], formerDevices: [], deviceCount: 0 };
  const name = nextDeviceName(person);
  const op = play.book.open({ name, userId }, { type: 'signIn' });
  op.invoke();
  op.ok({});
  settle(play, person, { name, signedIn });
  return person;
}

/** Signs somebody in on a new device. Undefined when everything is over. */
export async function addDevice(play: Play, person: Person): Promise<Device | undefined> {
  const { handle, userId } = person;
  const name = nextDeviceName(person);
  const input = { handle, password, device: deviceInput(name) };
  const op = play.book.open({ name, userId }, { type: 'signIn' });
  let endpoint: Endpoint | undefined;
  for (let nth = 0; !play.closing.aborted; nth += 1) {
    endpoint = endpointBut(play, endpoint);
    op.invoke();
    const answer = resultIn(await askOverHttp(endpoint, documents.signIn, { variables: { input } }));
    if (answer.kind === 'done') {
      op.ok({});
      return settle(play, person, { name, signedIn: answer.payload });
    }
    if (answer.kind === 'refused') {
      play.problem(`${name}: it could not sign in: ${answer.code}`);
      op.refuse(answer.code);
      return undefined;
    }
    if (answer.isStrange) play.problem(`${name}: its sign-in was answered with ${answer.because}`);
    op.unknown(answer.because);
    await waitAgain(play, nth);
  }
  op.abandon();
  return undefined;
}

function settle(
  play: Play,
  person: Person,
  { name, signedIn }: { readonly name: string; readonly signedIn: SignedIn },
): Device {
  const device = openDevice({ play, name, userId: person.userId, session: signedIn.session });
  person.devices.push(device);
  if (play.subscribePush !== undefined) void register(play, device, play.subscribePush);
  return device;
}

async function register(play: Play, device: Device, subscribe: NonNullable<Play['subscribePush']>) {
  const web = subscribe();
  play.endpointOwners.set(web.url, { device: device.name, userId: device.userId });
  const input = { address: { web } };
  const known = await order(play, device, { document: documents.registerEndpoint, input });
  if (known?.kind === 'refused')
    play.problem(`${device.name}: its place at the push service was refused with ${known.code}`);
}
