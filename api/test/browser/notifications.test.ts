import { createECDH, randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { read } from '../client/ask.ts';
import { createGroup, type SignedIn, signUp } from '../client/people.ts';
import { bringBack, putBehind } from './background.ts';
import {
  click,
  cutWorker,
  notificationSwitch,
  notificationsOf,
  openDelivery,
  openSettings,
  type Place,
  putAway,
  subscribeAt,
  turnOnNotifications,
  workerOf,
} from './notifying.ts';
import { accountMenu, composer, logOf, openChannel, signIn } from './screen.ts';
import { befriend, openDirectChannel, openSender } from './seed.ts';
import { stageOfAll } from './stage.ts';

// No worker of the server sends anything here: what is delivered is what these tests say.
const stage = stageOfAll({ WORKER: 'off' }, { isWhole: true });
let worlds = 0;

/** Of a push service that this test is. */
function makePlace(): Place {
  const p256dh = createECDH('prime256v1').generateKeys().toString('base64url');
  const url = `https://fcm.googleapis.com/fcm/send/${randomBytes(16).toString('base64url')}`;
  return { url, p256dh, auth: randomBytes(16).toString('base64url') };
}

/** Ada in a browser with notifications turned on, with a channel with Bob and a group. */
async function world() {
  const { httpUrl, socketUrl } = stage.server();
  worlds += 1;
  const [ada, bob] = [await signUp(httpUrl, `ada.${worlds}`), await signUp(httpUrl, `bob.${worlds}`)];
  await befriend(httpUrl, [ada, bob]);
  const direct = await openDirectChannel(httpUrl, ada, bob);
  const group = await createGroup(httpUrl, ada, { name: 'Choir', members: [bob] });
  const browser = await stage.openBrowser({ permissions: ['notifications'] });
  await subscribeAt(browser.context, makePlace());
  const page = await browser.openTab();
  await signIn(page, ada.handle);
  await turnOnNotifications(page);
  await page.goto('/#/');
  const deliver = await openDelivery(page);
  /** Bob says something; resolves with the push that tells of it. */
  const say = async (channelId: string, text: string) => {
    const sender = openSender(socketUrl, bob);
    await sender.sendAll(channelId, [text]);
    await sender.close();
    return noteOf(httpUrl, { person: ada, channelId, author: bob.handle });
  };
  return { ada, bob, direct, group, browser, page, deliver, say };
}

type About = { readonly person: SignedIn; readonly channelId: string; readonly author: string };
type Newest = {
  readonly channel: {
    readonly name: string | null;
    readonly lastMessage: {
      readonly id: string;
      readonly number: number;
      readonly revision: number;
      readonly text: string;
    };
  };
};

/** What the server would send about the newest message of a channel. */
async function noteOf(httpUrl: string, { person, channelId, author }: About) {
  const query = `query ($id: ID!) { channel(id: $id) { name lastMessage { id number revision text } } }`;
  const token = person.session.accessToken;
  const { channel } = await read<Newest>(httpUrl, { query, variables: { id: channelId }, token });
  const { id: messageId, number, text } = channel.lastMessage;
  return {
    ...{ kind: 'message', channelId, messageId, seq: 100 + number, number, count: 1, badge: 1 },
    content: { preview: 'FULL', authorName: author, channelName: channel.name, text },
  };
}

/** A notification that nobody closes goes by itself after some 25 s: what is to be closed, is closed before. */
const soon = { timeout: 15_000 };
const titles = (page: Page) => notificationsOf(page).then((all) => all.map(({ title }) => title).sort());
const bodies = (page: Page) => notificationsOf(page).then((all) => all.map(({ body }) => body).sort());

describe('a push', () => {
  it('shows one notification of each channel, which only a newer one replaces', async () => {
    const { direct, group, page, deliver, say, bob } = await world();
    const first = await say(direct, 'first');
    const second = await say(direct, 'second');
    const third = await say(direct, 'third');
    await deliver(second);
    await expect.poll(() => bodies(page)).toEqual(['second']);
    await deliver({ ...third, count: 3 });
    await expect.poll(() => titles(page)).toEqual([`3 new messages from ${bob.handle}`]);
    await deliver(first);
    await deliver(second);
    const sung = await say(group, 'la');
    await deliver({ ...sung, count: 2 });
    // It is taken after those before it, so they have had their turn.
    await expect
      .poll(() => titles(page))
      .toEqual(['2 new messages in Choir', `3 new messages from ${bob.handle}`]);
    expect(await bodies(page)).toEqual([`${bob.handle}: la`, 'third']);
    await putAway(page);
    await deliver(third);
    await deliver('{"kind":"test"}');
    await expect.poll(() => titles(page)).toEqual(['Notifications work']);
  });

  it('that clears closes what it covers, and what comes after it and is older does not appear', async () => {
    const { direct, page, deliver, say } = await world();
    const first = await say(direct, 'first');
    const second = await say(direct, 'second');
    await deliver(first);
    await deliver(second);
    await expect.poll(() => bodies(page)).toEqual(['second']);
    await deliver({ kind: 'clear', channelId: direct, number: first.number, badge: 1 });
    await deliver('{"kind":"test"}');
    await expect.poll(() => titles(page)).toContain('Notifications work');
    expect(await bodies(page)).toContain('second');
    await deliver({ kind: 'clear', channelId: direct, number: second.number, badge: 0 });
    await expect.poll(() => titles(page)).toEqual(['Notifications work']);
    await putAway(page);
    await deliver(second);
    await deliver('{"kind":"test"}');
    await expect.poll(() => titles(page)).toEqual(['Notifications work']);
  });

  it('shows nothing of a channel that is looked at, and shows it when the window is behind others', async () => {
    const { direct, page, deliver, say, bob } = await world();
    const first = await say(direct, 'first');
    await openChannel(page, bob.handle);
    await logOf(page).getByText('first', { exact: true }).waitFor();
    // A window says where it is some seconds after it was opened.
    let { seq } = first;
    await expect
      .poll(async () => {
        await putAway(page);
        seq += 1;
        await deliver({ ...first, seq });
        await deliver('{"kind":"test"}');
        await expect.poll(() => titles(page)).toContain('Notifications work');
        return titles(page);
      })
      .toEqual(['Notifications work']);
    await putAway(page);
    await putBehind(page);
    await deliver({ ...(await say(direct, 'second')), seq: seq + 1 });
    await expect.poll(() => bodies(page)).toEqual(['second']);
    await bringBack(page);
    await expect.poll(() => bodies(page), soon).toEqual([]);
  });

  it('that says nothing is looked up by the worker, and is neutral where it gets no answer', async () => {
    const { direct, browser, page, deliver, say, bob } = await world();
    const { content: _, ...silent } = await say(direct, 'a secret');
    await deliver({ ...silent, content: { preview: 'NOTHING' } });
    await expect
      .poll(() => notificationsOf(page))
      .toEqual([{ title: bob.handle, body: 'a secret', tag: direct }]);
    await cutWorker(workerOf(browser), true);
    const { content: __, ...more } = await say(direct, 'another one');
    await deliver({ ...more, count: 2 });
    await expect.poll(() => bodies(page)).toEqual(['There are 2 new messages.']);
  });

  it('shows nothing once somebody has signed out, and what was shown is gone', async () => {
    const { direct, page, deliver, say } = await world();
    await deliver(await say(direct, 'first'));
    await expect.poll(() => bodies(page)).toEqual(['first']);
    const late = await say(direct, 'second');
    await accountMenu(page).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByLabel('Handle').waitFor();
    await expect.poll(() => titles(page), soon).toEqual([]);
    await deliver(late);
    await deliver('{"kind":"test"}');
    expect(await titles(page)).toEqual([]);
  });
});

describe('a notification', () => {
  it('disappears when its channel is read in a window', async () => {
    const { direct, group, page, deliver, say, bob } = await world();
    await deliver(await say(direct, 'first'));
    await deliver(await say(group, 'la'));
    await expect.poll(() => titles(page)).toEqual(['Choir', bob.handle].sort());
    await openChannel(page, bob.handle);
    await expect.poll(() => titles(page), soon).toEqual(['Choir']);
  });

  it('leads to its channel in the window that is there, or in a new one', async () => {
    const { direct, group, browser, page, deliver, say } = await world();
    await deliver(await say(direct, 'first'));
    await deliver(await say(group, 'la'));
    await expect.poll(() => titles(page)).toHaveLength(2);
    const worker = workerOf(browser);
    expect(await click(worker, { tag: direct })).toEqual([]);
    await logOf(page).getByText('first', { exact: true }).waitFor();
    await page.close();
    const [address = ''] = await click(worker, { tag: group });
    const opened = await browser.context.newPage();
    await opened.goto(address);
    await logOf(opened).getByText('la', { exact: true }).waitFor();
  });

  it('takes a reply, which is sent and counts as reading', async () => {
    const { direct, browser, page, deliver, say, ada, bob } = await world();
    await deliver(await say(direct, 'Are you coming?'));
    await expect.poll(() => bodies(page)).toEqual(['Are you coming?']);
    await page.close();
    await click(workerOf(browser), { tag: direct, action: 'reply', reply: ' On my way ' });
    const bobs = await (await stage.openBrowser()).openTab();
    await signIn(bobs, bob.handle);
    await openChannel(bobs, ada.handle);
    await logOf(bobs).getByText('On my way', { exact: true }).waitFor();
    const back = await browser.openTab();
    expect(await titles(back)).toEqual([]);
    await openChannel(back, bob.handle);
    await expect.poll(() => logOf(back).getByText('On my way', { exact: true }).count()).toBe(1);
  });

  it('keeps a reply that cannot be sent, until the app is open again', async () => {
    const { direct, browser, page, deliver, say, ada, bob } = await world();
    await deliver(await say(direct, 'Are you coming?'));
    await expect.poll(() => bodies(page)).toEqual(['Are you coming?']);
    await page.close();
    const worker = workerOf(browser);
    await cutWorker(worker, true);
    await click(worker, { tag: direct, action: 'reply', reply: 'On my way' });
    const back = await browser.openTab();
    expect(await bodies(back)).toEqual([expect.stringContaining('“On my way”')]);
    await openChannel(back, bob.handle);
    await logOf(back).getByText('On my way', { exact: true }).waitFor();
    const bobs = await (await stage.openBrowser()).openTab();
    await signIn(bobs, bob.handle);
    await openChannel(bobs, ada.handle);
    await expect.poll(() => logOf(bobs).getByText('On my way', { exact: true }).count()).toBe(1);
  });
});

describe('notifications in a browser', () => {
  it('are offered when something was said, by a button, and once', async () => {
    const { httpUrl } = stage.server();
    const [cyd, dan] = [await signUp(httpUrl, 'cyd'), await signUp(httpUrl, 'dan')];
    await openDirectChannel(httpUrl, cyd, dan);
    const browser = await stage.openBrowser({ permissions: ['notifications'] });
    await subscribeAt(browser.context, makePlace());
    const page = await browser.openTab();
    await signIn(page, 'cyd');
    const offer = page.getByRole('region', { name: 'Notifications' });
    await openChannel(page, 'dan');
    expect(await offer.count()).toBe(0);
    await expect
      .poll(async () => {
        await composer(page).fill('Hello');
        await composer(page).press('Enter');
        return offer.count();
      })
      .toBe(1);
    await offer.getByRole('button', { name: 'Turn on notifications' }).click();
    await offer.waitFor({ state: 'detached' });
    await openSettings(page);
    await expect.poll(() => notificationSwitch(page).isChecked()).toBe(true);
    await notificationSwitch(page).click();
    await expect.poll(() => notificationSwitch(page).isChecked()).toBe(false);
  });
});
