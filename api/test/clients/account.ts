import type { ChatOptions } from './chat.ts';
import { keepSession, signIn } from './session.ts';

/** What every client in this folder begins with: somebody who is signed in, and what becomes of that session. */
export async function openAccount(options: ChatOptions) {
  let onSignedOut: () => void = () => undefined;
  const signedOut = new Promise<void>((resolve) => {
    onSignedOut = resolve;
  });
  const first = await signIn(options);
  const session = keepSession(first, { ...options, onSignedOut: () => onSignedOut() });
  const codes: number[] = [];
  /** For each socket that was closed. A connection that just broke has the code 1006. */
  const onClosed = (code: unknown) => {
    session.hear(code);
    if (typeof code === 'number') codes.push(code);
  };
  return { deviceId: first.device.id, session, signedOut, closeCodes: () => codes, onClosed };
}
export type Account = Awaited<ReturnType<typeof openAccount>>;
