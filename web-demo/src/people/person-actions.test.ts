import { describe, expect, it } from 'vitest';
import type { Person } from './person.ts';
import { actionsWith } from './person-actions.ts';

const yes = { __typename: 'Verdict', isAllowed: true, code: null, explanation: null, until: null } as const;
const no = { ...yes, isAllowed: false, code: 'NOT_ACCEPTING', explanation: 'Not that way.' } as const;

const person = (viewerContact: Person['viewerContact'], verdict: typeof yes | typeof no = yes): Person => ({
  __typename: 'User',
  id: 'usr2',
  handle: 'bo',
  displayName: 'Bo',
  colour: '#336699',
  viewerContact,
  viewerCan: {
    __typename: 'UserAbilities',
    id: 'abl2',
    openDirectChannel: verdict,
    requestContact: verdict,
    addToGroup: verdict,
  },
});

describe('what can be done with a person', () => {
  it.for([
    ['NONE', 'message request | block'],
    ['REQUESTED_BY_ME', 'message | withdraw block'],
    ['REQUESTED_BY_THEM', 'accept decline | message block'],
    ['CONTACT', 'message | remove block'],
    ['BLOCKED_BY_ME', 'unblock | message'],
  ] as const)('who is %s to the viewer: %s', ([state, expected]) => {
    const { main, more } = actionsWith(person(state));
    const acts = (list: typeof main) => list.map(({ act }) => act).join(' ');
    expect(`${acts(main)} | ${acts(more)}`).toBe(expected);
  });

  it('says the reason of the server before anything is clicked', () => {
    const { main, more } = actionsWith(person('NONE', no));
    expect(main.map(({ reason }) => reason)).toEqual(['Not that way.', 'Not that way.']);
    expect(more.map(({ reason }) => reason)).toEqual([undefined]);
  });

  it('says that the viewer has blocked them, which the server does not', () => {
    const [message] = actionsWith(person('BLOCKED_BY_ME', no)).more;
    expect(message?.reason).toBe('You have blocked them: unblock them first.');
  });
});
