import { setTimeout as pause } from 'node:timers/promises';
import { closeClient, openStockClient } from '../client/stock-client.ts';
import type { Random } from '../smoke/random.ts';
import { act, change, lateBy, record } from './acting.ts';
import type { Actor } from './cast.ts';
import type { Activity, Device } from './history.ts';
import type { Stage } from './stage.ts';
import type { Change } from './timeline.ts';

type Event = {
  readonly events: {
    readonly __typename: string;
    readonly cursor: string;
    readonly channelId?: string;
    readonly message?: { readonly number: number } | null;
  };
};

const follow = `subscription { events { __typename cursor
  ... on MessageSent { channelId message { id number } }
} }`;
const acknowledge = `mutation ($input: AcknowledgeEventsInput!) { acknowledgeEvents(input: $input) { __typename } }`;
const read = `mutation ($input: MarkReadInput!) { markRead(input: $input) { __typename } }`;
const turnAway = `mutation { setActivity(input: { isIdle: true }) { __typename } }`;

/** That a device is idle is told to the server of its socket by a hint; that it is gone is said after a grace. In milliseconds. */
const [hintMs, graceMs] = [5_000, 20_000];
/** What has come is confirmed, and read or not, this often, in milliseconds. */
const roundMs = 1_500;
/** A socket breaks when what is behind it does, and is opened again. */
const manyTimes = 1_000;
/** Of those who look in, and of what they see. */
const [shareThatTurnsAway, shareThatIsRead] = [0.3, 0.2];

export type Visiting = { readonly stage: Stage; readonly random: Random; readonly signal: AbortSignal };

/** Somebody opens the app, looks at what there is, reads some of it, perhaps turns away with the app open, and leaves. */
export async function visit(visiting: Visiting, actor: Actor, lastsMs: number): Promise<void> {
  const { random, signal } = visiting;
  const open = openApp(visiting, actor);
  const now = Date.now();
  const turnsAwayAt = random.next() < shareThatTurnsAway ? now + lastsMs / 2 : Number.POSITIVE_INFINITY;
  let isIdle = false;
  while (Date.now() < now + lastsMs && !signal.aborted) {
    await pause(roundMs, undefined, { signal }).catch(() => undefined);
    if (!open.isThere()) continue;
    const numbers = await open.confirm();
    if (!isIdle) await readSome(visiting, actor, numbers);
    if (isIdle || Date.now() < turnsAwayAt) continue;
    isIdle = true;
    await beIdle(visiting, actor);
  }
  await open.close();
}

type Numbers = readonly (readonly [channelId: string, number: number])[];

const isMarker = (name: string) => name === 'CaughtUp' || name === 'Checkpoint';

function openApp({ stage, signal }: Visiting, { device, person, token }: Actor) {
  const arrived = new Map<string, number>();
  let cursors: string[] = [];
  let isNew = false;
  const presence = createPresence(device);
  const client = openStockClient({
    socketUrl: stage.socketUrl,
    token: () => token,
    retryAttempts: manyTimes,
    onClosed: presence.lose,
  });
  presence.setOut();
  const next = ({ data }: { readonly data?: Event | null }) => {
    if (!data) return;
    presence.come();
    const { __typename, cursor, channelId, message } = data.events;
    // The client rule: a marker stands for everything before it, and nothing is complete before the first.
    if (isMarker(__typename)) cursors = [cursor];
    else if (cursors.length > 0) cursors.push(cursor);
    isNew = cursors.length > 0;
    if (channelId !== undefined && message)
      arrived.set(channelId, Math.max(arrived.get(channelId) ?? 0, message.number));
  };
  client.subscribe<Event>({ query: follow }, { next, error: () => undefined, complete: () => undefined });
  return {
    isThere: presence.isThere,
    /** Confirms what has come. Answers the newest message of each channel. */
    async confirm(): Promise<Numbers> {
      const numbers = [...arrived];
      if (!isNew) return numbers;
      isNew = false;
      const variables = { input: { cursors: [...cursors] } };
      const { span } = await act(stage.httpUrl, { query: acknowledge, variables, token }, signal);
      for (const [channelId, number] of numbers) {
        const seat = person.seats.get(channelId);
        if (seat) record(seat.delivered, number, span);
      }
      return numbers;
    },
    async close(): Promise<void> {
      presence.leave();
      await closeClient(client);
    },
  };
}

/** Where a device is, as whoever has it knows that. */
function createPresence({ activity }: Device) {
  let state: 'there' | 'coming' | 'gone' = 'gone';
  /** On its way to being there, since then. */
  let arriving: Change<Activity> | undefined;
  const setOut = () => {
    state = 'coming';
    arriving = { value: 'active', from: Date.now(), to: Number.POSITIVE_INFINITY };
    activity.changes.push(arriving);
  };
  // The server may hold on to it for a while.
  const leave = () => {
    const now = Date.now();
    if (state !== 'gone') record(activity, 'away', lateBy(graceMs, { from: now, to: now }));
    state = 'gone';
  };
  return {
    isThere: () => state === 'there',
    setOut,
    come(): void {
      if (state !== 'coming' || arriving === undefined) return;
      state = 'there';
      activity.changes.splice(activity.changes.indexOf(arriving), 1, { ...arriving, to: Date.now() });
    },
    leave,
    /** The stock client comes back by itself. */
    lose(): void {
      if (state !== 'there') return;
      leave();
      setOut();
    },
  };
}

async function readSome(
  { stage, random, signal }: Visiting,
  { person, token }: Actor,
  numbers: Numbers,
): Promise<void> {
  for (const [channelId, number] of numbers) {
    const seat = person.seats.get(channelId);
    if (seat === undefined || random.next() > shareThatIsRead) continue;
    const variables = { input: { channelId, number } };
    await change(seat.read, number, () =>
      act<object>(stage.httpUrl, { query: read, variables, token }, signal),
    );
  }
}

const beIdle = ({ stage, signal }: Visiting, { device, token }: Actor) =>
  change(device.activity, 'idle', async () => {
    const { data, span } = await act<object>(stage.httpUrl, { query: turnAway, token }, signal);
    return { data, span: lateBy(hintMs, span) };
  });
