import { documents, type ResultOf, type Session } from './documents.ts';
import type { Endpoint } from './options.ts';
import { askOverHttp } from './over-http.ts';
import { endpointBut, type Play, waitAgain } from './play.ts';
import { type Reply, resultIn } from './reply.ts';
import type { Wire } from './wire.ts';

/** The tokens of a device, renewed as the rule for clients has it; now and then one is left to expire. */
export type KeptSession = {
  readonly deviceId: string;
  /** The access token, renewed before if that is due. Undefined when the session has ended. */
  token(): Promise<string | undefined>;
  /** For the code of each closed socket, and of each error. */
  hear(code: number | string): void;
  /** Renewals go over this from now on; undefined: over HTTP. */
  over(wire: Wire | undefined): void;
  hasEnded(): boolean;
  close(): void;
};

type Settings = {
  readonly play: Play;
  readonly first: Session;
  /** Its end was asked for, or will be. */
  readonly mayEnd: () => boolean;
  readonly onProblem: (words: string) => void;
};

/** One of so many tokens is not renewed in time. */
const expiresOneIn = 8;

export function keepSession({ play, first, mayEnd, onProblem }: Settings): KeptSession {
  let session = first;
  let state: 'good' | 'due' | 'ended' = 'good';
  let wire: Wire | undefined;
  let endpoint: Endpoint | undefined;
  let renewing: Promise<void> | undefined;
  let timer = plan();

  function plan(): NodeJS.Timeout | undefined {
    const leftMs = Date.parse(session.accessTokenExpiresAt) - Date.now();
    // By the clock of that server it may be over: then it is renewed when that is told.
    if (leftMs <= 0 || play.random.below(expiresOneIn) === 0) return undefined;
    return setTimeout(() => {
      state = state === 'good' ? 'due' : state;
      void renew();
    }, leftMs / 2);
  }
  function ask(): Promise<Reply<ResultOf<{ readonly session: Session }>>> {
    const variables = { input: { refreshToken: session.refreshToken } };
    if (wire !== undefined) return wire.ask(documents.refresh, variables);
    endpoint = endpointBut(play, endpoint);
    return askOverHttp(endpoint, documents.refresh, { variables });
  }
  async function renewOnce(): Promise<void> {
    clearTimeout(timer);
    const answer = resultIn(await ask());
    if (answer.kind === 'done') {
      session = answer.payload.session;
      state = 'good';
      timer = plan();
    } else if (answer.kind === 'refused') {
      state = 'ended';
      if (!mayEnd()) onProblem(`its session ended with ${answer.code}, and nobody asked for that`);
    } else if (answer.isStrange) onProblem(`its session could not be renewed: ${answer.because}`);
  }
  function renew(): Promise<void> {
    renewing ??= renewOnce().finally(() => {
      renewing = undefined;
    });
    return renewing;
  }

  return {
    deviceId: first.device.id,
    async token() {
      for (let nth = 0; state === 'due' && !play.closing.aborted; nth += 1) {
        await renew();
        if (state === 'due') await waitAgain(play, nth);
      }
      return state === 'ended' || play.closing.aborted ? undefined : session.accessToken;
    },
    hear(code) {
      if (state === 'good' && (code === 4401 || code === 4403 || code === 'UNAUTHENTICATED')) state = 'due';
    },
    over(next) {
      wire = next;
    },
    hasEnded: () => state === 'ended',
    close: () => clearTimeout(timer),
  };
}
