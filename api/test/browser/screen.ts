import type { Locator, Page } from 'playwright-core';
import { password } from '../client/people.ts';

// What somebody does at a screen. Everything is found as people find it, by its role and its name; so what cannot be found here cannot be
// found by who listens to the screen either.

export const demoButton = (page: Page, handle: string): Locator =>
  page.getByRole('button', { name: `Chat as ${handle}` });

/** What is there for whoever is signed in, whatever else there is. */
export const accountMenu = (page: Page): Locator => page.getByRole('button', { name: /: your account$/ });

/** The way into a channel by the list of all; into any, when no name is given. */
export function channelLink(page: Page, name?: string): Locator {
  const links = page.getByRole('navigation', { name: 'Channels' }).getByRole('link');
  return name === undefined ? links : links.filter({ has: page.getByText(name, { exact: true }) });
}

/** The messages of the open channel. */
export const logOf = (page: Page): Locator => page.getByRole('log');
export const composer = (page: Page): Locator => page.getByRole('textbox', { name: /^(Message|New text)$/ });

export async function signIn(page: Page, handle: string): Promise<void> {
  await page.getByLabel('Handle').fill(handle);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Password', { exact: true }).press('Enter');
  await accountMenu(page).waitFor();
}

export async function signUp(page: Page, handle: string, displayName: string): Promise<void> {
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('Handle').fill(handle);
  await page.getByLabel('Display name').fill(displayName);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await accountMenu(page).waitFor();
}

export async function openChannel(page: Page, name: string): Promise<void> {
  await channelLink(page, name).click();
  await composer(page).waitFor();
}

/** Writes and sends one message, as quickly as the screen allows. */
export async function send(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

/** One message of the open channel, by its text. What it answers, it only quotes. */
export function messageWith(page: Page, text: string): Locator {
  const escaped = text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&').replaceAll(/\s+/g, '\\s+');
  const exactly = new RegExp(`^${escaped}$`);
  const paragraph = page.getByRole('paragraph').filter({ hasText: exactly });
  return logOf(page).getByRole('article').filter({ has: paragraph });
}

/** Whether all of a message is to be seen. */
export async function isOnScreen(page: Page, text: string): Promise<boolean> {
  const [message, log] = [messageWith(page, text), logOf(page)];
  if ((await message.count()) === 0) return false;
  const [place, frame] = [await message.boundingBox(), await log.boundingBox()];
  if (place === null || frame === null) return false;
  return place.y >= frame.y && place.y + place.height <= frame.y + frame.height;
}

/** Chooses something for a message, as by a right click or a long press. */
export async function chooseFor(page: Page, text: string, item: string): Promise<void> {
  await messageWith(page, text).click({ button: 'right' });
  await page.getByRole('menu', { name: 'Message actions' }).getByRole('menuitem', { name: item }).click();
}

/** What is said about the connection, as long as there is something to be said. */
export const bannerOf = (page: Page): Locator =>
  page.getByRole('status').filter({ hasText: /^(Connecting…|Catching up…|Offline\.)/ });

/** The texts in the open channel that look like this, in the order in which they stand there. */
export const textsIn = (page: Page, pattern: RegExp): Promise<readonly string[]> =>
  logOf(page).evaluate((log, looksLike) => {
    const showText = 4;
    const walker = log.ownerDocument.createTreeWalker(log, showText);
    const texts: string[] = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      if (looksLike.test(node.nodeValue ?? '')) texts.push(node.nodeValue ?? '');
    return texts;
  }, pattern);
