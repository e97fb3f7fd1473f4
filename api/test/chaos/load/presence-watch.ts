import type { Presence } from '../history.ts';
import type { Device } from './device.ts';
import { documents } from './documents.ts';
import type { Cast } from './person.ts';
import type { Play } from './play.ts';

/** One device of so many looks who is there, of so many people whom it shares a channel with. */
const watchesOneIn = 10;
const mostWatched = 5;

type Payload = {
  readonly data?: {
    readonly presence: {
      readonly user: { readonly id: string; readonly presence: { readonly state: Presence['state'] } | null };
    };
  } | null;
};

/** Some devices are told who is there. What is returned resolves when nobody begins anything new, or the device is signed out. */
export function createPresenceWatch(play: Play, cast: Cast): (device: Device) => Promise<void> {
  const stopped = new Promise<void>((resolve) => play.stopping.addEventListener('abort', () => resolve()));
  return async (device) => {
    if (play.random.below(watchesOneIn) > 0) return;
    const near = cast.channels.flatMap(({ circle }) =>
      circle.some(({ userId }) => userId === device.userId) ? circle : [],
    );
    const others = [...new Set(near.map(({ userId }) => userId))].filter((id) => id !== device.userId);
    const userIds = play.random.pickSome(others, mostWatched);
    while (!play.stopping.aborted && userIds.length > 0) {
      const wire = await device.ready();
      if (wire === undefined) return;
      wire.subscribe(
        documents.presence,
        { userIds },
        { onNext: (payload) => tell(play, device, payload), onEnd() {} },
      );
      await Promise.race([wire.closed, stopped]);
    }
  };
}

function tell(play: Play, { name }: Device, payload: string): void {
  const { data }: Payload = JSON.parse(payload);
  const user = data?.presence.user;
  if (!user?.presence) return;
  const { state } = user.presence;
  play.write({ kind: 'presence', t: play.now(), device: name, ofUserId: user.id, state });
}
