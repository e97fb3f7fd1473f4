import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { type SignedIn, signUp } from '../client/people.ts';
import { logOf, openChannel, signIn } from './screen.ts';
import { change, openDirectChannel, openSender } from './seed.ts';
import { stageOfAll } from './stage.ts';

const stage = stageOfAll({
  MESSAGES_PER_MINUTE: '1000000',
  FRAMES_PER_SECOND: '100000',
  FRAMES_BURST: '100000',
  FIELDS_PER_MINUTE: '1000000000',
});
const messages = 20_000;
/** Less than half of what is on the screen at once, so that each message is there at some time, even if two steps come together. */
const stepPx = 1_000;
const viewport = { width: 900, height: 2_400 };
/** More than the way has, if each step moves by as much. */
const maxSteps = 6_000;

const recorder = join(import.meta.dirname, 'scroll-record.mjs');

type Record = {
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly holes: readonly number[];
  readonly problems: readonly string[];
  readonly movedPx: number;
  readonly frames: number;
};

/** Turns the wheel, a step for each frame, until `isThere` of the smallest and the largest number that were on the screen. */
async function turn(
  page: Page,
  { stepY, isThere }: { readonly stepY: number; readonly isThere: (least: number, most: number) => boolean },
) {
  await page.evaluate(`scrollRecord.start(document.querySelector('[role="log"]'), ${-Math.sign(stepY)})`);
  for (let steps = 1; steps <= maxSteps; steps += 1) {
    await page.mouse.wheel(0, stepY);
    const [least, most] = await page.evaluate<[number, number]>('scrollRecord.reached()');
    if (isThere(least, most)) {
      // What stands beside it is drawn a moment later.
      await page.evaluate('scrollRecord.reached()');
      const record = await page.evaluate<Record>('scrollRecord.read()');
      return { ...record, turnedPx: steps * Math.abs(stepY) };
    }
  }
  const record = await page.evaluate<Record>('scrollRecord.read()');
  throw new Error(`It never came there: ${JSON.stringify(record)}`);
}

/** A direct channel with so many messages by the other person, all of them read. */
async function seed(viewer: SignedIn, other: SignedIn): Promise<void> {
  const { httpUrl, socketUrl } = stage.server();
  const channelId = await openDirectChannel(httpUrl, viewer, other);
  const sender = openSender(socketUrl, other);
  await sender.sendAll(
    channelId,
    Array.from({ length: messages }, (_, index) => `message ${index + 1}`),
  );
  await sender.close();
  await change(httpUrl, viewer, { name: 'markRead', input: { channelId, number: messages } });
}

describe('a channel of twenty thousand messages', () => {
  it('scrolls to its beginning and back: each message once, in order, without a jump', {
    timeout: 420_000,
  }, async () => {
    const { httpUrl } = stage.server();
    const [ada, bob] = [await signUp(httpUrl, 'ada'), await signUp(httpUrl, 'bob')];
    await seed(ada, bob);
    const browser = await stage.openBrowser({ viewport });
    await browser.context.addInitScript({ path: recorder });
    const page = await browser.openTab();
    await signIn(page, ada.handle);
    await openChannel(page, 'bob');
    const log = logOf(page);
    await log.getByText(`message ${messages}`, { exact: true }).waitFor();
    await log.hover();

    const isWhole = { first: 1, last: messages, count: messages, holes: [], problems: [] };
    const up = await turn(page, { stepY: -stepPx, isThere: (least) => least === 1 });
    expect(up).toMatchObject(isWhole);
    // What moved without the wheel would be a jump. Where it waits for a page, the wheel moves nothing.
    expect(up.movedPx).toBeLessThanOrEqual(up.turnedPx);

    const down = await turn(page, { stepY: stepPx, isThere: (_, most) => most === messages });
    expect(down).toMatchObject(isWhole);
    expect(-down.movedPx).toBeLessThanOrEqual(down.turnedPx);
  });
});
