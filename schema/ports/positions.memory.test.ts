import { openMemoryMemberships } from './memberships.memory.ts';
import { positionsContract } from './positions.contract.ts';

positionsContract('memory', async () => {
  const { memberships, positions, addUser, addChannel, touchViewer } = openMemoryMemberships();
  return {
    memberships,
    positions,
    newUser: async () => addUser(),
    newChannel: async () => addChannel(),
    touchViewer: async (userId) => touchViewer(userId),
    close: async () => undefined,
  };
});
