import { expect, it } from 'vitest';
import {
  ada,
  ben,
  channelId,
  draft,
  isLog,
  openStreamWorld,
  take,
  untilCaughtUp,
} from './test/stream-world.ts';

const endless = () => new AbortController().signal;

/** Ada has written before Ben came: an event of hers at place 2, his joining at place 3. */
async function withLateBen() {
  const world = await openStreamWorld();
  await world.add(ada);
  await world.send('before');
  await world.add(ben);
  await world.send('after');
  const answer = (refSeq: number) => world.stream.record(channelId, draft(`to ${refSeq}`, { refSeq }));
  const follow = async (userId: typeof ada) => {
    const reader = await world.stream.follow(userId, undefined, endless());
    await untilCaughtUp(reader);
    return reader;
  };
  return { ...world, answer, readers: [await follow(ada), await follow(ben)] as const };
}

it('shares an event with those only who may see what its message answers', async () => {
  const { answer, stream, readers } = await withLateBen();
  const old = await answer(2);
  await answer(4);
  await stream.record(channelId, draft('edited', { kind: 'message.edited', refSeq: old.event.seq }));
  const [ofAda, ofBen] = await Promise.all(readers.map((reader) => take(reader, 3)));
  const isShared = (deliveries: typeof ofAda) =>
    deliveries?.filter(isLog).map((delivery) => delivery.isShared);
  expect(isShared(ofAda)).toEqual([true, true, true]);
  expect(isShared(ofBen)).toEqual([false, true, false]);
  expect(ofBen?.[1]).toBe(ofAda?.[1]);
});

it('shares a reply of messageAdded likewise, also where all history is shown: that can change meanwhile', async () => {
  const { answer, stream } = await withLateBen();
  await answer(2);
  await answer(4);
  for (const showsAll of [true, false]) {
    const reader = await stream.followMessages(ben, { channelId, afterNumber: 2, showsAll }, endless());
    if (reader === undefined) throw new Error('Not a member.');
    const [old, newer] = await take(reader, 2);
    expect([old?.isShared, newer?.isShared]).toEqual([false, true]);
    expect(old?.event.message).toMatchObject({ text: 'to 2', replyTo: { seq: 2, number: 1 } });
  }
});
