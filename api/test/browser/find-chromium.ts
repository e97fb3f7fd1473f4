import { existsSync } from 'node:fs';

/** Where a Chromium is usually found; the first that is there is taken. */
const places = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
] as const;

export const chromiumPath = places.find((place) => existsSync(place));

/** What this machine lacks for a browser, in words; undefined when nothing. */
export const missingBrowser =
  chromiumPath === undefined
    ? `there is none of ${places.join(', ')}: install the package chromium-headless-shell of Debian.`
    : undefined;
