import { createContext, use, useEffect, useMemo, useRef } from 'react';
import { useChat } from '../chat/chat-context.tsx';
import { MarkReadDocument } from '../gql/graphql.ts';
import { createReading } from './reading.ts';

/** At most so often. */
const pauseMs = 500;
/** So much of a bubble has to be on the screen. */
const margin = '0px 0px -16px 0px';

export type Watch = (element: Element, number: number) => () => void;
export const WatchContext = createContext<Watch | undefined>(undefined);

/** The ref of a bubble: while it is on the screen and somebody looks, it is being read. */
export function useWatched(number: number) {
  const watch = use(WatchContext);
  return useMemo(
    () => (element: HTMLElement | null) => (element && watch ? watch(element, number) : undefined),
    [watch, number],
  );
}

type State = {
  readonly channelId: string;
  readonly readNumber: number;
  readonly isMarkedUnread: boolean;
};

/** What bubbles are watched with. `root`: what they scroll in. */
export function useMarkRead({ channelId, ...state }: State, root: () => Element | null): Watch {
  const { client, connection } = useChat();
  const latest = useRef(state);
  useEffect(() => {
    latest.current = state;
  });
  const reading = useMemo(
    () =>
      createReading({
        mark: (number) =>
          client
            .mutation(MarkReadDocument, { channelId, number })
            .toPromise()
            .then(({ data }) => data?.markRead.__typename === 'MarkReadPayload'),
        isLooking: () => document.visibilityState === 'visible' && document.hasFocus(),
        readNumber: () => latest.current.readNumber,
        isMarkedUnread: latest.current.isMarkedUnread,
        pause(next) {
          const timer = setTimeout(next, pauseMs);
          return () => clearTimeout(timer);
        },
      }),
    [client, channelId],
  );
  useEffect(() => {
    addEventListener('focus', reading.look);
    document.addEventListener('visibilitychange', reading.look);
    const unsubscribe = connection.subscribe(reading.look);
    return () => {
      removeEventListener('focus', reading.look);
      document.removeEventListener('visibilitychange', reading.look);
      unsubscribe();
      reading.close();
    };
  }, [reading, connection]);
  return useMemo(() => watchIn(reading, root), [reading, root]);
}

function watchIn(reading: ReturnType<typeof createReading>, root: () => Element | null): Watch {
  const numbers = new WeakMap<Element, number>();
  let observer: IntersectionObserver | undefined;
  const onChange = (entries: readonly IntersectionObserverEntry[]) => {
    for (const { target, isIntersecting } of entries)
      if (isIntersecting) reading.onVisible(target, numbers.get(target) ?? 0);
      else reading.onHidden(target);
  };
  return (element, number) => {
    observer ??= new IntersectionObserver(onChange, { root: root(), rootMargin: margin });
    numbers.set(element, number);
    observer.observe(element);
    return () => {
      observer?.unobserve(element);
      reading.onHidden(element);
    };
  };
}
