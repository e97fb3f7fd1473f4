import { again } from './again.ts';
import type { Result } from './asking.ts';
import { editedTextOf, type Mark, type Sent, type Step } from './history.ts';
import type { Random } from './random.ts';

/** Asks for a mutation until it is answered; its input is made anew each time. */
export type Mutate = (name: MutationName, input: () => object) => Promise<Result>;

const refused = '__typename ... on UserError { code explanation }';
const mutationOf = (name: string) =>
  `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { result: ${name}(input: $input) { ${refused} } }`;
export const mutations = {
  markRead: mutationOf('markRead'),
  markUnread: mutationOf('markUnread'),
  acknowledgeEvents: mutationOf('acknowledgeEvents'),
  editMessage: mutationOf('editMessage'),
  deleteMessage: mutationOf('deleteMessage'),
  addMembers: mutationOf('addMembers'),
  removeMember: mutationOf('removeMember'),
  leaveChannel: mutationOf('leaveChannel'),
} as const;
export type MutationName = keyof typeof mutations;

/** What a device says of what comes to it, and does to what it sent. */
export type Habits = {
  /** This came to it. */
  take(step: Step): void;
  /** This was acknowledged. */
  wasSent(message: Sent): void;
  /** Resolves when everything is answered. */
  settled(): Promise<unknown>;
  /** From now on it says nothing of what comes. */
  rest(): void;
};

type Options = {
  readonly userId: string;
  readonly random: Random;
  readonly mutate: Mutate;
  readonly cursors: () => readonly string[];
  readonly onStep: (step: Step) => void;
  readonly onMark: (mark: Mark) => void;
};

/** Of so many messages one is looked at, and all before it with it. */
const readOneIn = 48;
/** So many events are taken in between two acknowledgements. */
const acknowledgedAtOnce = 120;

export function createHabits({ userId, random, mutate, cursors, onStep, onMark }: Options): Habits {
  const toMark = new Map<string, number>();
  const toChange: Sent[] = [];
  let unacknowledged = 0;
  let isResting = false;

  const marking = again(async () => {
    for (const [channelId, number] of [...toMark]) {
      toMark.delete(channelId);
      onMark({ userId, channelId, number });
      // Who is in the channel no more by then is told that there is none; what they have read there means nothing any more.
      allow(await mutate('markRead', () => ({ channelId, number })), 'NOT_FOUND');
    }
  });
  const acknowledging = again(async () => {
    unacknowledged = 0;
    const input = () => {
      onStep({ type: 'acknowledged' });
      return { cursors: cursors() };
    };
    allow(await mutate('acknowledgeEvents', input));
  });
  const changing = again(async () => {
    for (const sent of toChange.splice(0)) {
      const messageId = sent.acknowledged?.messageId;
      const edit = { messageId, text: editedTextOf(sent) };
      if (sent.becomes === 'edited') allow(await mutate('editMessage', () => edit));
      else allow(await mutate('deleteMessage', () => ({ messageId })));
    }
  });

  return {
    take(step) {
      if (isResting) return;
      unacknowledged += 1;
      if (unacknowledged >= acknowledgedAtOnce) acknowledging.want();
      if (step.type !== 'message' || random.below(readOneIn) > 0) return;
      toMark.set(step.channelId, Math.max(step.number, toMark.get(step.channelId) ?? 0));
      marking.want();
    },
    wasSent(message) {
      if (message.becomes === undefined) return;
      toChange.push(message);
      changing.want();
    },
    settled: () => Promise.all([marking, acknowledging, changing].map((one) => one.settled())),
    rest() {
      isResting = true;
    },
  };
}

/** Throws when something was refused, but for these reasons. */
export function allow({ __typename, code = '' }: Result, ...reasons: readonly string[]): void {
  if (__typename.endsWith('Payload') || reasons.includes(code)) return;
  throw new Error(`${__typename} ${code} was not to be expected.`);
}
