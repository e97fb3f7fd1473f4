import type { Push, PushTarget } from '../../schema/ports/push.ts';

/** Several services as one: each target goes to the one that sends to it. The public key is that of whoever has one. */
export function combinePush(pushes: readonly Push[]): Push {
  const by = new Map<PushTarget['service'], Push>(
    pushes.flatMap((push) => [...push.services].map((service) => [service, push] as const)),
  );
  return {
    vapidPublicKey: pushes.find(({ vapidPublicKey }) => vapidPublicKey !== undefined)?.vapidPublicKey,
    services: new Set(by.keys()),
    async send(target, note) {
      const push = by.get(target.service);
      // Registered while it was offered.
      if (push === undefined)
        return {
          outcome: 'refused',
          status: null,
          reason: 'This installation does not send to it any more.',
        };
      return push.send(target, note);
    },
    async close() {
      await Promise.all(pushes.map((push) => push.close()));
    },
  };
}
