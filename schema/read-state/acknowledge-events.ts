import { chatError } from '../errors.ts';
import type { ChannelId } from '../ids.ts';
import type { Viewer, ViewerScope } from '../scope.ts';
import { acknowledgedBy, keepAcknowledged } from './acknowledged.ts';

export type AcknowledgeEventsInput = { readonly cursors: readonly string[] };
export type AcknowledgeEventsPayload = { readonly viewer: Viewer };

/** One device acknowledges one thing after another; that two of its calls meet so often says that it does nothing else. */
const attempts = 20;
/** After a long time away everything has moved: so many channels are written at once. */
const atOnce = 16;

/**
 * The viewer's device holds everything up to these cursors. Others may see that as received, and `events` without `after` goes on
 * behind it. Whatever comes in which order, only the furthest of each counts.
 */
export async function acknowledgeEvents(
  scope: ViewerScope,
  { cursors }: AcknowledgeEventsInput,
): Promise<AcknowledgeEventsPayload> {
  const { viewer, stream } = scope;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const before = await acknowledgedBy(scope);
    const { cursor, delivered } = await stream.acknowledge(viewer.id, { before, cursors });
    // Marks come first: what is kept says that they have been made.
    await markAll(scope, delivered);
    if (cursor === before || (await keepAcknowledged(scope, { before, after: cursor }))) return { viewer };
  }
  throw chatError('CONFLICT');
}

async function markAll(
  { stream, viewer }: ViewerScope,
  delivered: ReadonlyMap<ChannelId, number>,
): Promise<void> {
  const marks = [...delivered];
  for (let from = 0; from < marks.length; from += atOnce)
    await Promise.all(
      marks
        .slice(from, from + atOnce)
        .map(([channelId, number]) => stream.mark(channelId, viewer.id, { delivered: number })),
    );
}
