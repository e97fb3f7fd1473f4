import { deviceIdOf, type PushEndpointId, rowIdOf } from '../ids.ts';
import type { RateRule } from '../ports/limiter.ts';
import type { PushAnswer } from '../ports/push.ts';
import type { ViewerScope } from '../scope.ts';
import { type Denied, denied } from '../verdict.ts';
import { forgetGone, isSignedInAt, targetOf } from './push-endpoints.ts';

export type TestPushInput = { readonly pushEndpointId: PushEndpointId };
/** What the push service said, and when, in milliseconds since 1970. */
export type PushTested = { readonly answer: PushAnswer & { readonly at: number } };

/** Enough to find out what is wrong, and too little to be a nuisance to the service of a browser. */
const rule: RateRule = { name: 'test-push', most: 10, windowMs: 60 * 60 * 1_000 };

/** Sends something to see to one of the viewer's own endpoints, whatever they have set, and tells what its service answered. */
export async function testPush(
  { viewer, prisma, push, limiter, clock, stream }: ViewerScope,
  { pushEndpointId }: TestPushInput,
): Promise<PushTested | Denied> {
  const own = { id: rowIdOf.pushEndpoint(pushEndpointId), userId: rowIdOf.user(viewer.id) };
  const row = await prisma.pushEndpoint.findFirst({
    where: { ...own, ...isSignedInAt(new Date(clock.now())) },
  });
  if (row === null) return denied('NOT_FOUND');
  if (!push.services.has(row.service)) return denied('NOT_OFFERED');
  const { isGranted, freshAt } = await limiter.take(rule, viewer.id);
  if (!isGranted) return denied('RATE_LIMITED', new Date(freshAt));
  const target = targetOf(row);
  const answer = await push.send(target, { kind: 'test' });
  if (answer.outcome === 'gone') {
    const device = { deviceId: deviceIdOf(row.deviceId), target };
    const moved = await prisma.$transaction((tx) => forgetGone(tx, device));
    if (moved) stream.announceFeed(moved);
  }
  return { answer: { ...answer, at: clock.now() } };
}
