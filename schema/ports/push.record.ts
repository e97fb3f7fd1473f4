import type { Push, PushAnswer, PushNote, PushTarget } from './push.ts';

/** Something that was sent. */
export type Pushed = { readonly target: PushTarget; readonly note: PushNote };

/** At most so many are remembered, the newest ones. */
const maxRemembered = 10_000;
const accepted: PushAnswer = { outcome: 'accepted', status: 201, reason: null };

/** Sends nothing, and keeps what it was told. For tests and for installations that reach no push service. */
export function openRecordPush(
  answerTo: (pushed: Pushed) => PushAnswer | Promise<PushAnswer> = () => accepted,
) {
  const sent: Pushed[] = [];
  const push: Push = {
    vapidPublicKey: 'BEl62iUYgUivxIkv69yViEuiBIa-Ib9-SkvMeAtA3LFgDzkrxZJjSgSnfckjBJuBkr3qBUYIHBQFLXYp5Nksh8U',
    services: new Set(['WEB', 'APNS']),
    async send(target, note) {
      sent.push({ target, note });
      if (sent.length > maxRemembered) sent.shift();
      return answerTo({ target, note });
    },
    close: async () => undefined,
  };
  return { ...push, sent };
}
