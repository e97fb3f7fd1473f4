import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { signUp } from '../client/people.ts';
import { composer, logOf, openChannel, signIn } from './screen.ts';
import { change, openDirectChannel, openSender } from './seed.ts';
import { stageOfAll } from './stage.ts';

const stage = stageOfAll();
const marks = '\u0301'.repeat(200);
const texts: readonly (readonly [what: string, text: string])[] = [
  ['a script', '<script>alert(document.domain)</script>'],
  ['an image that runs something', '</script><img src=x onerror=alert(1)><svg onload=alert(2)>'],
  [
    'a frame',
    '<iframe srcdoc="<script>parent.alert(3)</script>"></iframe><base href="https://evil.example/">',
  ],
  ['styles', '<style>*{display:none}</style><link rel=stylesheet href="https://evil.example/a.css">'],
  [
    'an address that runs',
    'javascript:alert(4) [click](javascript:alert(5)) data:text/html,<script>alert(6)</script>',
  ],
  [
    'such an address in disguise',
    'java\u200bscript:alert(7) \u0001javascript:alert(8)'.replace('\u0001', ''),
  ],
  ['templates', `{{constructor.constructor("alert(9)")()}} \${alert(10)} <%= alert(11) %>`],
  ['an override of the direction', 'photo\u202egnp.exe and what follows'],
  ['isolates that never end', '\u2066\u2067\u2068\u2066\u2067 isolated'],
  ['right to left', 'שלום עולם \u200f مرحبا بالعالم 123'],
  ['nothing to be seen', `visible${'\u200b\u200c\u200d\u2060\ufeff'.repeat(700)}again`],
  ['marks on one letter', `a${marks}b${marks}`],
  ['a line without a space', 'W'.repeat(4_000)],
  ['an address without an end', `https://example.org/${'a'.repeat(3_900)}`],
  ['many lines', 'line\n'.repeat(700)],
  ['a thousand emoji', '👩‍👩‍👧‍👦'.repeat(570)],
];
const last = 'the last message, as nice as any';

/** What is to be seen of a text: what turns it around, or is not seen, is left out where it is shown. */
const seenOf = (text: string) => text.replaceAll(/[\s\p{Cf}\p{Mn}]/gu, '');
const turnsAround = /[\u202a-\u202e\u2066-\u2069]/u;

/** What is wider than its place makes a page that can be pushed to the side. */
const overhangs = (page: Page): Promise<readonly string[]> =>
  page.evaluate<
    readonly string[]
  >(`[document.scrollingElement, ...document.querySelectorAll('[role="log"], [role="log"] *')]
    .filter((element) => {
      const { overflowX } = getComputedStyle(element);
      const isScroller = element === document.scrollingElement || overflowX === 'auto' || overflowX === 'scroll';
      return isScroller && element.scrollWidth > element.clientWidth;
    })
    .map((element) => element.outerHTML.slice(0, 100))`);

/** Mallory has written all of it to Ada, and has such a name, too. */
async function world(nth: number) {
  const { httpUrl, socketUrl } = stage.server();
  const [ada, mallory] = [await signUp(httpUrl, `ada.${nth}`), await signUp(httpUrl, `mallory.${nth}`)];
  const displayName = '<b onclick=alert(0)>Mallory</b>';
  await change(httpUrl, mallory, { name: 'updateProfile', input: { displayName } });
  const channelId = await openDirectChannel(httpUrl, mallory, ada);
  const sender = openSender(socketUrl, mallory);
  await sender.sendAll(channelId, [...texts.map(([, text]) => text), last]);
  await sender.close();
  await change(httpUrl, ada, { name: 'markRead', input: { channelId, number: texts.length + 2 } });
  return { ada, displayName };
}

type Shown = { readonly text: string; readonly targets: readonly string[] };
/** The text of the log, and everything in it that leads to something, or loads it. */
const readShown = (page: Page): Promise<Shown> =>
  logOf(page).evaluate((log) => {
    const targets: string[] = [];
    for (const element of log.querySelectorAll('[href], [src], [action], iframe, script, style'))
      targets.push(element.getAttribute('href') ?? element.outerHTML);
    return { text: log.textContent, targets };
  });

/** Everything that the log holds, from its end to its beginning. */
async function readThrough(
  page: Page,
): Promise<{ readonly text: string; readonly links: readonly string[] }> {
  const texts = new Set<string>();
  const links = new Set<string>();
  const log = logOf(page);
  await log.hover();
  await expect
    .poll(
      async () => {
        const { text, targets } = await readShown(page);
        texts.add(text);
        for (const target of targets) links.add(target);
        expect(await overhangs(page)).toEqual([]);
        await page.mouse.wheel(0, -500);
        return text;
      },
      { timeout: 60_000, interval: 20 },
    )
    .toContain('alert(document.domain)');
  return { text: [...texts].join('\n'), links: [...links] };
}

describe('a text that tries to be more than a text', () => {
  it.for([
    { name: 'a phone', viewport: { width: 390, height: 844 }, nth: 1 },
    { name: 'a desktop', viewport: { width: 1280, height: 800 }, nth: 2 },
  ])('stays a text, and keeps the layout, on $name', { timeout: 90_000 }, async ({ viewport, nth }) => {
    const { ada, displayName } = await world(nth);
    const browser = await stage.openBrowser({ viewport });
    const page = await browser.openTab();
    await signIn(page, ada.handle);
    await openChannel(page, displayName);
    await logOf(page).getByText(last, { exact: true }).waitFor();
    const { text, links } = await readThrough(page);
    for (const [what, written] of texts) expect(seenOf(text), what).toContain(seenOf(written));
    expect(text).not.toMatch(turnsAround);
    expect(links.filter((link) => !/^(https?:\/\/|#\/)/.test(link))).toEqual([]);
    await page.getByRole('heading', { name: displayName }).waitFor();
  });

  it('is refused in words when it is too long, before it is sent', { timeout: 60_000 }, async () => {
    const { ada, displayName } = await world(3);
    const page = await (await stage.openBrowser()).openTab();
    await signIn(page, ada.handle);
    await openChannel(page, displayName);
    await composer(page).fill('x'.repeat(1_000_000));
    await composer(page).press('Enter');
    await page
      .getByText(/^996.?000 characters too many$/)
      .first()
      .waitFor();
    expect(await logOf(page).getByText('xxxxxxxxxx').count()).toBe(0);
    await composer(page).fill('short enough');
    await composer(page).press('Enter');
    await logOf(page).getByText('short enough', { exact: true }).waitFor();
  });
});
