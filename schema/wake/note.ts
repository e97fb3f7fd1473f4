import { channelOf } from '../channel/channel.ts';
import { messageIdOf } from '../ids.ts';
import type { NotificationPreview } from '../notification/notification.policy.ts';
import type { PushContent, PushNote } from '../ports/push.ts';
import { unreadOfViewer } from '../read-state/read-state.ts';
import { type Product, type Scope, systemScope } from '../scope.ts';
import type { StoredMessage } from '../stream/event.ts';
import type { Step } from './decide.ts';
import type { WakeDevice } from './facts.ts';
import type { DevicePlace } from './wake-rows.ts';

type Noted = {
  readonly device: WakeDevice;
  readonly preview: NotificationPreview;
} & Pick<DevicePlace, 'channelId'>;

/** What is sent for a step: with what is unread at this moment, counted as the person themselves would see it. */
export async function noteOf(
  product: Product,
  { device, preview, channelId }: Noted,
  step: Step,
): Promise<PushNote> {
  const { userId: id, deviceId, sessionId } = device;
  const viewer = { id, deviceId, sessionId };
  const scope = systemScope(product, viewer);
  const badge = await unreadOfViewer(scope, viewer);
  if (step.kind === 'clear') return { ...step, channelId, badge };
  const { newest, count, isQuiet } = step;
  const { seq, number } = newest;
  return {
    ...{ kind: 'message', channelId, messageId: messageIdOf(channelId, seq), seq, number, count, badge },
    content: await contentOf(scope, newest, preview),
    ...(isQuiet && { isQuiet }),
  };
}

async function contentOf(
  scope: Scope,
  { channelId, authorId, text }: StoredMessage,
  preview: NotificationPreview,
): Promise<PushContent> {
  if (preview === 'NOTHING') return { preview };
  const [[author], channel] = await Promise.all([scope.authors.of([authorId]), channelOf(scope, channelId)]);
  const authorName = author?.displayName ?? '';
  const channelName = channel?.kind === 'GROUP' ? channel.name : null;
  return preview === 'SENDER'
    ? { preview, authorName, channelName }
    : { preview, authorName, channelName, text: text ?? '' };
}
