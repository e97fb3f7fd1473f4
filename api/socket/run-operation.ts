import { OperationTypeNode } from 'graphql';
import type { Scope, Viewer } from '../../schema/scope.ts';
import type { InOrder } from '../../schema/stream/in-order.ts';
import type { Deliver, Deliverer } from '../delivery/deliver.ts';
import { frameOf, frameStart, payloadOf } from '../delivery/frame.ts';
import type { Writer } from '../delivery/writer.ts';
import { type Executor, isSource, kindOf, type OperationRequest } from '../execute-operation.ts';
import type { Scopes } from '../scopes.ts';
import type { RunningOperation } from './operations.ts';

export type OperationServices = {
  readonly executor: Executor;
  readonly deliverer: Deliverer;
  readonly scopes: Scopes;
  /** Asked for each subscription for somebody who is told of every event that was written for it. */
  readonly watchDelivery?: () => (event: unknown) => void;
};

/** On whose behalf, and where to. */
export type OperationRun = {
  readonly operation: RunningOperation;
  readonly request: OperationRequest;
  readonly viewer: Viewer | undefined;
  readonly address: string;
  readonly inOrder: InOrder;
  readonly onRefreshed: Scope['onRefreshed'];
  readonly writer: Writer;
};

/** Runs it to its end and writes its `next` frames. Rejects, with an error that may leave the server, when its source fails. */
export function runOperation(services: OperationServices, run: OperationRun): Promise<void> {
  return kindOf(run.request) === OperationTypeNode.SUBSCRIPTION
    ? runSubscription(services, run)
    : answer(services, run);
}

async function answer({ executor, scopes }: OperationServices, run: OperationRun): Promise<void> {
  const { operation, request, writer } = run;
  const result = await executor.run(request, scopeOf(scopes, run));
  if (operation.signal.aborted) return;
  writer.write(frameOf(frameStart(operation.id), payloadOf(result, executor.mask)));
}

async function runSubscription(services: OperationServices, run: OperationRun): Promise<void> {
  const { executor, deliverer, scopes } = services;
  const { operation, request, viewer, writer } = run;
  const start = frameStart(operation.id);
  const scopeOfEvent = () => scopeOf(scopes, run);
  const opened = await executor.open(request, scopeOfEvent());
  if (!isSource(opened)) {
    if (!operation.signal.aborted) writer.write(frameOf(start, payloadOf(opened, executor.mask)));
    return;
  }
  const deliver = deliverer.deliverTo({ request, viewerId: viewer?.id, scopeOfEvent });
  const pumping = { start, deliver, onWritten: services.watchDelivery?.() };
  // Not awaited: what was needed up to here is let go of, while this goes on for hours.
  return pump(run, opened, pumping).catch((error) => {
    throw executor.mask(error);
  });
}

const scopeOf = (scopes: Scopes, { operation: { signal }, ...run }: OperationRun) => {
  const { viewer, address, inOrder, onRefreshed } = run;
  return scopes.scopeOf({ viewer, address, inOrder, onRefreshed, signal });
};

type Pumping = {
  readonly start: string;
  readonly deliver: Deliver;
  readonly onWritten: ((event: unknown) => void) | undefined;
};

/**
 * From the source to the wire. An event is pulled only while there is room for its frame: a reader that does not read costs
 * what it left in the buffer, and nothing more.
 */
async function pump(
  { operation: { signal }, writer }: OperationRun,
  source: AsyncIterator<unknown>,
  { start, deliver, onWritten }: Pumping,
): Promise<void> {
  // At once, also while `next` waits: nobody is left to take what it would bring. Not awaited: a generator answers only later.
  const letGo = () => void Promise.resolve(source.return?.()).catch(() => undefined);
  if (signal.aborted) return letGo();
  signal.addEventListener('abort', letGo, { once: true });
  for (;;) {
    const room = writer.room();
    if (room !== undefined) await room;
    if (signal.aborted) return;
    const { done, value } = await source.next();
    if (done === true || signal.aborted) return;
    const payload = deliver(value);
    const frame = frameOf(start, typeof payload === 'string' ? payload : await payload);
    if (signal.aborted) return;
    writer.write(frame);
    onWritten?.(value);
  }
}
