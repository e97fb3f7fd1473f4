import { isDone } from './asked.ts';
import type { Book } from './book.ts';
import type { Channel } from './logs.ts';
import { inside } from './ordered.ts';
import type { Note } from './verdict.ts';

/**
 * `realTimeOrder`: what was acknowledged before something else was asked for has the smaller place. `senderOrder`: the sends of one device
 * in one channel keep their order. `messageIdOrder`: ids of messages sort as their places do.
 */
export function checkOrder(book: Book, note: Note): void {
  for (const channel of book.channels.values()) {
    checkRealTime(channel, note);
    checkIds(channel, note);
  }
  checkSenders(book, note);
}

function checkRealTime({ channelId, when }: Channel, note: Note): void {
  const asked = when.all.toSorted((a, b) => a.invokedLine - b.invokedLine);
  const done = when.all.filter(({ doneLine }) => doneLine !== Number.POSITIVE_INFINITY);
  done.sort((a, b) => a.doneLine - b.doneLine);
  let [next, newest] = [0, 0];
  for (const { seq, invokedLine } of asked) {
    for (let one = done[next]; one !== undefined && one.doneLine < invokedLine; one = done[next]) {
      newest = Math.max(newest, one.seq);
      next += 1;
    }
    if (seq < newest)
      note('realTimeOrder', `${channelId} ${seq} was asked for when ${newest} was done already`);
  }
}

/**
 * Of what was acknowledged, in the order in which it was asked for first. A device goes on when there is an answer, or gives up all that
 * are on their way and begins again with the first of them: so it says docs/clients.md, and so the order is promised.
 */
function checkSenders({ asked }: Book, note: Note): void {
  const newest = new Map<string, Map<string, number>>();
  for (const one of asked.values()) {
    const { what, message, device, op, doneT } = one;
    if (what.type !== 'send' || message === undefined || !isDone(one)) continue;
    const ofDevice = inside(newest, device, () => new Map<string, number>());
    const before = ofDevice.get(what.channelId) ?? 0;
    if (message.seq <= before)
      note(
        'senderOrder',
        `${what.channelId} ${message.seq} (send ${op} of ${device}) is before ${before}`,
        doneT,
      );
    ofDevice.set(what.channelId, Math.max(before, message.seq));
  }
}

function checkIds({ channelId, readings }: Channel, note: Note): void {
  for (const { found } of readings) {
    let last = { messageId: '', seq: 0 };
    for (const { messageId, seq } of found.messages.toSorted((a, b) => a.seq - b.seq)) {
      if (messageId <= last.messageId)
        note(
          'messageIdOrder',
          `${channelId} ${seq}: ${messageId} sorts before ${last.messageId} of ${last.seq}`,
        );
      last = { messageId, seq };
    }
  }
}
