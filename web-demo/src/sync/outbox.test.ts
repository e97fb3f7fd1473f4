import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openDatabase } from './database.ts';
import { type Outbox, type Outcome, openOutbox } from './outbox.ts';

const places: { close(): void }[] = [];
afterEach(() => {
  for (const place of places.splice(0)) place.close();
});

type Sent = { readonly channelId: string; readonly text: string; readonly nonce: string };
let count = 0;
/** One browser: a database, and tabs on it. `answer` is what the network does with an attempt. */
async function openBrowser(answer: (sent: Sent, attempt: number) => Outcome | Promise<Outcome>) {
  count += 1;
  const name = `outbox-${count}`;
  const attempts: Sent[] = [];
  const waits: (() => void)[] = [];
  const openTab = async () => {
    const database = await openDatabase(name);
    const outbox = await openOutbox({
      name,
      database,
      async send(message) {
        attempts.push(message);
        return answer(message, attempts.length);
      },
      waitBefore: () => new Promise((resolve) => void waits.push(resolve)),
    });
    places.push(outbox, database);
    return outbox;
  };
  return { openTab, attempts, comeBack: () => waits.splice(0).forEach((go) => void go()) };
}

const shown = (outbox: Outbox) => outbox.items.get().map(({ text, state }) => `${text} ${state}`);
const texts = (sent: readonly Sent[]) => sent.map(({ text }) => text);

describe('The outbox', () => {
  it('shows a message at once, and sends nothing before it is stored', async () => {
    const { openTab, attempts } = await openBrowser(() => 'sent');
    const tab = await openTab();
    tab.lead(true);
    const stored = tab.add({ channelId: 'c', text: 'one' });
    expect(shown(tab)).toEqual(['one waiting']);
    expect(attempts).toEqual([]);
    await stored;
    await vi.waitFor(() => expect(texts(attempts)).toEqual(['one']));
  });

  it('keeps a message until it has come back in the stream', async () => {
    const { openTab, attempts } = await openBrowser(() => 'sent');
    const tab = await openTab();
    tab.lead(true);
    await tab.add({ channelId: 'c', text: 'one' });
    await vi.waitFor(() => expect(attempts).toHaveLength(1));
    expect(shown(tab)).toEqual(['one sending']);
    tab.onSent(attempts[0]?.nonce ?? '');
    await vi.waitFor(() => expect(shown(tab)).toEqual([]));
  });

  it('sends to each channel one after the other, and to several at once', async () => {
    const answers: ((outcome: Outcome) => void)[] = [];
    const { openTab, attempts } = await openBrowser(
      () => new Promise((resolve) => void answers.push(resolve)),
    );
    const tab = await openTab();
    tab.lead(true);
    for (const text of ['a1', 'a2', 'b1']) await tab.add({ channelId: text.slice(0, 1), text });
    await vi.waitFor(() => expect(texts(attempts).sort()).toEqual(['a1', 'b1']));
    for (const answer of answers.splice(0)) answer('sent');
    await vi.waitFor(() => expect(texts(attempts)).toContain('a2'));
  });

  it('tries again with the same nonce until there is an answer, and never overtakes', async () => {
    const { openTab, attempts, comeBack } = await openBrowser((_, attempt) =>
      attempt < 4 ? 'later' : 'sent',
    );
    const tab = await openTab();
    tab.lead(true);
    await tab.add({ channelId: 'c', text: 'one' });
    await tab.add({ channelId: 'c', text: 'two' });
    for (const attempt of [1, 2, 3]) {
      await vi.waitFor(() => expect(attempts).toHaveLength(attempt));
      comeBack();
    }
    await vi.waitFor(() => expect(texts(attempts)).toEqual(['one', 'one', 'one', 'one', 'two']));
    expect(new Set(attempts.map(({ nonce }) => nonce)).size).toBe(2);
  });

  it('survives a reload, with the order and the nonces', async () => {
    let isOnline = false;
    const { openTab, attempts } = await openBrowser(() => (isOnline ? 'sent' : 'later'));
    const before = await openTab();
    before.lead(true);
    for (const text of ['one', 'two', 'three']) await before.add({ channelId: 'c', text });
    const nonces = before.items.get().map(({ nonce }) => nonce);
    await vi.waitFor(() => expect(attempts).toHaveLength(1));
    before.close();
    isOnline = true;
    const after = await openTab();
    expect(shown(after)).toEqual(['one waiting', 'two waiting', 'three waiting']);
    after.lead(true);
    await vi.waitFor(() => expect(attempts.slice(1).map(({ nonce }) => nonce)).toEqual(nonces));
  });

  it('forgets a message that the server has had before', async () => {
    const { openTab } = await openBrowser(() => 'sentBefore');
    const tab = await openTab();
    tab.lead(true);
    await tab.add({ channelId: 'c', text: 'one' });
    await vi.waitFor(() => expect(shown(tab)).toEqual([]));
  });

  it('keeps what was refused, with its reason, and goes on with the next', async () => {
    const refusal = { code: 'NOT_A_MEMBER', explanation: 'You are not in this channel.', until: null };
    const { openTab, attempts } = await openBrowser(({ text }, attempt) =>
      text === 'one' && attempt === 1 ? refusal : 'sent',
    );
    const tab = await openTab();
    tab.lead(true);
    await tab.add({ channelId: 'c', text: 'one' });
    await tab.add({ channelId: 'c', text: 'two' });
    await vi.waitFor(() => expect(shown(tab)).toEqual(['one refused', 'two sending']));
    expect(tab.items.get()[0]?.refusal).toEqual(refusal);
    tab.retry(tab.items.get()[0]?.nonce ?? '');
    await vi.waitFor(() => expect(texts(attempts)).toEqual(['one', 'two', 'one']));
  });

  it('lets go of what is discarded', async () => {
    const { openTab } = await openBrowser(() => 'later');
    const tab = await openTab();
    await tab.add({ channelId: 'c', text: 'one' });
    tab.discard(tab.items.get()[0]?.nonce ?? '');
    await vi.waitFor(() => expect(shown(tab)).toEqual([]));
    expect(shown(await openTab())).toEqual([]);
  });

  it('is one for all tabs, of which only the one that leads sends', async () => {
    const { openTab, attempts } = await openBrowser(() => 'sent');
    const [leader, other] = [await openTab(), await openTab()];
    leader.lead(true);
    await other.add({ channelId: 'c', text: 'one' });
    await vi.waitFor(() => expect(texts(attempts)).toEqual(['one']));
    expect(shown(other)).toEqual(['one waiting']);
    leader.onSent(attempts[0]?.nonce ?? '');
    await vi.waitFor(() => expect(shown(other)).toEqual([]));
    expect(attempts).toHaveLength(1);
  });
});
