import { describe, expect, it, vi } from 'vitest';
import type { User } from './account/users.ts';
import { authorMs, createAuthors } from './authors.ts';
import { type UserId, userIdOf } from './ids.ts';

const [ada, ben, nobody] = [userIdOf(1n), userIdOf(2n), userIdOf(3n)];

/** A world in which everybody is called by how often it was read. */
function openPeople() {
  const time = { now: 1_000 };
  const reads: UserId[][] = [];
  const failures: Error[] = [];
  const read = async (ids: readonly UserId[]) => {
    reads.push([...ids]);
    const failure = failures.pop();
    if (failure) throw failure;
    return ids.filter((id) => id !== nobody).map((id) => personOf(id, reads.length));
  };
  const authors = createAuthors({ clock: { now: () => time.now }, read });
  const namesOf = async (...ids: UserId[]) =>
    (await authors.of(ids)).map(({ id, displayName }) => `${id} ${displayName}`);
  return { time, reads, failures, authors, namesOf };
}

const personOf = (id: UserId, nth: number): User => ({
  ...{ id, handle: `person${id}`, displayName: `read ${nth}`, colour: '#112233', relation: undefined },
  ...{ isInvisible: false, lastSeenVisibleTo: 'CO_MEMBERS', sharesReadPosition: true, lastSeenAt: null },
});

describe('authors of events', () => {
  it('are read once for all events of a moment, and again when that is over', async () => {
    const { time, reads, namesOf } = openPeople();
    expect(await Promise.all([namesOf(ada), namesOf(ada, ben), namesOf(ben)])).toEqual([
      [`${ada} read 1`],
      [`${ada} read 1`, `${ben} read 1`],
      [`${ben} read 1`],
    ]);
    time.now += authorMs - 1;
    expect(await namesOf(ada)).toEqual([`${ada} read 1`]);
    time.now += 1;
    expect(await namesOf(ada)).toEqual([`${ada} read 2`]);
    expect(reads).toEqual([[ada, ben], [ada]]);
  });

  it('are read again at once when this process has changed them', async () => {
    const { authors, namesOf } = openPeople();
    await namesOf(ada, ben);
    authors.forget(ada);
    expect(await namesOf(ada, ben)).toEqual([`${ada} read 2`, `${ben} read 1`]);
  });

  it('are not those of a read that began before they were changed', async () => {
    const { authors, reads, namesOf } = openPeople();
    const before = namesOf(ada);
    await vi.waitUntil(() => reads.length === 1);
    authors.forget(ada);
    expect(await namesOf(ada)).toEqual([`${ada} read 2`]);
    expect(await before).toEqual([`${ada} read 1`]);
  });

  it('are left out where they do not exist, and told to nobody when they could not be read', async () => {
    const { failures, namesOf } = openPeople();
    expect(await namesOf(nobody, ada)).toEqual([`${ada} read 1`]);
    failures.push(new Error('away'));
    await expect(namesOf(ben)).rejects.toThrow('away');
    expect(await namesOf(ben)).toEqual([`${ben} read 3`]);
  });

  it('are all there also when one of them was read before ten thousand others', async () => {
    const { authors, namesOf } = openPeople();
    const many = Array.from({ length: 10_000 }, (_, nth) => userIdOf(BigInt(nth + 10)));
    for (let from = 0; from < many.length; from += 1_000) await authors.of(many.slice(from, from + 1_000));
    const [first = ada] = many;
    expect(await namesOf(first, ada)).toEqual([`${first} read 1`, `${ada} read 11`]);
  });

  it('are as old as the clock says also when it is set back', async () => {
    const { time, namesOf } = openPeople();
    await namesOf(ada);
    time.now -= 10;
    expect(await namesOf(ada)).toEqual([`${ada} read 2`]);
  });
});
