import { randomBytes } from 'node:crypto';
import { hash, hashSync, verify } from '@node-rs/argon2';

/** What one hash costs: memory in KiB, and passes over it. */
export type PasswordCost = { readonly memoryKib: number; readonly passes: number };

/** argon2id with 19 MiB and two passes: the least that OWASP's Password Storage Cheat Sheet advises, about 30 ms of one core. */
export const passwordCost: PasswordCost = Object.freeze({ memoryKib: 19_456, passes: 2 });

/** Of Node's four threads for such work, those that hashing may take: files and host names need the others. */
const atOnce = 2;
/** With 30 ms each, whoever is last in this line waits three seconds; later ones are turned away. */
const maxWaiting = 200;

/** Hashes passwords and recognises them. Both answer `busy` when too many wait already: try again in a second. */
export interface Passwords {
  /** An argon2id hash with its salt and its cost in it. */
  hash(password: string): Promise<string | 'busy'>;
  /** Is this the password of `stored`? Without `stored` (there is no such person) it works just as long, and says false. */
  matches(stored: string | undefined, password: string): Promise<boolean | 'busy'>;
}

export function createPasswords(cost: PasswordCost = passwordCost): Passwords {
  const options = { memoryCost: cost.memoryKib, timeCost: cost.passes, parallelism: 1 };
  // Nobody knows this password. Made once, at the same cost as all others, so that an unknown person takes no less time.
  const decoy = hashSync(randomBytes(32), options);
  const inTurn = createTurns();
  return {
    hash: (password) => inTurn(() => hash(typed(password), options)),
    matches: (stored, password) =>
      inTurn(async () => (await verify(stored ?? decoy, typed(password))) && stored !== undefined),
  };
}

/** Keyboards write the same character in different ways; NIST SP 800-63B asks for one form before hashing. */
const typed = (password: string) => password.normalize('NFKC');

function createTurns() {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T | 'busy'> => {
    if (waiting.length >= maxWaiting) return 'busy';
    // Whoever finishes hands its turn on, so `running` counts turns, not work.
    if (running < atOnce) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
