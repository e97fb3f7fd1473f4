import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createGroup, type SignedIn, signUp } from '../client/people.ts';
import { barriersOn } from './look-with-axe.ts';
import { accountMenu, logOf, openChannel, signIn } from './screen.ts';
import { befriend, openDirectChannel, openSender } from './seed.ts';
import { stageOfAll } from './stage.ts';

const stage = stageOfAll();

const looks = [
  { device: 'phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
  { device: 'phone', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
  { device: 'desktop', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { device: 'desktop', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
] as const;

/** Somebody with a bit of everything: contacts, a request, channels with and without something unread. */
async function fill(): Promise<SignedIn> {
  const { httpUrl, socketUrl } = stage.server();
  const ada = await signUp(httpUrl, 'ada');
  const [bob, cyd] = [await signUp(httpUrl, 'bob'), await signUp(httpUrl, 'cyd')];
  await befriend(httpUrl, [ada, bob]);
  const direct = await openDirectChannel(httpUrl, ada, bob);
  const group = await createGroup(httpUrl, ada, { name: 'Three', members: [bob, cyd] });
  for (const [person, channelId, texts] of [
    [ada, direct, ['Good morning', 'See https://example.org/page for more']],
    [bob, direct, ['Good morning, Ada', 'Thank you']],
    [cyd, group, ['Is anybody here?']],
  ] as const) {
    const sender = openSender(socketUrl, person);
    await sender.sendAll(channelId, texts);
    await sender.close();
  }
  return ada;
}
let filled: Promise<SignedIn> | undefined;

type Screen = { readonly name: string; readonly open: (page: Page) => Promise<void> };

const byMenu = (item: string) => async (page: Page) => {
  await page.goto('/#/');
  await accountMenu(page).click();
  await page.getByRole('menuitem', { name: item }).click();
  await page.getByRole('heading', { name: item, level: 1 }).waitFor();
};
const screens: readonly Screen[] = [
  { name: 'the list of channels', open: async (page) => void (await page.goto('/#/')) },
  {
    name: 'a channel',
    open: async (page) => {
      await openChannel(page, 'bob');
      await logOf(page).getByText('Thank you', { exact: true }).waitFor();
    },
  },
  {
    name: 'its details',
    open: async (page) => {
      await page.getByRole('link', { name: /details/i }).click();
      await page.getByRole('heading', { name: /details/i, level: 1 }).waitFor();
    },
  },
  {
    name: 'the details of a group',
    open: async (page) => {
      await page.goto('/#/');
      await openChannel(page, 'Three');
      await page.getByRole('link', { name: /details/i }).click();
      await page
        .getByRole('region', { name: /^Members/ })
        .getByText('cyd', { exact: true })
        .waitFor();
    },
  },
  { name: 'people', open: byMenu('People') },
  { name: 'a new group', open: byMenu('New group') },
  { name: 'settings', open: byMenu('Settings') },
];

describe('every screen', () => {
  it.for(looks)(
    'has no barrier that axe finds serious, on a $device, $colorScheme',
    { timeout: 60_000 },
    async (look) => {
      filled ??= fill();
      const ada = await filled;
      const { colorScheme, viewport } = look;
      const browser = await stage.openBrowser({
        colorScheme,
        viewport,

        reducedMotion: 'reduce',
      });
      const page = await browser.openTab();
      await page.getByLabel('Handle').waitFor();
      expect(await barriersOn(page), 'signing in').toEqual([]);
      await page.getByRole('button', { name: 'Create an account' }).click();
      expect(await barriersOn(page), 'signing up').toEqual([]);
      await page.getByRole('button', { name: 'Sign in' }).first().click();
      await signIn(page, ada.handle);
      for (const { name, open } of screens) {
        await open(page);
        expect(await barriersOn(page), name).toEqual([]);
      }
    },
  );
});
