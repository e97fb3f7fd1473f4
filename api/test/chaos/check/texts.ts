import { type Asked, isSurelyNotDone, isTight } from './asked.ts';
import type { Channel } from './logs.ts';
import { inside } from './ordered.ts';

/** Something that the author of a message said in it: when sending it, or by an edit. */
export type Said = {
  readonly asked: Asked;
  /** Undefined for a send that was never acknowledged and is not in the log. */
  readonly messageId: string | undefined;
  readonly isFirst: boolean;
};

/** What people said, by text: each is unlike all the others. */
export type Texts = {
  /** Undefined: nobody said that. `unclear`: several did. */
  of(text: string): Said | 'unclear' | undefined;
  /** The edits of a message that were asked for, in that order. */
  editsOf(messageId: string): readonly Said[];
  deletionsOf(messageId: string): readonly Asked[];
  /** Whether anybody asked to edit or delete it. */
  isChanged(messageId: string): boolean;
};

export function gatherTexts(
  asked: ReadonlyMap<number, Asked>,
  channels: ReadonlyMap<string, Channel>,
): Texts {
  const texts = new Map<string, Said | 'unclear'>();
  const edits = new Map<string, Said[]>();
  const deletions = new Map<string, Asked[]>();
  const ids = idsOf(channels);
  const say = (text: string, said: Said) => texts.set(text, texts.has(text) ? 'unclear' : said);
  for (const one of asked.values()) {
    const { what } = one;
    if (what.type === 'send')
      say(what.text, { asked: one, messageId: one.message?.id ?? ids.get(one.op), isFirst: true });
    if (what.type === 'delete') inside(deletions, what.messageId, () => []).push(one);
    if (what.type !== 'edit') continue;
    const said = { asked: one, messageId: what.messageId, isFirst: false };
    say(what.text, said);
    inside(edits, what.messageId, () => []).push(said);
  }
  return {
    of: (text) => texts.get(text),
    editsOf: (messageId) => edits.get(messageId) ?? [],
    deletionsOf: (messageId) => deletions.get(messageId) ?? [],
    isChanged: (messageId) => edits.has(messageId) || deletions.has(messageId),
  };
}

/** Which message became of a send that was never acknowledged. */
function idsOf(channels: ReadonlyMap<string, Channel>): ReadonlyMap<number, string> {
  const ids = new Map<number, string>();
  for (const { messages, sends } of channels.values())
    for (const { authorId, nonce, messageId } of messages) {
      const one = nonce === undefined ? undefined : sends.get(authorId ?? '')?.get(nonce);
      if (one !== undefined && one.message === undefined) ids.set(one.op, messageId);
    }
  return ids;
}

/**
 * Is one text of a message older than another one, for certain? An edit that was asked for several times may come once more behind
 * everything else, as it has no nonce of its own; and two that were asked for at once may come in either order.
 */
export function isSurelyOlder(one: Said, other: Said): boolean {
  if (one === other || other.isFirst) return false;
  if (one.isFirst) return true;
  return isTight(one.asked) && one.asked.doneLine < other.asked.invokedLine;
}

export type Shown = { readonly messageId: string; readonly text: string; readonly line: number };

/** What is wrong with a text that is shown as that of a message; or which of its texts it is, undefined when that is unclear. */
export function readText(texts: Texts, { messageId, text, line }: Shown): Said | string | undefined {
  const said = texts.of(text);
  if (said === 'unclear') return undefined;
  if (said === undefined) return `${messageId} says “${text}”, which nobody wrote`;
  if (said.messageId !== messageId) return `${messageId} says “${text}”, which was written elsewhere`;
  if (said.asked.invokedLine > line) return `${messageId} says “${text}” before anybody wrote it`;
  if (isSurelyNotDone(said.asked)) return `${messageId} says “${text}”, which was refused`;
  return said;
}

/** Did somebody ask to delete it before this line, so that it may be gone? */
export const mayBeGone = (texts: Texts, messageId: string, line: number): boolean =>
  texts.deletionsOf(messageId).some((one) => one.invokedLine < line && !isSurelyNotDone(one));
