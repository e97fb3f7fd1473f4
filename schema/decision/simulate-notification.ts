import { directPeerOf, headOf, viewerMembershipIn } from '../channel/channel.ts';
import { type Device, signedInDevices } from '../device/device.ts';
import { chatError } from '../errors.ts';
import { type ChannelId, type MessageId, placeOf, serverAuthorId, type UserId } from '../ids.ts';
import { visibleMessage } from '../message/message.ts';
import {
  decideNotification,
  type NotificationFacts,
  type NotificationVerdict,
} from '../notification/notification.policy.ts';
import type { Membership } from '../ports/memberships.ts';
import type { ViewerScope } from '../scope.ts';
import type { StoredMessage } from '../stream/event.ts';
import { joinedSeqOf } from '../stream/intervals.ts';
import { devicesToWake, factsOf } from '../wake/facts.ts';
import { type ShownTrace, traceNow } from './shown-trace.ts';

/** A message that nobody sends. What is absent, or null, is whatever. */
export type SimulateNotificationInput = {
  readonly channelId: ChannelId;
  readonly authorId?: UserId | null | undefined;
  readonly replyToId?: MessageId | null | undefined;
  readonly at?: Date | null | undefined;
};

/** What would become of it for one device. */
export type SimulatedDevice = {
  readonly device: Device;
  readonly outcome: 'SENT' | 'SUPPRESSED' | 'POSTPONED';
  readonly trace: ShownTrace;
  readonly askAgainAt: Date | null;
};
export type Simulation = { readonly at: Date; readonly devices: readonly SimulatedDevice[] };

/** So far from now at most, in milliseconds: every day of a year and both changes of the clock are within. */
const farthestMs = 366 * 24 * 60 * 60 * 1_000;

const outcomes = { SEND: 'SENT', SUPPRESS: 'SUPPRESSED', WAIT: 'POSTPONED' } as const;

/**
 * Asks the rules about a message that nobody sends, for each device that the viewer is signed in on, by the very facts that a real
 * one is judged by. Writes nothing. Null where the viewer is not in the channel; rejects with `NOT_FOUND` for an author who is no
 * member, or an answered message that the viewer may not see there, with `BAD_USER_INPUT` for the viewer as author and for a
 * time that is too far away.
 */
export async function simulateNotification(
  scope: ViewerScope,
  { channelId, authorId, replyToId, at }: SimulateNotificationInput,
): Promise<Simulation | null> {
  const now = scope.clock.now();
  const saidAt = at?.getTime() ?? now;
  if (Math.abs(saidAt - now) > farthestMs)
    throw chatError('BAD_USER_INPUT', '`at` is at most a year from now, or ago.');
  const membership = await viewerMembershipIn(scope, channelId);
  if (joinedSeqOf(membership) === undefined || membership === undefined) return null;
  // One after the other: what is refused has cost the same, whatever it was refused for.
  const author = await authorOf(scope, membership, authorId);
  const answered = replyToId ? await answeredIn(scope, channelId, replyToId) : null;
  const devices = await signedInDevices(scope);
  const message = await madeUp(scope, channelId, { author, answered, saidAt });
  const factsAbout = await factsFor(scope, { message, answered, devices });
  const asOf = (facts: NotificationFacts) => (at ? factsAt(facts, saidAt) : facts);
  return {
    at: new Date(saidAt),
    devices: devices.map((device) => shown(device, decideNotification(asOf(factsAbout(device))))),
  };
}

/** Nobody in particular, where the channel does not say who else there is. */
async function authorOf(
  scope: ViewerScope,
  { channel }: Membership,
  authorId: UserId | null | undefined,
): Promise<UserId> {
  if (!authorId) return directPeerOf(scope, channel) ?? serverAuthorId;
  if (authorId === scope.viewer.id)
    throw chatError(
      'BAD_USER_INPUT',
      '`authorId` is another member: nobody is told of what they say themselves.',
    );
  const [membership] = await scope.stream.memberships.of(authorId, [channel.id]);
  if (joinedSeqOf(membership) === undefined)
    throw chatError('NOT_FOUND', '`authorId` is nobody who is in this channel.');
  return authorId;
}

async function answeredIn(scope: ViewerScope, channelId: ChannelId, id: MessageId): Promise<StoredMessage> {
  const found = placeOf(id)?.channelId === channelId ? await visibleMessage(scope, id) : undefined;
  if (found === undefined)
    throw chatError('NOT_FOUND', '`replyToId` is no message of this channel that you can see.');
  return found;
}

type Said = {
  readonly author: UserId;
  readonly answered: StoredMessage | null;
  readonly saidAt: number;
};

/** It would be the next one. */
async function madeUp(
  scope: ViewerScope,
  channelId: ChannelId,
  { author, answered, saidAt }: Said,
): Promise<StoredMessage> {
  const { head = 0, messageCount = 0 } = (await headOf(scope, channelId)) ?? {};
  const seq = head + 1;
  return {
    ...{ channelId, seq, number: messageCount + 1, revision: seq },
    ...{ authorId: author, nonce: '', text: '' },
    replyTo: answered && { seq: answered.seq, number: answered.number },
    ...{ createdAt: saidAt, editedAt: null, deletedAt: null },
  };
}

type About = {
  readonly message: StoredMessage;
  readonly answered: StoredMessage | null;
  readonly devices: readonly Device[];
};

/** Also of devices that nothing can be pushed to: they are what somebody asks about who hears nothing. */
async function factsFor(
  scope: ViewerScope,
  { message, answered, devices }: About,
): Promise<(device: Device) => NotificationFacts> {
  const userId = scope.viewer.id;
  const reached = await devicesToWake(scope, { userId });
  const since = new Map(reached.map(({ deviceId, registeredAt }) => [deviceId, registeredAt]));
  const facts = await factsOf(scope, {
    channelId: message.channelId,
    messages: [message],
    answered: answered ? [answered] : [],
    devices: devices.map(({ id }) => ({ deviceId: id, userId, registeredAt: since.get(id) })),
  });
  return ({ id }) => facts(message, id);
}

/** What is so now, at another time: nobody knows who will be there then, and what is registered now was not later than the message. */
function factsAt({ message, person, device }: NotificationFacts, at: number): NotificationFacts {
  const isReached = device.registeredAt !== undefined;
  return {
    now: at,
    message: { ...message, createdAt: at },
    person: { ...person, isActive: false, activeUntil: undefined },
    device: { registeredAt: isReached ? at : undefined },
  };
}

const shown = (device: Device, { outcome, trace, askAgainAt }: NotificationVerdict): SimulatedDevice => ({
  device,
  outcome: outcomes[outcome],
  trace: traceNow(trace),
  askAgainAt: askAgainAt === undefined ? null : new Date(askAgainAt),
});
