import { expect, it } from 'vitest';
import { membershipsContract } from './memberships.contract.ts';
import { openMemoryMemberships } from './memberships.memory.ts';

membershipsContract('memory', async () => {
  const { memberships, addUser, addChannel, touchViewer } = openMemoryMemberships();
  return {
    memberships,
    newUser: async () => addUser(),
    newChannel: async () => addChannel(),
    touchViewer: async (userId) => touchViewer(userId),
    close: async () => undefined,
  };
});

it('belongs to the epoch it was opened with', async () => {
  const { memberships, addUser } = openMemoryMemberships({ epoch: 7 });
  expect(await memberships.feedOf(addUser(), 0)).toMatchObject({ epoch: 7 });
});
