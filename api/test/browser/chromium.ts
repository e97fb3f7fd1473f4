import { type Browser, chromium } from 'playwright-core';
import { chromiumPath, missingBrowser } from './find-chromium.ts';

/** A real Chromium. It knows no host but this computer: whatever asks for another one finds nothing. */
export function launchChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error(`No browser: ${missingBrowser}`);
  const args = ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'];
  return chromium.launch({ executablePath: chromiumPath, args });
}
