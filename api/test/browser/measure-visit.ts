import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';

/** What is measured of one visit. The first three in milliseconds after it began. */
export type Visit = {
  readonly lcpMs: number;
  /** When the first thing that one can use was there. */
  readonly readyMs: number;
  /** When nothing kept it from answering any more. */
  readonly interactiveMs: number;
  /** Scripts and styles, as they came over the wire. */
  readonly codeBytes: number;
  /** From a click to what it asked for. */
  readonly answeredMs: number;
};

export type VisitKind = {
  readonly name: string;
  /** What a browser has from earlier: nothing, or who is signed in. */
  readonly storageState?: BrowserContextOptions['storageState'];
  /** The first thing that one can use. A selector, as the page itself looks for it. */
  readonly awaited: string;
  readonly click: (page: Page) => Locator;
  /** What is there when the click has been answered. */
  readonly answer: (page: Page) => Locator;
};

/** A phone of the middle class is so much slower than this computer. */
const slowDown = 4;
const clock = join(import.meta.dirname, 'vitals-clock.mjs');

/** One visit with empty caches, on a processor that is slowed down. */
export async function measureVisit(browser: Browser, origin: string, kind: VisitKind): Promise<Visit> {
  const { storageState } = kind;
  const context = await browser.newContext({ locale: 'en-GB', ...(storageState && { storageState }) });
  try {
    return await visit(context, origin, kind);
  } finally {
    await context.close();
  }
}

async function visit(context: BrowserContext, origin: string, kind: VisitKind): Promise<Visit> {
  await context.addInitScript({ path: clock });
  await context.addInitScript(`startVitals(${JSON.stringify(kind.awaited)})`);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowDown });
  await page.goto(`${origin}/`, { waitUntil: 'commit' });
  const vitals = await page.evaluate<Omit<Visit, 'answeredMs'>>('readVitals()');
  const clicked = performance.now();
  await kind.click(page).click();
  await kind.answer(page).waitFor();
  return { ...vitals, answeredMs: performance.now() - clicked };
}
