import { useSyncExternalStore } from 'react';

/** Where one is. All of it stands behind the `#` of the address, so that a server has one page only. */
export type Route =
  | { readonly screen: 'channels' }
  /** `at`: the number of a message that is to be shown. */
  | { readonly screen: 'channel'; readonly id: string; readonly at?: number }
  | { readonly screen: 'details'; readonly id: string }
  | { readonly screen: 'people' }
  | { readonly screen: 'newGroup' }
  | { readonly screen: 'settings' };

const plain = { people: 'people', newGroup: 'new-group', settings: 'settings' } as const;

export function hrefOf(route: Route): string {
  switch (route.screen) {
    case 'channels':
      return '#/';
    case 'channel': {
      const path = `#/channel/${encodeURIComponent(route.id)}`;
      return route.at === undefined ? path : `${path}/${route.at}`;
    }
    case 'details':
      return `#/channel/${encodeURIComponent(route.id)}/details`;
    default:
      return `#/${plain[route.screen]}`;
  }
}

/** Everything that is no route leads to the list of channels. */
export function routeOf(hash: string): Route {
  const [, first = '', id = '', rest = ''] = hash.split('/');
  if (first === 'channel' && id !== '') return routeOfChannel(decoded(id), rest);
  for (const screen of ['people', 'newGroup', 'settings'] as const)
    if (first === plain[screen]) return { screen };
  return { screen: 'channels' };
}

function routeOfChannel(id: string, rest: string): Route {
  if (rest === 'details') return { screen: 'details', id };
  const at = Number(rest);
  return { screen: 'channel', id, ...(rest !== '' && Number.isSafeInteger(at) && { at }) };
}

/** An address that somebody has cut in the middle is no reason to stop. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const go = (route: Route): void => {
  location.hash = hrefOf(route);
};

const onHashChange = (listener: () => void) => {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
};
let last: { readonly hash: string; readonly route: Route } | undefined;
const current = (): Route => {
  if (last?.hash !== location.hash) last = { hash: location.hash, route: routeOf(location.hash) };
  return last.route;
};

export const useRoute = (): Route => useSyncExternalStore(onHashChange, current);
