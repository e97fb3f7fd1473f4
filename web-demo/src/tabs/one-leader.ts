import type { ChatEvent } from '../sync/apply-event.ts';
import { createId } from '../sync/outbox.ts';
import { createWritable, type Readable } from '../sync/readable.ts';
import { browserLocks, type Locks } from './locks.ts';

export type Connection = 'connecting' | 'catchingUp' | 'live' | 'offline' | 'signedOut';

/** What the tabs of one browser say to each other. `term` names one leadership, `place` counts its events. */
type Told = { readonly kind: 'hello' } | News;
type News =
  | { readonly kind: 'event'; readonly term: string; readonly place: number; readonly event: ChatEvent }
  | { readonly kind: 'state'; readonly term: string; readonly place: number; readonly state: Connection };

type Parts = {
  /** The same for all tabs of one account. */
  readonly name: string;
  /** Runs the subscription over the socket, from the cursors on; what is returned ends it. */
  readonly subscribe: (next: (event: ChatEvent) => void) => () => void;
  /** Takes an event in, with its cursor. Taking one in twice does no harm. */
  readonly take: (event: ChatEvent) => void;
  /** How the socket is. */
  readonly socket: Readable<Connection>;
  readonly onLeading: (isLeading: boolean) => void;
  /** Whether somebody looks at this tab. */
  readonly isVisible: () => boolean;
  readonly locks?: Locks;
};

export type Stream = { readonly connection: Readable<Connection>; close(): void };

const tellMs = 3_000;
/** So long nothing from who leads: a tab in the background may have been put to sleep. */
const silenceMs = 10_000;
/** While a tab catches up it keeps so much of what it is told; with more it begins again. */
const maxWaiting = 1_000;

/**
 * The stream, once per browser: of all tabs one leads. It has the subscription, and hands each event on. Every tab begins by
 * catching up over the socket by itself, and does so again whenever it cannot be sure that it has been told everything: so no
 * tab depends on what another one has stored or said before.
 */
export function openStream({
  name,
  subscribe,
  take,
  socket,
  onLeading,
  isVisible,
  locks = browserLocks,
}: Parts): Stream {
  const tabs = new BroadcastChannel(name);
  const isOver = new AbortController();
  const connection = createWritable<Connection>(socket.get());
  const own = createId();
  let isLeading = false;
  let place = 0;
  let end: (() => void) | undefined;
  /** What was told while this tab was catching up. */
  let waiting: ChatEvent[] = [];
  let heard = { term: '', place: 0, at: Date.now() };
  let state: Connection = 'connecting';

  const tell = (told: Told) => tabs.postMessage(told);
  const tellState = () => {
    if (isLeading) tell({ kind: 'state', term: own, place, state: connection.get() });
  };

  function showState(): void {
    if (end !== undefined) connection.set(socket.get() === 'live' ? state : socket.get());
    tellState();
  }

  function start(): void {
    if (end !== undefined || isOver.signal.aborted) return;
    state = 'catchingUp';
    end = subscribe((event) => {
      take(event);
      if (isLeading) tell({ kind: 'event', term: own, place: ++place, event });
      if (event.__typename === 'CaughtUp') onCaughtUp();
    });
    showState();
  }

  function stop(): void {
    end?.();
    end = undefined;
    waiting = [];
  }

  function onCaughtUp(): void {
    state = 'live';
    showState();
    for (const event of waiting.splice(0)) take(event);
    // Who has been told of a leader is told what follows. Otherwise nobody leads, and the lock will come.
    if (!isLeading && heard.term !== '') stop();
  }

  function hear(told: Told): void {
    if (told.kind === 'hello') tellState();
    else if (!isLeading) follow(told);
  }

  function follow(told: News): void {
    const isNext = told.term === heard.term && told.place === heard.place + (told.kind === 'event' ? 1 : 0);
    const isFirst = heard.term === '' && state !== 'live';
    heard = { term: told.term, place: told.place, at: Date.now() };
    if (!isNext && !isFirst) stop(); // something may have been told that was not heard
    if (!isNext) start();
    if (end !== undefined) wait(told);
    else if (told.kind === 'state') connection.set(told.state);
    else take(told.event);
  }

  function wait(told: News): void {
    if (told.kind !== 'event' || waiting.push(told.event) <= maxWaiting) return;
    stop();
    start();
  }

  async function lead(steal: boolean): Promise<void> {
    const over = new Promise<void>((resolve) => isOver.signal.addEventListener('abort', () => resolve()));
    // A lock that may be stolen cannot be given up by a signal.
    const options = steal ? { steal } : { signal: isOver.signal };
    await locks.request(name, options, () => {
      isLeading = true;
      onLeading(true);
      start();
      tellState();
      return over;
    });
  }

  /** Leads until the end, or until a tab that somebody looks at had to wait too long and takes it over. */
  async function keepLeading(steal = false): Promise<void> {
    await lead(steal).catch(() => undefined);
    if (isOver.signal.aborted) return;
    isLeading = false;
    onLeading(false);
    await keepLeading();
  }

  const timer = setInterval(() => {
    tellState();
    const isSilent = !isLeading && Date.now() - heard.at > silenceMs;
    if (isSilent && isVisible()) void keepLeading(true);
    if (isSilent) heard = { ...heard, at: Date.now() };
  }, tellMs);

  tabs.onmessage = ({ data }: MessageEvent<Told>) => hear(data);
  const unsubscribe = socket.subscribe(() => {
    if (socket.get() !== 'live') state = 'catchingUp';
    showState();
  });
  start();
  tell({ kind: 'hello' });
  void keepLeading();
  return {
    connection,
    close() {
      isOver.abort();
      clearInterval(timer);
      unsubscribe();
      end?.();
      tabs.close();
    },
  };
}
