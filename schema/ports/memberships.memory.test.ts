import { expect, it } from 'vitest';
import { contactsContract } from './contacts.contract.ts';
import { membershipsContract } from './memberships.contract.ts';
import { openMemoryMemberships } from './memberships.memory.ts';
import { positionsContract } from './positions.contract.ts';
import type { PositionsWorld } from './positions-world.contract.ts';

async function openWorld(): Promise<PositionsWorld> {
  const rows = openMemoryMemberships();
  return {
    memberships: rows.memberships,
    contacts: rows.contacts,
    positions: rows.positions,
    newUser: async () => rows.addUser(),
    newChannel: async () => rows.addGroup(),
    newDirect: async (pair) => rows.addDirect(pair),
    touchViewer: async (userId) => rows.touchViewer(userId),
    touchContact: async (userId, otherId) => rows.touchContact(userId, otherId),
    block: async (block) => rows.block(block),
    close: async () => undefined,
  };
}

membershipsContract('memory', openWorld);
contactsContract('memory', openWorld);
positionsContract('memory', openWorld);

it('belongs to the epoch it was opened with', async () => {
  const { memberships, addUser } = openMemoryMemberships({ epoch: 7 });
  expect(await memberships.feedOf(addUser(), 0)).toMatchObject({ epoch: 7 });
});
