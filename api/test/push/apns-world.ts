import { randomBytes } from 'node:crypto';
import { channelIdOf, messageIdOf } from '../../../schema/ids.ts';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
import type { PushBehaviour, PushWorld } from '../../../schema/ports/push.contract.ts';
import type { PushNote, PushTarget } from '../../../schema/ports/push.ts';
import { type ApnsSettings, openApnsPush } from '../../drivers/push.apns.ts';
import { createLog } from '../../log.ts';
import type { ApnsAnswer } from './apns-answers.ts';
import { type ApnsServiceOptions, openApnsService } from './apns-service.ts';

const answers: Readonly<Record<PushBehaviour, ApnsAnswer>> = {
  'takes it': { status: 200 },
  'does not know the device any more': { status: 410, reason: 'Unregistered', timestamp: 1_700_000_000_000 },
  'finds it too long': { status: 413, reason: 'PayloadTooLarge' },
  'refuses it': { status: 400, reason: 'BadTopic' },
  'is busy': { status: 429, reason: 'TooManyRequests', retryAfter: '7' },
  'is broken': { status: 500, reason: 'InternalServerError' },
  'hangs up': 'drop',
  'never answers': 'never',
  'answers one byte in a second': { slowly: 500 },
  'answers without end': { endless: 500 },
};

/** An iPhone: one that the service has not seen yet. */
export const newApnsTarget = (): PushTarget & { service: 'APNS' } => ({
  ...{ service: 'APNS', token: randomBytes(32).toString('hex'), topic: 'org.parley.app', isSandbox: false },
});

const channelId = channelIdOf(7n);
/** What Ada said; each number is another message, and the phone shows it. */
export const noteOf = (number: number, text = `Message ${number}`): PushNote => ({
  ...{ kind: 'message', channelId, messageId: messageIdOf(channelId, number), seq: number, number, count: 1 },
  ...{ content: { preview: 'FULL', authorName: 'Ada', channelName: null, text }, badge: number },
});

export type ApnsWorldOptions = Omit<ApnsServiceOptions, 'clock'> & Partial<ApnsSettings>;

/** The driver and the service that it sends to; their time is moved by hand. */
export async function openApnsWorld(options: ApnsWorldOptions = {}) {
  const clock = createManualClock(Date.UTC(2026, 2, 1));
  const service = await openApnsService({ ...options, clock });
  const written: string[] = [];
  const logger = createLog('trace', { write: (line) => written.push(line) });
  const warned = (warning: Error) => written.push(warning.message);
  process.on('warning', warned);
  const push = await openApnsPush({ ...service.settings, clock, logger, ...options });
  const world: PushWorld = {
    push,
    newTarget: newApnsTarget,
    behave: (behaviour) => service.answerWith(answers[behaviour]),
    received: (target) =>
      service.received
        .filter(({ token }) => target.service === 'APNS' && token === target.token)
        .map(({ bytes, payload }) => ({ bytes, text: JSON.stringify(payload) })),
    requests: service.requests,
    openConnections: () => service.connections().open,
    pass: clock.advance,
    logged: () => written.join(''),
    async close() {
      process.off('warning', warned);
      await service.close();
      await push.close();
    },
  };
  return { ...world, service, clock };
}
export type ApnsWorld = Awaited<ReturnType<typeof openApnsWorld>>;
