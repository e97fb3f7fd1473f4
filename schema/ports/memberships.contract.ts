import { afterAll, beforeAll, describe } from 'vitest';
import { blockContract } from './memberships-block.contract.ts';
import { decidingContract, refusingContract } from './memberships-change.contract.ts';
import { concurrencyContract } from './memberships-concurrency.contract.ts';
import { feedContract, leavingContract, settlingContract } from './memberships-feed.contract.ts';
import { mixedContract } from './memberships-mixed.contract.ts';
import { ownContract, viewerContract } from './memberships-own.contract.ts';
import { roleContract, updateContract } from './memberships-update.contract.ts';
import type { MembershipsWorld } from './memberships-world.contract.ts';

export type { MembershipsWorld } from './memberships-world.contract.ts';

/** What every store of memberships promises. Each test has people and channels of its own in a store that the suite shares. */
export function membershipsContract(name: string, openWorld: () => Promise<MembershipsWorld>): void {
  describe(`memberships: ${name}`, () => {
    let world: MembershipsWorld;
    beforeAll(async () => {
      world = await openWorld();
    });
    afterAll(() => world.close());
    const getWorld = () => world;

    describe('deciding', () => decidingContract(getWorld));
    describe('refusing', () => refusingContract(getWorld));
    describe('roles', () => roleContract(getWorld));
    describe('changes of the channel', () => updateContract(getWorld));
    describe('own settings', () => ownContract(getWorld));
    describe('own things', () => viewerContract(getWorld));
    describe('blocks', () => blockContract(getWorld));
    describe('leaving and coming back', () => leavingContract(getWorld));
    describe('settling', () => settlingContract(getWorld));
    describe('feed', () => feedContract(getWorld));
    describe('many at once', () => concurrencyContract(getWorld));
    describe('all kinds at once', () => mixedContract(getWorld));
  });
}
