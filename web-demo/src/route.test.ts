import { describe, expect, it } from 'vitest';
import { hrefOf, type Route, routeOf } from './route.ts';

const routes: readonly Route[] = [
  { screen: 'channels' },
  { screen: 'channel', id: 'Q2hhbm5lbDox' },
  { screen: 'channel', id: 'a/b c+=', at: 12 },
  { screen: 'details', id: 'a/b' },
  { screen: 'people' },
  { screen: 'newGroup' },
  { screen: 'settings' },
];

describe('An address', () => {
  it.for(routes)('leads back to where it came from: %j', (route) => {
    expect(routeOf(hrefOf(route))).toEqual(route);
  });

  it.for(['', '#', '#/', '#/nowhere', '#/channel', '#/channel/'])(
    'that is no place leads to the list: %s',
    (hash) => {
      expect(routeOf(hash)).toEqual({ screen: 'channels' });
    },
  );

  it('that was cut in the middle is taken as it is', () => {
    expect(routeOf('#/channel/%E0%A4%A')).toEqual({ screen: 'channel', id: '%E0%A4%A' });
  });

  it('with a number that is none has no number', () => {
    expect(routeOf('#/channel/a/1.5')).toEqual({ screen: 'channel', id: 'a' });
  });
});
