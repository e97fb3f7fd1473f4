import { existsSync } from 'node:fs';

/** Debian's Chromium without anything of a desktop: the smallest that runs pages. It refuses notifications, whatever it is told. */
const withoutDesktop = '/usr/bin/chromium-headless-shell';
/** Where a whole one is usually found; the first that is there is taken. */
const whole = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
] as const;

const places = [withoutDesktop, ...whole];
export const chromiumPath = places.find((place) => existsSync(place));
/** One that shows notifications. */
export const wholeChromiumPath = whole.find((place) => existsSync(place));

/** What this machine lacks for a browser, in words; undefined when nothing. */
export const missingBrowser =
  chromiumPath === undefined
    ? `there is none of ${places.join(', ')}: install the package chromium-headless-shell of Debian.`
    : undefined;
export const missingWholeBrowser =
  wholeChromiumPath === undefined
    ? `there is none of ${whole.join(', ')}: install the package chromium of Debian.`
    : undefined;
