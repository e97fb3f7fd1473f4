import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';

/** What a browser complains about, from the moment at which it is watched. */
export type Watched = {
  /** Fails with every problem there was. */
  expectQuiet(): void;
};

/** What a browser says about a network that is gone. Only tests that cut it allow for that. */
export const networkIsGone =
  /net::ERR_|WebSocket connection to \S+ failed|An unknown error occurred when fetching the script/;

type Options = {
  /** Where everything must come from. */
  readonly origin: string;
  /** Problems that this test makes on purpose. */
  readonly allows?: RegExp | undefined;
};

/**
 * Watches all pages and workers of a browser: their consoles, what they throw, the security policy, dialogs, and that nothing asks another
 * host.
 */
export async function watch(context: BrowserContext, { origin, allows }: Options): Promise<Watched> {
  const problems: string[] = [];
  const note = (problem: string) => {
    if (!allows?.test(problem)) problems.push(problem);
  };
  const isOurs = (url: string) =>
    /^(data|blob|about):/.test(url) || new URL(url).origin.replace(/^ws/, 'http') === origin;
  const noteOthers = (url: string) => {
    if (!isOurs(url)) note(`asked another host: ${url}`);
  };
  context.on('console', (said) => {
    if (['error', 'warning', 'assert'].includes(said.type()))
      note(`console: ${said.text()} (${said.location().url})`);
  });
  context.on('weberror', (thrown) => note(`thrown: ${thrown.error().stack ?? thrown.error().message}`));
  context.on('request', (request) => noteOthers(request.url()));
  context.on('page', (page) => watchPage(page, { note, noteOthers }));
  // The browser's own words about it are on the console, too, but not for every directive.
  await context.addInitScript(`document.addEventListener('securitypolicyviolation', (event) =>
    console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample))`);
  return { expectQuiet: () => expect(problems, 'what the browser complains about').toEqual([]) };
}

type Notes = { readonly note: (problem: string) => void; readonly noteOthers: (url: string) => void };

function watchPage(page: Page, { note, noteOthers }: Notes): void {
  page.on('websocket', (socket) => noteOthers(socket.url()));
  page.on('crash', () => note('the page crashed'));
  page.on('dialog', (dialog) => {
    note(`dialog: ${dialog.message()}`);
    void dialog.dismiss().catch(() => undefined);
  });
}
