import { describe, expect, it } from 'vitest';
import { signUp } from '../client/people.ts';
import { countStreams } from './count-streams.ts';
import { accountMenu, logOf, openChannel, send, signIn, textsIn } from './screen.ts';
import { openDirectChannel } from './seed.ts';
import { stageOfAll } from './stage.ts';

const stage = stageOfAll();
let worlds = 0;

/** Two people with a channel, signed in nowhere yet. */
async function world() {
  const { httpUrl } = stage.server();
  worlds += 1;
  const [ada, bob] = [await signUp(httpUrl, `ada.${worlds}`), await signUp(httpUrl, `bob.${worlds}`)];
  await openDirectChannel(httpUrl, ada, bob);
  return { ada, bob };
}
const counted = /^(ada|bob|two) \d+$/;

describe('two tabs of one browser', () => {
  it('show everything once, by one stream, and the other goes on when the leading one is closed', async () => {
    const { ada, bob } = await world();
    const adas = await stage.openBrowser();
    const streams = countStreams(adas.context);
    const one = await adas.openTab();
    await signIn(one, ada.handle);
    await openChannel(one, bob.handle);
    const two = await adas.openTab();
    await openChannel(two, bob.handle);
    const bobs = await (await stage.openBrowser()).openTab();
    await signIn(bobs, bob.handle);
    await openChannel(bobs, ada.handle);

    await send(bobs, 'bob 1');
    await send(one, 'ada 1');
    await logOf(two).getByText('ada 1', { exact: true }).waitFor();
    await send(two, 'two 1');
    for (const page of [one, two, bobs])
      await expect
        .poll(() => textsIn(page, counted).then((texts) => texts.toSorted()))
        .toEqual(['ada 1', 'bob 1', 'two 1']);
    expect(await textsIn(one, counted)).toEqual(await textsIn(bobs, counted));
    expect(await textsIn(two, counted)).toEqual(await textsIn(bobs, counted));
    // Whoever comes catches up by themselves, and is then told by the one that leads.
    await expect.poll(streams.now).toBe(1);

    const leader = streams.tab();
    const left = leader === one ? two : one;
    await leader?.close();
    await send(bobs, 'bob 2');
    await send(left, 'ada 2');
    await logOf(left).getByText('bob 2', { exact: true }).waitFor();
    await logOf(bobs).getByText('ada 2', { exact: true }).waitFor();
    await expect.poll(() => textsIn(left, counted)).toHaveLength(5);
    expect(await textsIn(left, counted)).toEqual(await textsIn(bobs, counted));
    expect(streams.now()).toBe(1);
    expect(streams.tab()).toBe(left);
  });
});

describe('a session that is revoked on another device', () => {
  it('ends within five seconds: the sign-in screen is there, and says why', async () => {
    const { ada } = await world();
    const here = await (await stage.openBrowser()).openTab();
    await signIn(here, ada.handle);
    const there = await (await stage.openBrowser()).openTab();
    await signIn(there, ada.handle);
    await accountMenu(there).click();
    await there.getByRole('menuitem', { name: 'Settings' }).click();
    await there
      .getByRole('listitem')
      .filter({ hasText: 'Chrome', hasNotText: 'this one' })
      .getByRole('button', { name: 'Sign out' })
      .click();
    await there.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
    await here.getByLabel('Handle').waitFor({ timeout: 5_000 });
    await here.getByText(/signed out/i).waitFor();
    expect(await accountMenu(here).count()).toBe(0);
    expect(await accountMenu(there).count()).toBe(1);
  });
});
