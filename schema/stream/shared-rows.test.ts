import { expect, it } from 'vitest';
import type { FeedPage } from '../ports/memberships.ts';
import { sharingRows } from './shared-rows.ts';
import { ada, ben, settled } from './test/stream-world.ts';

/** Rows that change by hand, and reads that wait to be let through. */
function world() {
  const state = { version: 1, reads: 0, isDown: false };
  const held: (() => void)[] = [];
  const rows = sharingRows({
    of: async () => [],
    async feedOf(): Promise<FeedPage> {
      state.reads += 1;
      const versions = { version: state.version, minVersion: 0, viewerVersion: 0, contactsVersion: 0 };
      const page = { epoch: 1, ...versions, memberships: [] };
      const fails = state.isDown;
      await new Promise<void>((resolve) => held.push(resolve));
      if (fails) throw new Error('the store is down');
      return page;
    },
  });
  const letGo = async () => {
    for (const release of held.splice(0)) release();
    await settled();
  };
  return { rows, state, letGo };
}

it('those who ask at the same moment share a read', async () => {
  const { rows, state, letGo } = world();
  const pages = [rows.feedOf(ada, 0), rows.feedOf(ada, 0), rows.feedOf(ada, 1), rows.feedOf(ben, 0)];
  await settled();
  await letGo();
  await Promise.all(pages);
  expect(state.reads).toBe(3);
});

it('nobody joins a read that has begun: they share the next, which shows what was there when they asked', async () => {
  const { rows, state, letGo } = world();
  const early = rows.feedOf(ada, 0);
  await settled();
  state.version = 2;
  const late = [rows.feedOf(ada, 0), rows.feedOf(ada, 0)];
  await settled();
  expect(state.reads).toBe(1);
  await letGo();
  await letGo();
  expect((await early).version).toBe(1);
  expect((await Promise.all(late)).map(({ version }) => version)).toEqual([2, 2]);
  expect(state.reads).toBe(2);
});

it('a read that fails fails those who asked for it, and no others', async () => {
  const { rows, state, letGo } = world();
  state.isDown = true;
  const failed = rows.feedOf(ada, 0).catch((failure: unknown) => failure);
  await settled();
  state.isDown = false;
  const next = rows.feedOf(ada, 0);
  await letGo();
  await letGo();
  expect([await failed, (await next).version]).toEqual([new Error('the store is down'), 1]);
});
