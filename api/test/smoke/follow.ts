import type { Client } from 'graphql-ws';
import { mayBeRepeated } from './asking.ts';
import { type Event, eventsDocument, stepOf } from './event-step.ts';
import type { Step } from './history.ts';
import type { PlannedDevice } from './plan.ts';

export type Following = {
  /** What it keeps: everything up to these has come. */
  cursors(): readonly string[];
  /** Subscribes again with what is kept, and resolves when that has caught up. */
  catchUp(): Promise<void>;
  close(): void;
};

type Options = {
  readonly client: Client;
  readonly device: PlannedDevice;
  /** A complete cursor to begin with. */
  readonly from: string;
  readonly onStep: (step: Step) => void;
  /** The server refused, or said something that is not in the schema. */
  readonly onProblem: (problem: string) => void;
  readonly backOff: () => Promise<void>;
};

/** Follows `events` by the client rule: keep a list of cursors, replace it at a marker, pass it to resume. */
export function followEvents({ client, device, from, onStep, onProblem, backOff }: Options): Following {
  let cursors = [from];
  let onCaughtUp: (() => void) | undefined;
  let end = () => {};

  function take(event: Event): void {
    const isMarker = event.__typename === 'Checkpoint' || event.__typename === 'CaughtUp';
    onStep(stepOf(event));
    if (isMarker) cursors = [event.cursor];
    else if (device.keeps === 'every cursor') cursors.push(event.cursor);
    if (event.__typename === 'CaughtUp') onCaughtUp?.();
  }

  /** Read by the client whenever it subscribes, the first time and after each lost socket. */
  const living = {
    get after() {
      onStep({ type: 'subscribed' });
      return cursors;
    },
  };
  const asNow = () => ({ after: living.after });

  function subscribe(onEnd: () => void): () => void {
    return client.subscribe<{ events: Event }>(
      { query: eventsDocument, variables: device.comesBack === 'by itself' ? living : asNow() },
      {
        next: ({ data, errors }) => {
          if (!data || errors) return onProblem(`An event came with errors: ${JSON.stringify(errors)}`);
          try {
            take(data.events);
          } catch (problem) {
            onProblem(String(problem));
          }
        },
        error: (problem) => {
          if (Array.isArray(problem) && !mayBeRepeated(problem))
            onProblem(`\`events\` was refused: ${JSON.stringify(problem)}`);
          onEnd();
        },
        complete: onEnd,
      },
    );
  }

  /** The loop around it. A client that comes back by itself gets here only after a refusal, or ever so many attempts. */
  function run(): void {
    const dispose = subscribe(() => {
      if (end !== dispose) return;
      void backOff().then(() => (end === dispose ? run() : undefined));
    });
    end = dispose;
  }
  run();

  return {
    // As they are now: what is still on its way when the socket is lost is said again by the client, and would say more.
    cursors: () => [...cursors],
    catchUp: () =>
      new Promise((resolve) => {
        onCaughtUp = resolve;
        end();
        run();
      }),
    close() {
      const last = end;
      end = () => {};
      last();
    },
  };
}
