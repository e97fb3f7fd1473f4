import { type Browser, chromium } from 'playwright-core';
import { chromiumPath, missingBrowser, missingWholeBrowser, wholeChromiumPath } from './find-chromium.ts';

/** It knows no host but this computer: whatever asks for another one finds nothing. */
const alone = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1';

/** A real Chromium. */
export function launchChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error(`No browser: ${missingBrowser}`);
  return chromium.launch({ executablePath: chromiumPath, args: [alone] });
}

/** One that shows notifications. Its windows are on no screen. */
export function launchWholeChromium(): Promise<Browser> {
  if (wholeChromiumPath === undefined) throw new Error(`No browser: ${missingWholeBrowser}`);
  const args = [alone, '--headless=new'];
  return chromium.launch({ executablePath: wholeChromiumPath, headless: false, args });
}
