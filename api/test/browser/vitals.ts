import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { type Spread, spreadOf } from '../../../bench/spread.ts';
import { launchChromium } from './chromium.ts';
import { openDemoServer, signInDemo } from './demo-server.ts';
import { fillAccount } from './fill-account.ts';
import { measureVisit, type Visit, type VisitKind } from './measure-visit.ts';
import { channelLink, demoButton, logOf } from './screen.ts';

const usage = `npm run demo:vitals -- [--json]

How fast the web demo is there on a first visit, with empty caches, in Chromium on a processor slowed down four times: signed out, and
signed in with fifty channels. The larger figure of the two counts, each the median of the runs.
Goals: 120 KB of scripts and styles, zipped; the largest paint after 1000 ms; interactive after 1500 ms.

  --json      the last line is one line of JSON
  --runs N    how many visits of each kind (5)
`;

const goals = { gzipKb: 120, lcpMs: 1_000, interactiveMs: 1_500 } as const;

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Who is signed in is kept in the browser; all else of an earlier visit is not. */
async function signedInState(browser: Browser, origin: string) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${origin}/`);
    await demoButton(page, 'alice').click();
    await channelLink(page).first().waitFor();
    return await context.storageState();
  } finally {
    await context.close();
  }
}

async function kindsOf(browser: Browser, origin: string): Promise<readonly VisitKind[]> {
  const signedOut: VisitKind = {
    name: 'signed out',
    awaited: 'button[type="submit"]',
    click: (page: Page) => demoButton(page, 'alice'),
    answer: (page: Page) => channelLink(page).first(),
  };
  const signedIn: VisitKind = {
    name: 'signed in, 50 channels',
    storageState: await signedInState(browser, origin),
    awaited: 'a[href^="#/channel/"]',
    click: (page: Page) => channelLink(page).first(),
    answer: (page: Page) => logOf(page),
  };
  return [signedOut, signedIn];
}

type Figures = Readonly<Record<'gzipKb' | 'lcpMs' | 'readyMs' | 'interactiveMs' | 'answeredMs', Spread>>;

const figuresOf = (visits: readonly Visit[]): Figures => ({
  gzipKb: spreadOf(visits.map(({ codeBytes }) => codeBytes / 1_000)),
  lcpMs: spreadOf(visits.map(({ lcpMs }) => lcpMs)),
  readyMs: spreadOf(visits.map(({ readyMs }) => readyMs)),
  interactiveMs: spreadOf(visits.map(({ interactiveMs }) => interactiveMs)),
  answeredMs: spreadOf(visits.map(({ answeredMs }) => answeredMs)),
});

const wordsOf = ({ median, least, most }: Spread, unit: string) => `${median} ${unit} (${least} to ${most})`;

function tell(name: string, { gzipKb, lcpMs, readyMs, interactiveMs, answeredMs }: Figures): void {
  const figures = [
    wordsOf(gzipKb, 'KB'),
    `largest paint ${wordsOf(lcpMs, 'ms')}`,
    `to be seen ${wordsOf(readyMs, 'ms')}`,
    `interactive ${wordsOf(interactiveMs, 'ms')}`,
    `a click is answered in ${wordsOf(answeredMs, 'ms')}`,
  ];
  say(`${name}: ${figures.join(', ')}`);
}

async function measure(runs: number): Promise<readonly Figures[]> {
  const { server, close } = await openDemoServer();
  const browser = await launchChromium();
  try {
    await fillAccount(server, await signInDemo(server.httpUrl, 'alice'));
    const { origin } = new URL(server.httpUrl);
    const all: Figures[] = [];
    for (const kind of await kindsOf(browser, origin)) {
      await measureVisit(browser, origin, kind); // the server has compiled and read what it needs
      const visits: Visit[] = [];
      for (let nth = 0; nth < runs; nth++) visits.push(await measureVisit(browser, origin, kind));
      const figures = figuresOf(visits);
      tell(kind.name, figures);
      all.push(figures);
    }
    return all;
  } finally {
    await browser.close();
    await close();
  }
}

async function main(): Promise<number> {
  const options = {
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
  } as const;
  const { values } = parseArgs({ options });
  const runs = Number(values.runs);
  if (values.help || !Number.isSafeInteger(runs) || runs < 1) {
    say(usage);
    return values.help ? 0 : 1;
  }
  const all = await measure(runs);
  const worst = (name: keyof typeof goals) => Math.max(...all.map((figures) => figures[name].median));
  const report = { gzipKb: worst('gzipKb'), lcpMs: worst('lcpMs'), interactiveMs: worst('interactiveMs') };
  const missed = (['gzipKb', 'lcpMs', 'interactiveMs'] as const).filter((name) => report[name] > goals[name]);
  say(missed.length > 0 ? `Missed: ${missed.join(', ')}` : 'All goals are met.');
  if (values.json) say(JSON.stringify(report));
  return 0;
}

process.exitCode = await main();
