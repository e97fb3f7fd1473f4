import type { Page } from 'playwright-core';

// A browser without windows shows every page as if it were in front. What a page is told when another window covers it, it is told here.

const events = `document.dispatchEvent(new Event('visibilitychange'));`;

/** The window is behind others, and its owner looks at something else. */
export const putBehind = (page: Page): Promise<unknown> =>
  page.evaluate(`{
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: 'hidden' });
    Object.defineProperty(document, 'hidden', { configurable: true, value: true });
    document.hasFocus = () => false;
    ${events}
    window.dispatchEvent(new Event('blur'));
  }`);

/** The window is seen, but another one has the focus. */
export const putAside = (page: Page): Promise<unknown> =>
  page.evaluate(`{
    document.hasFocus = () => false;
    window.dispatchEvent(new Event('blur'));
  }`);

export const bringBack = (page: Page): Promise<unknown> =>
  page.evaluate(`{
    delete document.visibilityState;
    delete document.hidden;
    delete document.hasFocus;
    ${events}
    window.dispatchEvent(new Event('focus'));
  }`);
