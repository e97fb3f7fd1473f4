import type { Random } from '../../smoke/random.ts';
import type { Line } from '../history.ts';
import type { Book } from './book.ts';
import { sleep } from './deferred.ts';
import type { EventReader } from './events.ts';
import type { Endpoint, PushSubscription, Range, Size } from './options.ts';

/** What all who play share. */
export type Play = {
  readonly size: Size;
  readonly write: (line: Line) => void;
  readonly now: () => number;
  readonly random: Random;
  readonly endpoints: readonly Endpoint[];
  readonly book: Book;
  readonly events: EventReader;
  /** Nobody begins anything new. */
  readonly stopping: AbortSignal;
  /** Everything ends. */
  readonly closing: AbortSignal;
  /** Something happened that never should. */
  readonly problem: (words: string) => void;
  /** Called a few times in a second, until what is returned is called. */
  readonly eachTick: (look: () => void) => () => void;
  readonly counts: { delivered: number; pages: number; sockets: number; resets: number };
  /** By the address at the push service. */
  readonly endpointOwners: Map<string, { readonly device: string; readonly userId: string }>;
  /** Devices that ever read slowly, or not at all, although they were connected. */
  readonly slowReaders: Set<string>;
  readonly subscribePush?: () => PushSubscription;
};

export const within = ({ random }: Pick<Play, 'random'>, { least, most }: Range): number =>
  least + random.below(most - least + 1);

/** Another endpoint than this one, if there is another. */
export function endpointBut({ endpoints, random }: Play, last: Endpoint | undefined): Endpoint {
  const others = endpoints.filter((one) => one !== last);
  return random.pick(others.length > 0 ? others : endpoints);
}

/** Before the same is asked again, in milliseconds: twice as long each time, as servers that are behind would get no further else. */
const againMs = { first: 40, most: 4_000 } as const;

export function waitAgain({ random, closing }: Play, attempt: number): Promise<void> {
  const upToMs = Math.min(againMs.most, againMs.first * 2 ** attempt);
  return sleep(upToMs * (0.5 + random.next() / 2), closing);
}
