import { afterEach, describe, expect, it } from 'vitest';
import { openWebWorld } from '../test/push/web-world.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
async function open() {
  const world = await openWebWorld();
  opened.push(world);
  return world;
}
const note = { kind: 'test' } as const;

describe('connections to a push service', () => {
  it('are used again', async () => {
    const { push, service, newTarget } = await open();
    for (let nth = 0; nth < 20; nth += 1) await push.send(newTarget(), note);
    expect(service.traffic).toMatchObject({ requests: 20, connections: 1 });
  });

  it('that the service closed meanwhile cost no note', async () => {
    const { push, service, newTarget } = await open();
    await push.send(newTarget(), note);
    let asked = 0;
    service.answerWith(() => {
      asked += 1;
      return { status: asked === 1 ? 'hang up' : 201 };
    });
    expect(await push.send(newTarget(), note)).toMatchObject({ outcome: 'accepted' });
    expect(asked).toBe(2);
  });

  it('are tried once more only, and not at all where the first was new', async () => {
    const { push, service, newTarget } = await open();
    await push.send(newTarget(), note);
    service.answerWith({ status: 'hang up' });
    expect(await push.send(newTarget(), note)).toMatchObject({ outcome: 'later', status: null });
    expect(service.traffic.requests).toBe(3);
    expect(await push.send(newTarget(), note)).toMatchObject({ outcome: 'later', status: null });
    expect(service.traffic.requests).toBe(4);
  });

  it('to a service that is away are tried later', async () => {
    const { push, service, newTarget } = await open();
    const target = newTarget();
    await service.close();
    expect(await push.send(target, note)).toMatchObject({ outcome: 'later', status: null });
  });

  it('are opened by nobody after the close', async () => {
    const { push, newTarget } = await open();
    await push.close();
    await push.close();
    await expect(push.send(newTarget(), note)).rejects.toThrow('closed');
  });
});
