import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { composer, demoButton, logOf, messageWith, textsIn } from './screen.ts';
import { stageOfAll } from './stage.ts';

// Only an embedded database has demo people; and only documents of the web demo run here, which it asks for by their ids.
const stage = stageOfAll({ DATABASE_URL: '', DEMO: 'on', WEB_DEMO: 'on', PERSISTED_ONLY: 'on' });
const counted = /^(alice|bob) \d+$/;

/** What has the focus, as it is read out; empty when nothing has it. */
async function focused(page: Page): Promise<string> {
  const here = page.locator(':focus');
  return (await here.count()) === 0 ? '' : here.ariaSnapshot();
}

describe('a server on which nothing but the web demo runs', () => {
  it('lets two demo people chat in two windows of one browser after one click, also after a reload', {
    timeout: 60_000,
  }, async () => {
    const { context, openTab } = await stage.openBrowser();
    const alice = await openTab();
    const [bob] = await Promise.all([
      context.waitForEvent('page'),
      alice.getByRole('button', { name: 'Open both' }).click(),
    ]);
    for (const [page, name] of [
      [alice, 'Alice'],
      [bob, 'Bob'],
    ] as const) {
      await page.getByRole('button', { name: `${name}: your account` }).waitFor();
      await page
        .getByRole('navigation', { name: 'Channels' })
        .getByRole('link')
        .filter({ hasText: 'Demo' })
        .click();
      await logOf(page).getByText('Hello Bob, this is the first message.', { exact: true }).waitFor();
    }
    await composer(alice).fill('alice 1');
    await composer(alice).press('Enter');
    await logOf(bob).getByText('alice 1', { exact: true }).waitFor();
    await Promise.all([alice.reload(), bob.reload()]);
    await composer(bob).fill('bob 1');
    await composer(bob).press('Enter');
    for (const page of [alice, bob])
      await expect.poll(() => textsIn(page, counted)).toEqual(['alice 1', 'bob 1']);
    await bob.getByRole('button', { name: 'Bob: your account' }).waitFor();
  });

  it('can be used with a keyboard alone', { timeout: 60_000 }, async () => {
    const { openTab } = await stage.openBrowser();
    const page = await openTab();
    const { keyboard } = page;
    await demoButton(page, 'alice').waitFor();
    /** Tab until the thing with this name has the focus. */
    const tabTo = async (name: RegExp, key = 'Tab') => {
      const seen: string[] = [];
      for (let stops = 0; stops < 60; stops += 1) {
        const here = await focused(page);
        if (name.test(here)) return;
        seen.push(here);
        await keyboard.press(key);
      }
      throw new Error(`No way by ${key} to ${name} through ${seen.join(' | ')}`);
    };
    await tabTo(/"Chat as alice"/);
    await keyboard.press('Enter');
    await page.getByRole('button', { name: 'Alice: your account' }).waitFor();
    await tabTo(/link "Demo /);
    await keyboard.press('Enter');
    await logOf(page).waitFor();
    await tabTo(/textbox "Message"/);
    await keyboard.type('first line');
    await keyboard.press('Shift+Enter');
    await keyboard.type('second line');
    await keyboard.press('Enter');
    await messageWith(page, 'first line second line').getByText('Sent', { exact: true }).waitFor();
    await keyboard.press('ArrowUp');
    await page.getByRole('textbox', { name: 'New text' }).waitFor();
    await keyboard.press('End');
    await keyboard.type(', edited');
    await keyboard.press('Enter');
    await logOf(page).getByText('second line, edited').waitFor();
    await tabTo(/^- article/, 'Shift+Tab');
    await keyboard.press('ArrowUp');
    await expect.poll(() => focused(page)).toMatch(/^- article:\s+- text: Bob/);
    await keyboard.press('Tab');
    await expect.poll(() => focused(page)).toContain('Message actions');
    await keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Reply', disabled: false }).waitFor();
    await keyboard.press('Enter');
    await page.getByRole('button', { name: 'Do not reply' }).waitFor();
    await expect.poll(() => focused(page)).toContain('textbox "Message"');
    await keyboard.type('an answer');
    await keyboard.press('Enter');
    await messageWith(page, 'an answer').getByRole('button', { name: 'In reply to Bob' }).waitFor();
  });
});
