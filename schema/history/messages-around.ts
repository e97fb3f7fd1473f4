import { headOf } from '../channel/channel.ts';
import { chatError } from '../errors.ts';
import { type ChannelId, type MessageId, placeOf } from '../ids.ts';
import { numbersSeenIn, type ShownMessage, visibleMessage } from '../message/message.ts';
import { maxPageSize, type Page } from '../page.ts';
import type { Scope } from '../scope.ts';
import { firstWhere } from './first-where.ts';
import { edgesOf, stretchOf } from './history.ts';

/** Exactly one of them. */
export type MessagePlace = {
  readonly messageId?: MessageId | null;
  readonly date?: Date | null;
  readonly number?: number | null;
};
export type AroundArgs = {
  readonly place: MessagePlace;
  readonly countBefore?: number | null;
  readonly countAfter?: number | null;
};

/** On each side, when nobody says how many. */
export const usualCount = 25;

/** What a page around a place costs: what one message costs, as often as it is asked for. */
export const aroundComplexity = ({ countBefore, countAfter }: AroundArgs) => ({
  field: 1,
  // A negative count is refused when it is looked at; here it must not pay for other fields.
  multiplier: 1 + Math.max(countBefore ?? usualCount, 0) + Math.max(countAfter ?? usualCount, 0),
});

/**
 * The page with this place in it: the message itself, or the first that the viewer may see at or after the number or date,
 * with as many before and after it as are asked for. Behind the newest, only those before. Throws `NOT_FOUND` for a message
 * that is not one of this channel which the viewer may see, `BAD_USER_INPUT` for counts out of bounds.
 */
export async function messagesAround(
  scope: Scope,
  channelId: ChannelId,
  { place, ...args }: AroundArgs,
): Promise<Page<ShownMessage>> {
  const [countBefore, countAfter] = [args.countBefore ?? usualCount, args.countAfter ?? usualCount];
  checkCounts(countBefore, countAfter);
  const seen = await numbersSeenIn(scope, channelId);
  const where = { channelId, seen };
  const number = await numberAt(scope, channelId, place);
  const [before, after] = await Promise.all([
    stretchOf(scope, where, { after: 0, to: number - 1, take: 'last', limit: countBefore }),
    stretchOf(scope, where, {
      after: number - 1,
      to: Number.MAX_SAFE_INTEGER,
      take: 'first',
      limit: countAfter + 1,
    }),
  ]);
  const edges = edgesOf([before, after], seen);
  const [startCursor, endCursor] = [edges[0]?.cursor ?? null, edges.at(-1)?.cursor ?? null];
  const pageInfo = { hasPreviousPage: before.hasMore, hasNextPage: after.hasMore, startCursor, endCursor };
  return { edges, pageInfo };
}

function checkCounts(countBefore: number, countAfter: number): void {
  if (countBefore >= 0 && countAfter >= 0 && countBefore + countAfter <= maxPageSize) return;
  throw chatError(
    'BAD_USER_INPUT',
    `\`countBefore\` and \`countAfter\` are at least 0, and at most ${maxPageSize} together.`,
  );
}

async function numberAt(scope: Scope, channelId: ChannelId, place: MessagePlace): Promise<number> {
  if (typeof place.number === 'number') return Math.max(place.number, 1);
  if (place.date) return firstNumberSince(scope, channelId, place.date.getTime());
  const { messageId } = place;
  const isHere = messageId && placeOf(messageId)?.channelId === channelId;
  const message = isHere ? await visibleMessage(scope, messageId) : undefined;
  if (message === undefined) throw chatError('NOT_FOUND');
  return message.number;
}

/** The number of the first message that is not older; one beyond the newest when all are. Dates never go back in a channel. */
async function firstNumberSince(scope: Scope, channelId: ChannelId, date: number): Promise<number> {
  const count = (await headOf(scope, channelId))?.messageCount ?? 0;
  return firstWhere(count, async (numbers) => {
    const found = await scope.stream.history.messagesAt(numbers.map((number) => ({ channelId, number })));
    return found.map((message) => message === undefined || message.createdAt >= date);
  });
}
