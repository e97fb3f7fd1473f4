import { randomBytes } from 'node:crypto';
import { handleKeyOf } from '../schema/account/account.policy.ts';
import type { Product } from '../schema/scope.ts';
import { revokeSessions } from '../schema/session/revoke-sessions.ts';
import type { Demo } from './http/graphiql.ts';
import { demoPassword, demoPeople, seed } from './seed.ts';

/**
 * Makes the demo people if they are wanted, and answers who they are if they can sign in. Otherwise closes the door that they
 * may have left: everybody knows their password, and these data may have been tried out before they became public.
 * Closed is closed: their password and sessions end for good, what they wrote stays.
 */
export async function keepDemo(product: Product, isWanted: boolean): Promise<Demo | undefined> {
  const ids = isWanted ? await seed(product) : undefined;
  const people = await openDemoPeople(product);
  if (!isWanted) for (const id of people) await close(product, id);
  if (!isWanted || people.length < demoPeople.length) return undefined;
  return {
    people: demoPeople.map(({ handle }) => ({ handle, password: demoPassword })),
    ...(ids && { ids }),
  };
}

async function close({ prisma, passwords, clock }: Product, id: bigint): Promise<void> {
  const passwordHash = await passwords.hash(randomBytes(32).toString('hex')); // that nobody knows
  if (passwordHash === 'busy') throw new Error('Nobody else can be hashing before the server listens.');
  await prisma.$transaction(async (tx) => {
    await tx.user.update({ where: { id }, data: { passwordHash } });
    await revokeSessions(tx, { userId: id }, new Date(clock.now()));
  });
}

/** The rows of those with a demo handle who have the demo password; who merely has such a name is left alone. */
async function openDemoPeople({ prisma, passwords }: Product): Promise<bigint[]> {
  const keys = demoPeople.map(({ handle }) => handleKeyOf(handle));
  const rows = await prisma.user.findMany({ where: { handleKey: { in: keys } } });
  const open: bigint[] = [];
  for (const { id, passwordHash } of rows) {
    if ((await passwords.matches(passwordHash, demoPassword)) === true) open.push(id);
  }
  return open;
}
