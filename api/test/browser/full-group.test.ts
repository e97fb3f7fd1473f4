import { describe, expect, it } from 'vitest';
import { createGroup, type SignedIn, signUp } from '../client/people.ts';
import { openChannel, signIn } from './screen.ts';
import { stageOfAll } from './stage.ts';

const stage = stageOfAll();
const most = 100;
/** As many as hash their passwords at the same time on a small machine. */
const atOnce = 2;

async function signUpMany(httpUrl: string, count: number): Promise<readonly SignedIn[]> {
  const people: SignedIn[] = [];
  while (people.length < count) {
    const handles = Array.from({ length: atOnce }, (_, nth) => `member.${people.length + nth}`);
    people.push(...(await Promise.all(handles.map((handle) => signUp(httpUrl, handle)))));
  }
  return people;
}

describe('a group of a hundred', () => {
  it('shows all of its members, and says why there is no place for one more', {
    timeout: 120_000,
  }, async () => {
    const { httpUrl } = stage.server();
    const [owner, ...others] = await signUpMany(httpUrl, most);
    if (owner === undefined) throw new Error('There is nobody.');
    await createGroup(httpUrl, owner, { name: 'Everybody', members: others });
    const page = await (await stage.openBrowser()).openTab();
    await signIn(page, owner.handle);
    await openChannel(page, 'Everybody');
    await page.getByText('100 members').first().waitFor();
    await page.getByRole('link', { name: /details/i }).click();
    const members = page.getByRole('region', { name: /^Members/ });
    await members.getByText('100 of 100').waitFor();
    await expect.poll(() => members.getByRole('listitem').count()).toBe(most);
    expect(await members.getByRole('button', { name: 'Add people' }).isDisabled()).toBe(true);
    await members.getByText(/^The group is full: it can have 100 people/).waitFor();
  });
});
