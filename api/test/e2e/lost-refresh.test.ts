import { Transform } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ask } from '../client/ask.ts';
import { refresh, signUp } from '../client/people.ts';
import { openTcpProxy } from '../client/tcp-proxy.ts';
import { closeAtEnd, runServer } from './running.ts';

/** A network on which the first byte of an answer cuts the connection: what was asked for was done, and nobody heard of it. */
async function openDeafNetwork(targetPort: number) {
  const proxy = closeAtEnd(
    await openTcpProxy({
      targetPort,
      rewrite: () =>
        new Transform({
          transform(_chunk, _encoding, done) {
            for (const link of proxy.links()) link.cut();
            done();
          },
        }),
    }),
  );
  return `http://127.0.0.1:${proxy.port}/graphql`;
}

describe('a refresh whose answer was lost', () => {
  it('is repeated with the same token, and the session goes on', async () => {
    const { httpUrl, port } = (await runServer()).server();
    const { session } = await signUp(httpUrl, 'ann');
    const deafUrl = await openDeafNetwork(port);
    await expect(refresh(deafUrl, session.refreshToken)).rejects.toThrow();
    await expect(refresh(deafUrl, session.refreshToken)).rejects.toThrow();

    const renewed = await refresh(httpUrl, session.refreshToken);
    if (!('accessToken' in renewed)) throw new Error(`It was refused: ${renewed.code}`);
    expect(renewed.device).toEqual(session.device);
    const query = '{ viewer { user { handle } } }';
    const { data } = await ask(httpUrl, { query, token: renewed.accessToken });
    expect(data).toEqual({ viewer: { user: { handle: 'ann' } } });
    expect(await refresh(httpUrl, renewed.refreshToken)).toMatchObject({ device: session.device });
  });

  it('does not keep the old token good once its successor has been used: that ends the session', async () => {
    const { httpUrl } = (await runServer()).server();
    const { session } = await signUp(httpUrl, 'ann');
    const renewed = await refresh(httpUrl, session.refreshToken);
    if (!('accessToken' in renewed)) throw new Error(`It was refused: ${renewed.code}`);
    expect(await refresh(httpUrl, renewed.refreshToken)).toMatchObject({ device: session.device });

    expect(await refresh(httpUrl, session.refreshToken)).toMatchObject({ code: 'SESSION_REVOKED' });
    const { errors } = await ask(httpUrl, { query: '{ viewer { id } }', token: renewed.accessToken });
    expect(errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  });
});
