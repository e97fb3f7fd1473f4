import { readAccount, writeAccount } from '../account/accounts.ts';
import { type Owner, readOwner, writeOwner } from '../worker/kept.ts';

// The tabs keep their tokens where the worker cannot see them, so both have a copy, and whoever renews them writes the new ones
// into the copy that both see, before they are used. A refresh token that was used twice for different successors would look like
// a theft. To be called while the lock of the renewal is held; what cannot be stored is as if nothing were shared.

/** What the worker has renewed since. */
export async function takeNewer(viewerId: string): Promise<void> {
  const owner = await readOwner().catch(() => undefined);
  const account = readAccount(viewerId);
  if (owner?.viewerId === viewerId && account?.tokens && owner.tokens.renewAt > account.tokens.renewAt)
    writeAccount({ ...account, tokens: owner.tokens });
}

export const share = (owner: Owner): Promise<void> => writeOwner(owner).catch(() => undefined);
