import type { Device } from './device.ts';
import { documents } from './documents.ts';
import { seqOfMessage } from './events.ts';
import { type Next, talk } from './outbox.ts';
import { type Deed, perform } from './perform.ts';
import type { Cast, Channel } from './person.ts';
import type { Play } from './play.ts';

/** Of all that is said, so much is said in the hot channel. */
const hotShare = 0.3;
/** Of ten messages one is changed by its author: more often edited than deleted. */
const changedOneIn = 10;
const deletedShare = 0.4;
/** One device of so many sends several messages at once. */
const pipelinedOneIn = 4;
const mostAtOnce = 4;
/** How long a text is, in letters. */
const length = { least: 10, most: 160 } as const;
const letters = 'the quick brown fox jumps over the lazy dog '.repeat(4);

type Setting = { readonly play: Play; readonly cast: Cast; readonly device: Device };
type Changed = { readonly message: { readonly revision: number } };

/** What somebody says on one device, and what they change of it. Resolves when that is over. */
export async function converse(setting: Setting): Promise<void> {
  const { play, device } = setting;
  const toChange: { readonly channelId: string; readonly messageId: string }[] = [];
  let changing: Promise<void> | undefined;
  async function change(): Promise<void> {
    for (let one = toChange.shift(); one !== undefined; one = toChange.shift())
      await changeMessage(setting, one);
    changing = undefined;
  }
  let said = 0;
  await talk({
    play,
    device,
    atOnce: play.random.below(pipelinedOneIn) === 0 ? mostAtOnce : 1,
    next() {
      said += 1;
      return nextOf(setting, said);
    },
    onSent(channelId, messageId) {
      if (play.stopping.aborted || play.random.below(changedOneIn) > 0) return;
      toChange.push({ channelId, messageId });
      changing ??= change();
    },
  });
  await changing;
}

/** For these reasons somebody may not say anything in a channel: its owner always may, where nobody is blocked. */
export const mayBeIn = ({ kind, owner }: Channel, { userId }: Device): string[] => {
  if (kind === 'DIRECT') return ['NOT_ACCEPTING'];
  return owner.userId === userId ? [] : ['NOT_A_MEMBER', 'NOT_FOUND'];
};

function nextOf({ play, cast, device }: Setting, nth: number): Next | undefined {
  const { random } = play;
  const channel = pickChannel({ play, cast, device });
  if (channel === undefined) return undefined;
  const words = letters.slice(0, length.least + random.below(length.most - length.least));
  return {
    channelId: channel.id,
    text: `${device.name} says ${nth}: ${words}`,
    mayBe: mayBeIn(channel, device),
  };
}

function pickChannel({ play, cast, device }: Setting): Channel | undefined {
  const { random } = play;
  const [hot] = cast.channels;
  const mine = device.following.channels().flatMap((id) => cast.channelOf.get(id) ?? []);
  const cool = mine.filter((channel) => channel !== hot);
  if (hot === undefined || !mine.includes(hot)) return cool.length > 0 ? random.pick(cool) : undefined;
  // Not everybody is there: those who are say the more.
  const share = (hotShare * cast.people.length) / hot.circle.length;
  return cool.length === 0 || random.next() < share ? hot : random.pick(cool);
}

async function changeMessage(
  { play, cast, device }: Setting,
  { channelId, messageId }: { readonly channelId: string; readonly messageId: string },
): Promise<void> {
  const channel = cast.channelOf.get(channelId);
  if (channel === undefined) return;
  const isDeleted = play.random.next() < deletedShare;
  const shared = {
    mayBe: mayBeIn(channel, device),
    doneOf: ({ message: { revision } }: Changed) => ({ seq: revision }),
  };
  const edit: Deed<Changed> = {
    ...shared,
    what: {
      type: 'edit',
      channelId,
      messageId,
      text: `${device.name} means by ${seqOfMessage(messageId)} of ${channelId}`,
    },
    document: documents.edit,
    input: { messageId, text: `${device.name} means by ${seqOfMessage(messageId)} of ${channelId}` },
  };
  const remove: Deed<Changed> = {
    ...shared,
    what: { type: 'delete', channelId, messageId },
    document: documents.delete,
    input: { messageId },
  };
  await perform(play, device, isDeleted ? remove : edit);
}
