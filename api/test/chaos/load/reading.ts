import type { Device } from './device.ts';
import { documents, type PageData } from './documents.ts';
import { heldOf } from './events.ts';
import type { Fold } from './fold.ts';
import { type Play, waitAgain } from './play.ts';
import { dataIn } from './reply.ts';

/** The newest page of a channel, or that around a message. */
export type ToRead = { readonly channelId: string; readonly around?: string };

/** What a device reads again, a page after another: with the stream they are a whole. */
export function createReading(play: Play, reader: () => Device) {
  const toRead: ToRead[] = [];
  async function work(): Promise<void> {
    const device = reader();
    let failures = 0;
    for (let [one] = toRead; one !== undefined; [one] = toRead) {
      const wire = await device.ready();
      if (wire === undefined) break;
      const { channelId: id, around } = one;
      const invokedAt = play.now();
      const asked = around
        ? wire.ask(documents.around, { id, place: { messageId: around } })
        : wire.ask(documents.newest, { id, last: 50 });
      const page = dataIn(await asked);
      if (page.kind !== 'done') {
        await waitAgain(play, failures);
        failures += 1;
        continue;
      }
      toRead.shift();
      const { channel } = page.payload;
      if (channel !== null && device.following.isIn(id))
        takePage({ play, device, fold: device.fold }, { channelId: id, invokedAt }, channel);
    }
    toRead.length = 0;
  }
  return {
    want(one: ToRead): void {
      if (toRead.push(one) === 1) void work();
    },
    isDone: () => toRead.length === 0,
  };
}

type Taker = {
  readonly play: Play;
  readonly device: { readonly name: string; readonly userId: string };
  /** Where it is kept, if it is. */
  readonly fold?: Fold;
};

/** Writes a page down, and takes it into what a device holds. */
export function takePage(
  { play, device, fold }: Taker,
  { channelId, invokedAt }: { readonly channelId: string; readonly invokedAt: number },
  { page }: NonNullable<PageData['channel']>,
): void {
  const held = page.edges.map(({ node }) => heldOf(node));
  const messages = held.map(({ message }) => message);
  play.counts.pages += 1;
  const { name, userId } = device;
  play.write({ kind: 'page', t: play.now(), device: name, userId, invokedAt, channelId, messages });
  if (fold !== undefined) for (const one of held) fold.put(channelId, one);
}
