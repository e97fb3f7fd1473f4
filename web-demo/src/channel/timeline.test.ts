import { describe, expect, it } from 'vitest';
import { answerAll, createChannel, settle } from './test/fake-channel.ts';
import { createTimeline } from './timeline.ts';

const maxRows = 30;

function openWith(count: number) {
  const channel = createChannel();
  for (let i = 0; i < count; i++) channel.send();
  const timeline = createTimeline(channel.source, maxRows);
  const numbers = () => timeline.state.get().rows.map(({ message }) => message.number);
  void timeline.open();
  return { channel, timeline, numbers };
}
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe('the window of a channel', () => {
  it('begins with the newest page, and takes in what is sent', async () => {
    const { channel, timeline, numbers } = openWith(12);
    await answerAll(channel);
    expect(numbers()).toEqual(range(8, 12));
    timeline.onSent(channel.send());
    expect(numbers()).toEqual(range(8, 13));
    expect(timeline.state.get()).toMatchObject({ hasOlder: true, hasNewer: false, whole: 'ready' });
  });

  it('shows what was sent while the page was on its way', async () => {
    const { channel, timeline, numbers } = openWith(12);
    timeline.onSent(channel.send());
    await answerAll(channel);
    expect(numbers()).toEqual(range(9, 13));
  });

  it('asks a bounded number of times for what it does not get to see', async () => {
    const { channel, timeline, numbers } = openWith(3);
    timeline.onSent({ id: 'm9', number: 9, revision: 1 });
    await answerAll(channel);
    expect(numbers()).toEqual([1, 2, 3]);
    timeline.onSent({ id: 'm10', number: 10, revision: 1 });
    await answerAll(channel);
    expect(numbers()).toEqual([1, 2, 3]);
    timeline.onSent(channel.send());
    expect(numbers()).toEqual([1, 2, 3, 4]);
  });

  it('fills a hole that the stream has left', async () => {
    const { channel, timeline, numbers } = openWith(4);
    await answerAll(channel);
    channel.send();
    timeline.onSent(channel.send());
    timeline.onSent(channel.send());
    await answerAll(channel);
    expect(numbers()).toEqual(range(1, 7));
  });

  it('accepts the holes that the server leaves', async () => {
    const { channel, timeline, numbers } = openWith(2);
    await answerAll(channel);
    timeline.onSent(channel.send(5));
    await answerAll(channel);
    expect(numbers()).toEqual([1, 2, 8]);
  });

  it('never holds more than it may, after the list has had its turn', async () => {
    const { channel, timeline, numbers } = openWith(100);
    await answerAll(channel);
    for (let page = 0; page < 12; page++) {
      void timeline.loadOlder();
      await answerAll(channel);
      timeline.trim(true);
    }
    expect(numbers()).toEqual(range(36, 65));
    expect(timeline.state.get()).toMatchObject({ hasOlder: true, hasNewer: true });
    timeline.onSent(channel.send());
    expect(numbers()).toEqual(range(36, 65));
    void timeline.toNewest();
    await answerAll(channel);
    expect(numbers()).toEqual(range(97, 101));
  });

  it('keeps what one reads far above when messages come below', async () => {
    const { channel, timeline, numbers } = openWith(30);
    await answerAll(channel);
    for (let page = 0; page < 5; page++) {
      void timeline.loadOlder();
      await answerAll(channel);
    }
    timeline.setAtEnd(false);
    timeline.onSent(channel.send());
    expect(numbers()).toEqual(range(1, 30));
    expect(timeline.state.get().hasNewer).toBe(true);
    void timeline.loadNewer();
    await answerAll(channel);
    timeline.trim(true);
    expect(numbers()).toEqual(range(2, 31));
  });

  it('loads around a place that it does not hold, and nothing for one that it does', async () => {
    const { channel, timeline, numbers } = openWith(100);
    await answerAll(channel);
    const shown = timeline.show({ messageId: 'm40' });
    await answerAll(channel);
    expect(await shown).toMatchObject({ number: 40 });
    expect(numbers()).toEqual(range(38, 42));
    const { generation } = timeline.state.get();
    expect(await timeline.show({ number: 41 })).toMatchObject({ id: 'm41' });
    expect(timeline.state.get().generation).toBe(generation);
  });

  it('stays where it is when the place cannot be loaded', async () => {
    const { channel, timeline, numbers } = openWith(100);
    await answerAll(channel);
    const shown = timeline.show({ number: 40 });
    channel.asked.shift()?.fail();
    expect(await shown).toBeUndefined();
    expect(numbers()).toEqual(range(96, 100));
    expect(timeline.state.get().whole).toBe('ready');
  });

  it('says what failed, and tries it again when it is told to', async () => {
    const { channel, timeline, numbers } = openWith(10);
    channel.asked.shift()?.fail();
    await settle();
    expect(timeline.state.get().whole).toBe('failed');
    void timeline.retry();
    await answerAll(channel);
    void timeline.loadOlder();
    channel.asked.shift()?.fail();
    await settle();
    expect(timeline.state.get().older).toBe('failed');
    await timeline.loadOlder();
    expect(channel.asked).toHaveLength(0);
    void timeline.retry();
    await answerAll(channel);
    expect(numbers()).toEqual(range(1, 10));
  });

  it('shows an edit that overtook the page with its message', async () => {
    const { channel, timeline } = openWith(10);
    await answerAll(channel);
    void timeline.loadOlder();
    timeline.onChanged(channel.edit(2));
    await answerAll(channel);
    expect(timeline.state.get().rows[2]?.message).toEqual({ id: 'm3', number: 3, revision: 2 });
  });

  it('begins anew after a reset, also when there is less than before', async () => {
    const { channel, timeline, numbers } = openWith(10);
    await answerAll(channel);
    channel.messages.splice(4);
    void timeline.onReset();
    await answerAll(channel);
    expect(numbers()).toEqual([1, 2, 3, 4]);
  });
});
