import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openCachedClient } from '../test/cached-client.ts';
import { createAcknowledging } from './acknowledge.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

async function open() {
  let cursors: readonly string[] = ['a'];
  const said: unknown[] = [];
  const payload = { acknowledgeEvents: { __typename: 'AcknowledgeEventsPayload' } };
  const { client } = await openCachedClient('me', () => {
    said.push(cursors);
    return payload;
  });
  const acknowledging = createAcknowledging(client, () => cursors);
  return {
    ...acknowledging,
    said,
    keep: (...kept: readonly string[]) => {
      cursors = kept;
      acknowledging.onStored();
    },
  };
}

describe('What is safe here', () => {
  it('is told to the server once it is stored, and many at once as one', async () => {
    const { keep, said } = await open();
    keep('a');
    keep('a', 'b');
    expect(said).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(said).toEqual([['a', 'b']]);
  });

  it('is not told again', async () => {
    const { keep, said } = await open();
    keep('a');
    await vi.advanceTimersByTimeAsync(1_000);
    keep('a');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(said).toHaveLength(1);
  });

  it('is not told any more when the page is closed', async () => {
    const { keep, said, close } = await open();
    keep('a');
    close();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(said).toEqual([]);
  });
});
