import type { Client } from 'urql';
import { AcknowledgeEventsDocument } from '../gql/graphql.ts';

/** At most so often: who wrote a message sees soon that it has arrived. */
const everyMs = 1_000;

/** Says to the server which events are safe on this device, one call at a time. */
export function createAcknowledging(client: Client, safeCursors: () => readonly string[]) {
  let said = '';
  let isRunning = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function say(): Promise<void> {
    timer = undefined;
    const cursors = [...safeCursors()];
    if (isRunning || cursors.length === 0 || cursors.join() === said) return;
    isRunning = true;
    const { data } = await client.mutation(AcknowledgeEventsDocument, { cursors }).toPromise();
    isRunning = false;
    // Too little is harmless: without an answer it is said with the next events.
    if (data?.acknowledgeEvents.__typename === 'AcknowledgeEventsPayload') said = cursors.join();
    if (safeCursors().join() !== cursors.join()) onStored();
  }

  function onStored(): void {
    timer ??= setTimeout(() => void say(), everyMs);
  }
  return { onStored, close: () => clearTimeout(timer) };
}
