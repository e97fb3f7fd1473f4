import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, inject, onTestFinished, vi } from 'vitest';
import type { ServerProcess } from '../../../bench/server-process.ts';
import { serverOfAll } from '../e2e/running.ts';
import { requires } from '../requirements.ts';
import { launchChromium, launchWholeChromium } from './chromium.ts';
import { missingBrowser, missingWholeBrowser } from './find-chromium.ts';
import { type Watched, watch } from './watch.ts';

/** A browser of somebody's own: nothing is shared with others. Its tabs share what is stored in it. */
export type OpenBrowser = {
  readonly context: BrowserContext;
  /** A new tab, on the page of the server. */
  openTab(): Promise<Page>;
  readonly watched: Watched;
};

type Options = BrowserContextOptions & {
  /** Problems that the test makes on purpose. */
  readonly allows?: RegExp;
  /** Of another server than that of the file, or of the way to it. */
  readonly origin?: string;
};

export type StageOptions = {
  /** Whether the browser has to show notifications. */
  readonly isWhole?: boolean;
};

export type Stage = {
  readonly server: () => ServerProcess;
  openBrowser(options?: Options): Promise<OpenBrowser>;
};

/** Far more than anything takes; a test then says what it has been waiting for. */
const patienceMs = 15_000;
/** Several such waits, and the browsers of several people. */
const testMs = 90_000;

/**
 * One server and one Chromium for all tests of a file. Each browser that a test opens is closed at its end, and the test fails when one of them
 * has complained.
 */
export function stageOfAll(
  settings: Readonly<Record<string, string>> = {},
  { isWhole = false }: StageOptions = {},
): Stage {
  vi.setConfig({ testTimeout: testMs });
  const isThere = requires('browser', isWhole ? missingWholeBrowser : missingBrowser);
  beforeAll(() => {
    if (inject('demoProblem')) throw new Error(`The web demo cannot be built: ${inject('demoProblem')}`);
  });
  const absent = (): never => {
    throw new Error('The stage stands only while tests run.');
  };
  const server = isThere ? serverOfAll({ LOG_LEVEL: 'error', ...settings }) : absent;
  const chromium = isThere ? chromiumOfAll(isWhole ? launchWholeChromium : launchChromium) : absent;
  const opened: OpenBrowser[] = [];

  afterEach(async ({ task }) => {
    const browsers = opened.splice(0);
    if (task.result?.state === 'fail') await tellScreens(task.name, browsers);
    await Promise.all(browsers.map(({ context }) => context.close()));
  });

  return {
    server,
    async openBrowser({ allows, origin = new URL(server().httpUrl).origin, ...options } = {}) {
      const context = await chromium().newContext({ locale: 'en-GB', baseURL: origin, ...options });
      context.setDefaultTimeout(patienceMs);
      const watched = await watch(context, { origin, allows });
      const openTab = async () => {
        const page = await context.newPage();
        await page.goto(`${origin}/`);
        return page;
      };
      const browser = { context, openTab, watched };
      opened.push(browser);
      // After all that is closed at the end: what fails there would leave the rest open.
      onTestFinished(watched.expectQuiet);
      return browser;
    },
  };
}

function chromiumOfAll(launch: () => Promise<Browser>): () => Browser {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());
  return () => {
    if (browser === undefined) throw new Error('The browser runs only while tests do.');
    return browser;
  };
}

/** What was on the screens when a test failed, as somebody hears it who does not see it. */
async function tellScreens(name: string, browsers: readonly OpenBrowser[]): Promise<void> {
  const pages = browsers.flatMap(({ context }) => context.pages());
  for (const page of pages) {
    const screen = await page.locator('body').ariaSnapshot({ timeout: 2_000 }).catch(String);
    process.stderr.write(`${name}, ${page.url()}:\n${screen}\n\n`);
  }
}
