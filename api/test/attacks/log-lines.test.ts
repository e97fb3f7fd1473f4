import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openMemoryBus } from '../../../schema/ports/bus.memory.ts';
import { password } from '../../../schema/test/world.ts';
import { readConfig } from '../../config.ts';
import { createLog } from '../../log.ts';
import { openRevocations } from '../../revocations.ts';
import { openServer, type Server } from '../../server.ts';
import { openAcknowledged, openWire, subscribeFrame } from '../serving/wire-client.ts';
import { openWorld, type World } from '../world.ts';

// O2: what clients send does not get into the log, however much is logged, and makes no line of its own there.

/** Looks like a line of the log, to whoever reads one line at a time. */
const forged = 'x\n{"level":60,"msg":"forged"}\r\n{"level":60}';
const written: string[] = [];
let world: World;
let server: Server;
let close = async () => {};

beforeAll(async () => {
  const logger = createLog('trace', { write: (text) => written.push(text) });
  world = await openWorld({ logger });
  // The storage fails at every send, in words that nobody chose with care.
  const record = () => Promise.reject(new Error(`SELECT failed: ${forged}`));
  const product = { ...world.product, stream: { ...world.product.stream, record } };
  const revocations = await openRevocations({ ...product, bus: openMemoryBus() });
  server = await openServer({ product, revocations }, readConfig({ PORT: '0' }));
  close = async () => {
    await server.close();
    await revocations.close();
    await world.close();
  };
});
afterEach(() => void written.splice(0));
afterAll(() => close());

async function post(body: object | string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  const response = await fetch(`${server.url}?access_token=hush-in-the-address`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  await response.text();
}

/** What was logged: every write is one line, and every line is JSON. */
function lines(): readonly unknown[] {
  for (const text of written) expect(text.indexOf('\n'), text).toBe(text.length - 1);
  for (const text of written) expect(text).not.toContain('\r');
  return written.map((text) => JSON.parse(text));
}

const send = `mutation Hush($input: SendMessageInput!) { hush: sendMessage(input: $input) { __typename } }`;
const signIn = `mutation Hush($input: SignInInput!) { signIn(input: $input) { __typename } }`;

describe('O2: what clients send', () => {
  it('a send that fails is logged without who sent it, what, and with which token', async () => {
    const person = await world.signUp('hush.handle');
    const { accessToken, refreshToken } = person.session;
    const { data } = await person.execute<{ result: { channel: { id: string } } }>(
      'mutation { result: createGroup(input: { name: "hush", memberIds: [], nonce: "hush" }) { ... on CreateGroupPayload { channel { id } } } }',
    );
    const input = { channelId: data.result.channel.id, text: `hush ${forged}`, nonce: 'hush-nonce' };
    written.splice(0);
    await post({ query: send, variables: { input } }, { authorization: `Bearer ${accessToken}` });
    const socket = await openAcknowledged(server.socketUrl, accessToken);
    socket.send(subscribeFrame('a', send, { input }));
    await socket.next();
    await socket.close();
    const failures = lines().filter((line) =>
      JSON.stringify(line).includes('An operation failed unexpectedly.'),
    );
    expect(failures).toHaveLength(2);
    const all = written.join('').replaceAll('"path":"hush"', '');
    for (const secret of [accessToken, refreshToken, password, 'hush', 'Bearer', '"forged"'])
      expect(all).not.toContain(secret);
  });

  it('nothing is logged of what is refused, whatever it is called', async () => {
    const authorization = `Bearer hush${encodeURIComponent(forged)}`;
    await post({ query: '{ viewer { __typename } }' }, { authorization });
    await post({ query: `query Hush { hush } # ${forged}`, operationName: forged });
    await post({ query: signIn, operationName: forged, variables: { input: { password } } });
    await post({ query: signIn, variables: { input: { handle: forged, password, device: forged } } });
    await post(`{ "query": "${forged}`);
    await post(
      { query: 'subscription { events(after: ["hush"]) { cursor } }' },
      { accept: 'text/event-stream' },
    );
    const socket = await openWire(server.socketUrl);
    socket.send({ type: 'connection_init', payload: { authorization, token: `hush ${forged}` } });
    await socket.closed;
    const other = await openAcknowledged(server.socketUrl);
    other.send({
      ...subscribeFrame(forged, '{ server { version } }'),
      payload: { query: 1, operationName: forged },
    });
    await other.closed;
    const broken = await openAcknowledged(server.socketUrl);
    broken.sendText(`{"type":"${forged}`);
    await broken.closed;
    lines();
    expect(written.join('')).not.toMatch(/hush|forged|correct horse/);
  });

  it('a line that somebody forges would be found', () => {
    written.push(`{"msg":"${forged}"}\n`);
    expect(lines).toThrow();
  });
});
