import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { type SignedIn, signUp as signUpByApi } from '../client/people.ts';
import { bringBack, putAside, putBehind } from './background.ts';
import {
  accountMenu,
  channelLink,
  chooseFor,
  composer,
  isOnScreen,
  logOf,
  messageWith,
  openChannel,
  send,
  signIn,
  signUp,
  textsIn,
} from './screen.ts';
import { openDirectChannel } from './seed.ts';
import { stageOfAll } from './stage.ts';

const stage = stageOfAll();
let worlds = 0;

/** Ada and Bob, in a browser each, with the list of their channels on the screen; there is one between them. */
async function world(options: BrowserContextOptions = {}) {
  const { httpUrl } = stage.server();
  worlds += 1;
  const [ada, bob] = [
    await signUpByApi(httpUrl, `ada.${worlds}`),
    await signUpByApi(httpUrl, `bob.${worlds}`),
  ];
  await openDirectChannel(httpUrl, ada, bob);
  const enter = async ({ handle }: SignedIn): Promise<Page> => {
    const page = await (await stage.openBrowser(options)).openTab();
    await signIn(page, handle);
    return page;
  };
  return { ada, bob, adas: await enter(ada), bobs: await enter(bob) };
}

/** The same, and both have the channel open. */
async function talk(options: BrowserContextOptions = {}) {
  const here = await world(options);
  await openChannel(here.adas, here.bob.handle);
  await openChannel(here.bobs, here.ada.handle);
  return here;
}

describe('two people who have just come', () => {
  it('sign up, one finds the other, and they chat', async () => {
    const [carol, dan] = [
      await (await stage.openBrowser()).openTab(),
      await (await stage.openBrowser()).openTab(),
    ];
    await signUp(carol, 'carol', 'Carol');
    await signUp(dan, 'dan', 'Dan');
    await carol.getByRole('link', { name: 'People' }).click();
    await carol.getByRole('searchbox', { name: 'Search people' }).fill('dan');
    await carol.getByRole('button', { name: 'Message Dan' }).click();
    await send(carol, 'Hello Dan!');
    await messageWith(carol, 'Hello Dan!').waitFor();
    await openChannel(dan, 'Carol');
    await messageWith(dan, 'Hello Dan!').waitFor();
    await send(dan, 'Hello Carol, how are you?');
    await messageWith(carol, 'Hello Carol, how are you?').waitFor();
    await carol.reload();
    await messageWith(carol, 'Hello Carol, how are you?').waitFor();
    await accountMenu(carol).click();
    await carol.getByRole('menuitem', { name: 'Sign out' }).click();
    await carol.getByLabel('Handle').waitFor();
    await carol.reload();
    await carol.getByLabel('Handle').waitFor();
  });
});

describe('two people in a channel', () => {
  it('see what is said next when they opened it with something unread there', async () => {
    const { ada, bob, adas, bobs } = await world();
    await openChannel(bobs, ada.handle);
    await send(bobs, 'unread');
    await openChannel(adas, bob.handle);
    await expect.poll(() => isOnScreen(adas, 'unread')).toBe(true);
    // Nothing moves by that; it only says that somebody is there.
    await logOf(adas).click({ position: { x: 5, y: 5 } });
    for (let count = 1; count <= 9; count += 1) {
      const text = `${count}: ${'a few words '.repeat(14).trim()}`;
      await send(bobs, text);
      await expect.poll(() => isOnScreen(adas, text), { message: text }).toBe(true);
    }
  });

  it.for([
    { who: 'people', reducedMotion: 'no-preference' },
    { who: 'people who want nothing to move', reducedMotion: 'reduce' },
  ] as const)(
    'find its newest message on the screen when they have read everything, as $who',
    async ({ reducedMotion }) => {
      const { adas, bobs } = await talk({ reducedMotion });
      for (let count = 1; count <= 9; count += 1) {
        const text = `${count}: ${'a few words '.repeat(count % 3 === 0 ? 1 : 14).trim()}`;
        await send(bobs, text);
        await messageWith(bobs, text).getByText('Read', { exact: true }).waitFor();
        if (count < 6) continue;
        await adas.reload();
        await expect.poll(() => isOnScreen(adas, text), { message: `with ${count} messages` }).toBe(true);
      }
    },
  );

  it('see what the other edits and deletes, and what was an answer to what', async () => {
    const { adas, bobs } = await talk();
    await send(adas, 'At tne?');
    await chooseFor(bobs, 'At tne?', 'Reply');
    await send(bobs, 'Do you mean ten?');
    await messageWith(adas, 'Do you mean ten?').getByText('At tne?').waitFor();
    await chooseFor(adas, 'At tne?', 'Edit');
    expect(await composer(adas).inputValue()).toBe('At tne?');
    await send(adas, 'At ten?');
    await messageWith(bobs, 'At ten?').filter({ hasText: 'edited' }).first().waitFor();
    await send(adas, 'a secret');
    await messageWith(bobs, 'a secret').waitFor();
    await chooseFor(adas, 'a secret', 'Delete');
    await adas.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    for (const page of [adas, bobs]) {
      await messageWith(page, 'This message was deleted.').waitFor();
      expect(await page.getByText('a secret').count()).toBe(0);
      expect(await page.getByText('At tne?').count()).toBe(0);
    }
  });

  it('see that the other writes, in the channel and in the list, until it is sent', async () => {
    const { adas, bobs, bob } = await talk();
    await composer(bobs).pressSequentially('I am just');
    await expect.poll(() => adas.getByText(/typing…|writes…|is typing/i).count()).toBeGreaterThan(1);
    await send(bobs, 'I am just here');
    await messageWith(adas, 'I am just here').waitFor();
    await expect.poll(() => adas.getByText(/typing…|writes…|is typing/i).count()).toBe(0);
    await channelLink(adas, bob.handle).getByText('I am just here').waitFor();
  });

  it('learn that a message was delivered, and that it was read only when the other looks', async () => {
    const { adas, bobs } = await talk();
    await send(adas, 'seen at once');
    await messageWith(adas, 'seen at once').getByText('Read', { exact: true }).waitFor();
    for (const [turnAway, text] of [
      [putBehind, 'while the window is behind others'],
      [putAside, 'while another window has the focus'],
    ] as const) {
      await turnAway(bobs);
      await send(adas, text);
      await messageWith(bobs, text).waitFor();
      await messageWith(adas, text).getByText('Delivered', { exact: true }).waitFor();
      expect(await messageWith(adas, text).getByText('Read', { exact: true }).count()).toBe(0);
      await bringBack(bobs);
      await messageWith(adas, text).getByText('Read', { exact: true }).waitFor();
    }
  });

  it('count what they have not read, in the list and in the title of the tab, until they have', async () => {
    const { adas, bobs, ada, bob } = await world();
    await openChannel(adas, bob.handle);
    for (const text of ['one', 'two', 'three']) await send(adas, text);
    await channelLink(bobs, ada.handle).getByText('3 unread').waitFor();
    await expect.poll(() => bobs.title()).toBe('(3) Parley');
    await openChannel(bobs, ada.handle);
    await logOf(bobs).getByText('New messages').waitFor();
    await expect.poll(() => bobs.title()).toBe('Parley');
    await channelLink(bobs, ada.handle).getByText('unread').waitFor({ state: 'hidden' });
    await putBehind(bobs);
    await send(adas, 'four');
    await expect.poll(() => bobs.title()).toBe('(1) Parley');
    await bringBack(bobs);
    await expect.poll(() => bobs.title()).toBe('Parley');
    expect(await textsIn(bobs, /^(one|two|three|four)$/)).toEqual(['one', 'two', 'three', 'four']);
  });
});
