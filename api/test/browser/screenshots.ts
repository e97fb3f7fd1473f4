import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { packageRoot } from '../../../prisma/package-root.ts';
import { launchChromium } from './chromium.ts';
import { openDemoServer } from './demo-server.ts';
import { lastWords, seedTalk, shownChannel } from './demo-talk.ts';
import { channelLink, demoButton, isOnScreen, messageWith } from './screen.ts';

const folder = join(packageRoot, 'docs', 'screenshots');
/** A page that shows four of them should not be slow for it. */
const maxBytes = 150_000;

const screens = [
  {
    name: 'phone',
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  },
  { name: 'desktop', viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 },
] as const;
const colourSchemes = ['light', 'dark'] as const;

type Shot = (typeof screens)[number] & { readonly colourScheme: (typeof colourSchemes)[number] };

async function shoot(
  browser: Browser,
  origin: string,
  { name, colourScheme, ...screen }: Shot,
): Promise<void> {
  const context = await browser.newContext({
    ...screen,
    colorScheme: colourScheme,
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(`${origin}/`);
  await demoButton(page, 'alice').click();
  await channelLink(page, shownChannel).click();
  await messageWith(page, lastWords).waitFor();
  await page.mouse.move(0, 0); // what is under the mouse looks different
  await page.evaluate('document.fonts.ready.then(() => undefined)');
  if (!(await isOnScreen(page, lastWords))) throw new Error('The newest message is not on the screen.');
  const path = join(folder, `${name}-${colourScheme}.png`);
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  await context.close();
  const { size } = await stat(path);
  process.stdout.write(`${path}: ${Math.round(size / 1_000)} KB\n`);
  if (size > maxBytes) throw new Error(`${path} has ${size} bytes, more than ${maxBytes}.`);
}

const { server, close } = await openDemoServer();
const browser = await launchChromium();
try {
  await mkdir(folder, { recursive: true });
  await seedTalk(server);
  const { origin } = new URL(server.httpUrl);
  for (const screen of screens)
    for (const colourScheme of colourSchemes) await shoot(browser, origin, { ...screen, colourScheme });
} finally {
  await browser.close();
  await close();
}
