import { describe, expect, it } from 'vitest';
import { channelIdOf, userIdOf } from '../ids.ts';
import { newGroup } from '../ports/memberships.memory.ts';
import type { Roster } from '../ports/memberships.ts';
import type { Role } from '../stream/event.ts';
import type { GroupUpdate } from './group.policy.ts';
import { updateInRoster } from './update-group.ts';

const ada = userIdOf(1n);

/** A group called Crew, about sailing, of Ada alone. */
const rosterOf = (role: Role): Roster => ({
  channel: { ...newGroup, id: channelIdOf(1n), name: 'Crew', topic: 'Sailing' },
  members: [{ userId: ada, role }],
  candidates: new Map(),
});
const updated = (wanted: GroupUpdate, role: Role = 'ADMIN') => {
  const { update, result, changes } = updateInRoster(rosterOf(role), ada, wanted);
  expect(changes).toEqual([]);
  return result.allowed ? update : result.code;
};

describe('of a group changes', () => {
  it.for([
    ['nothing, when nothing is given', updated({}), {}],
    ['nothing, when it is so already', updated({ name: ' Crew ', topic: 'Sailing ' }), {}],
    ['the name', updated({ name: ' Fleet ', topic: 'Sailing' }), { name: 'Fleet' }],
    ['the topic', updated({ name: 'Crew', topic: 'Ports' }), { topic: 'Ports' }],
    ['the topic, which goes', updated({ topic: null }), { topic: null }],
    ['the topic, which goes as an empty one', updated({ topic: ' ' }), { topic: null }],
    ['what is seen', updated({ historyVisibility: 'ALL' }), { historyVisibility: 'ALL' }],
    ['not what is seen, when it is so already', updated({ historyVisibility: 'FROM_JOINING' }), {}],
    [
      'all of it',
      updated({ name: 'Fleet', topic: 'Ports', historyVisibility: 'ALL' }),
      { name: 'Fleet', topic: 'Ports', historyVisibility: 'ALL' },
    ],
    ['nothing by a member', updated({ name: 'Fleet' }, 'MEMBER'), 'ROLE_TOO_LOW'],
  ] as const)('%s', ([, answer, expected]) => {
    expect(answer).toEqual(expected);
  });
});
