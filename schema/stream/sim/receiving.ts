import type { Delivery } from '../delivery.ts';
import type { Received, Session } from './history.ts';
import type { World } from './world.ts';

/** An event on a device, with what its client reads because of it. */
export async function received(world: World, delivery: Delivery, session: Session): Promise<Received> {
  const { history, clock, store } = world;
  const at = history.step();
  const asks =
    delivery.type === 'sync.reset' ||
    delivery.type === 'viewer.reset' ||
    (delivery.type === 'caught.up' && session.beginning === 'now');
  const snapshot = asks ? await world.snapshotFor(session.userId) : undefined;
  const shown = snapshot?.shown ?? (bringsMore(delivery) ? await store.shownTo(session.userId) : undefined);
  return { at, atMs: clock.now(), generation: store.generation, delivery, snapshot, shown };
}

/** Does it come with what a query shows of the viewer or of members, or make a client read that? */
function bringsMore(delivery: Delivery): boolean {
  if (delivery.type === 'log') return delivery.event.kind === 'member.added';
  return ['viewer.channel', 'viewer.changed', 'contact.changed', 'positions'].includes(delivery.type);
}

/** The end of a page behind which there was nothing. */
export async function caughtUp({ history, clock, store }: World, cursor: string): Promise<Received> {
  const delivery = { type: 'caught.up', eventId: '', cursor, at: 0 } as const;
  return {
    at: history.step(),
    atMs: clock.now(),
    generation: store.generation,
    delivery,
    ...{ snapshot: undefined, shown: undefined },
  };
}
