import { createECDH } from 'node:crypto';
import { vi } from 'vitest';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
import type { PushBehaviour, PushWorld } from '../../../schema/ports/push.contract.ts';
import { openWebPush, type WebPushSettings } from '../../drivers/push.web.ts';
import type { VapidKey } from '../../drivers/vapid.ts';
import { openWebPushService, type WebAnswer, type WebPushServiceOptions } from './web-push-service.ts';

/** A key of an installation, as `openVapid` makes it. */
export function makeTestVapid(): VapidKey {
  const pair = createECDH('prime256v1');
  const publicKey = pair.generateKeys().toString('base64url');
  return {
    publicKey,
    privateKey: Buffer.from(pair.getPrivateKey('hex').padStart(64, '0'), 'hex').toString('base64url'),
  };
}

const answers: Readonly<Record<PushBehaviour, WebAnswer>> = {
  'takes it': { status: 201 },
  'does not know the device any more': { status: 410 },
  'finds it too long': { status: 413 },
  'refuses it': { status: 403, body: '{"reason":"BadJwtToken"}' },
  'is busy': { status: 429, headers: { 'retry-after': '7' } },
  'is broken': { status: 500, body: '<h1>Sorry</h1>' },
  'hangs up': { status: 'hang up' },
  'never answers': { status: 'never' },
  'answers one byte in a second': { status: 'slowly' },
  'answers without end': { status: 500, more: 'endless' },
};

/** When the time of these worlds begins. */
export const testStart = Date.UTC(2024, 4, 31);

const printers = ['log', 'info', 'warn', 'error', 'debug'] as const;

export type WebWorldOptions = Partial<WebPushSettings> & Pick<WebPushServiceOptions, 'names'>;

/** The driver and the service that it sends to, as an operator's own host: its time is moved by hand. */
export async function openWebWorld({ names, ...settings }: WebWorldOptions = {}) {
  const clock = createManualClock(testStart);
  const vapid = makeTestVapid();
  const service = await openWebPushService({ now: clock.now, ...(names && { names }) });
  const push = await openWebPush({
    ...{ vapid, clock, subject: 'mailto:operator@example.org', ca: service.certificate },
    hosts: [`localhost:${service.port}`],
    ...settings,
  });
  const printed: unknown[][] = [];
  const spies = printers.map((name) =>
    vi.spyOn(console, name).mockImplementation((...said) => void printed.push(said)),
  );
  const warned = (warning: Error) => printed.push([warning.message]);
  process.on('warning', warned);
  const world: PushWorld = {
    push,
    newTarget: () => ({ service: 'WEB', ...service.subscribe(vapid.publicKey) }),
    behave: (behaviour) => service.answerWith(answers[behaviour]),
    received: (target) =>
      service.received
        .filter(({ url }) => target.service === 'WEB' && url === target.url)
        .map(({ bytes, note }) => ({ bytes, text: JSON.stringify(note) })),
    requests: () => service.traffic.requests,
    openConnections: () => service.traffic.open,
    pass: clock.advance,
    logged: () => printed.map((said) => said.join(' ')).join('\n'),
    async close() {
      process.off('warning', warned);
      for (const spy of spies) spy.mockRestore();
      await service.close();
      await push.close();
    },
  };
  return { ...world, service, clock, vapid };
}
