import { freePort, type ServerProcess, startServerProcess } from '../../../bench/server-process.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { read } from '../client/ask.ts';
import { type Refusal, type Session, type SignedIn, signUp } from '../client/people.ts';
import { change } from './seed.ts';

/** A server as `npm start` runs it, with the demo people, in a folder that is gone afterwards. It does not outlive this program. */
export async function openDemoServer(): Promise<{ readonly server: ServerProcess; close(): Promise<void> }> {
  const folder = await makeTempFolder();
  const starting = startServerProcess({
    from: 'dist',
    folder: folder.path,
    port: await freePort(),
    settings: { DEMO: 'on', WEB_DEMO: 'on', LOG_LEVEL: 'warn', MESSAGES_PER_MINUTE: '1000000' },
  });
  const close = async () => {
    await starting.then((server) => server.stop()).catch(() => undefined); // it has not even started
    await folder.remove();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void close().finally(() => process.exit(1)));
  try {
    return { server: await starting, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Known to everybody. */
const demoPassword = 'parley-demo';
const document = `mutation SignIn($input: SignInInput!) { result: signIn(input: $input) {
  __typename
  ... on UserError { code explanation }
  ... on SignInPayload {
    session { accessToken accessTokenExpiresAt refreshToken device { id } }
    viewer { user { id } }
  }
} }`;

type Answer = {
  readonly result: Refusal | { readonly session: Session; readonly viewer: { user: { id: string } } };
};

/** One of the two demo people, on one more device. */
export async function signInDemo(httpUrl: string, handle: 'alice' | 'bob'): Promise<SignedIn> {
  const input = { handle, password: demoPassword, device: { label: 'Seed', platform: 'BOT' } };
  const { result } = await read<Answer>(httpUrl, { query: document, variables: { input } });
  if (!('session' in result)) throw new Error(`No session: ${JSON.stringify(result)}`);
  return { handle, userId: result.viewer.user.id, session: result.session };
}

/** Somebody new, by their name. */
export async function signUpNamed(httpUrl: string, displayName: string): Promise<SignedIn> {
  const person = await signUp(httpUrl, displayName.toLowerCase().replaceAll(' ', '.'));
  await change(httpUrl, person, { name: 'updateProfile', input: { displayName } });
  return person;
}
