import { describe, expect, it } from 'vitest';
import type { ListedChannelFragment } from '../gql/graphql.ts';
import { activityOf, filtered, isMutedAt, nameOf, previewOf, unreadOf } from './channel-words.ts';

type Parts = { readonly [K in keyof ListedChannelFragment]?: unknown };
const person = (id: string, displayName = id) => ({
  __typename: 'User',
  id,
  handle: id,
  displayName,
  colour: '#336699',
});
const said = (text: string | null, by: string | null) => ({
  text,
  author: by && person(by, `Name of ${by}`),
  createdAt: '2026-02-01T00:00:00.000Z',
});
const state = (over: object = {}) => ({
  unreadCount: 0,
  isMuted: false,
  mutedUntil: null,
  isArchived: false,
  ...over,
});
/** A channel with what these words look at, and nothing else. */
function channel(parts: Parts): ListedChannelFragment {
  const made: unknown = {
    id: 'c',
    kind: 'GROUP',
    name: 'Garden',
    directPeer: null,
    lastMessage: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    viewerState: state(),
    ...parts,
  };
  return JSON.parse(JSON.stringify(made));
}

describe('a row of the list of channels', () => {
  it('is called by the other person where there are two', () => {
    expect(nameOf(channel({}))).toBe('Garden');
    expect(nameOf(channel({ name: null, directPeer: person('bob', 'Bob B.') }))).toBe('Bob B.');
  });

  it.each([
    ['GROUP', null, { text: 'No messages yet', isAbout: true }],
    ['GROUP', said(null, 'bob'), { text: 'Message deleted', isAbout: true }],
    ['GROUP', said('Hi', 'alice'), { by: 'You', text: 'Hi' }],
    ['GROUP', said('Hi', 'bob'), { by: 'Name of bob', text: 'Hi' }],
    ['DIRECT', said('Hi', 'bob'), { text: 'Hi' }],
    ['GROUP', said('Welcome', null), { text: 'Welcome' }],
  ])('in a %s with %j says %j', (kind, lastMessage, preview) => {
    expect(previewOf(channel({ kind, lastMessage }), 'alice')).toEqual(preview);
  });

  it('stands where something was said last, or where it was made', () => {
    expect(activityOf(channel({}))).toBe('2026-01-01T00:00:00.000Z');
    expect(activityOf(channel({ lastMessage: said('Hi', 'bob') }))).toBe('2026-02-01T00:00:00.000Z');
  });
});

describe('what calls for the viewer', () => {
  const now = Date.parse('2026-03-01T12:00:00.000Z');
  const until = (iso: string) =>
    channel({ viewerState: state({ unreadCount: 2, isMuted: true, mutedUntil: iso }) });

  it('is what is unread where nothing is muted or archived', () => {
    const channels = [
      channel({ viewerState: state({ unreadCount: 3 }) }),
      channel({ viewerState: state({ unreadCount: 5, isMuted: true }) }),
      channel({ viewerState: state({ unreadCount: 7, isArchived: true }) }),
      channel({ viewerState: state({ isMarkedUnread: true }) }),
    ];
    expect(unreadOf(channels, now)).toBe(3);
  });

  it('calls again when the muting has ended, which no event tells', () => {
    const [later, before] = [until('2026-03-01T12:00:01.000Z'), until('2026-03-01T12:00:00.000Z')];
    expect([isMutedAt(later, now), isMutedAt(before, now)]).toEqual([true, false]);
    expect(unreadOf([later, before], now)).toBe(2);
  });
});

describe('looking for a channel', () => {
  const channels = [
    channel({ id: 'garden' }),
    channel({ id: 'zoe', name: null, directPeer: person('zm', 'Zoë Müller') }),
  ];
  it.each([
    ['', ['garden', 'zoe']],
    ['  ', ['garden', 'zoe']],
    ['GARD', ['garden']],
    ['muller zoe', ['zoe']],
    ['zm', ['zoe']],
    ['zoe garden', []],
  ])('by %j finds %j', (text, ids) => {
    expect(filtered(channels, text).map(({ id }) => id)).toEqual(ids);
  });
});
