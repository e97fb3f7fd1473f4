import { inspect } from 'node:util';
import { type ExecutionResult, OperationTypeNode } from 'graphql';
import { type Logger, pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isErrorCode } from '../../../schema/errors.ts';
import { schema } from '../../../schema/index.ts';
import { createRandom, upTo } from '../../../schema/ports/random.contract.ts';
import { unordered } from '../../../schema/stream/in-order.ts';
import { createDocumentCache } from '../../document-cache.ts';
import { createExecutor, isSource, kindOf } from '../../execute-operation.ts';
import { createErrorMask } from '../../mask-errors.ts';
import { openWorld, type World } from '../world.ts';
import { hostileValues } from './hostile-values.ts';
import { createCast } from './matrix/cast.ts';
import type { Place } from './matrix/section.ts';
import { type Slot, slotsFor, type Variables } from './slots.ts';

// Whatever a client gives for a variable, it is answered, refused, or told what is wrong with it: nothing breaks.

let world: World;
let place: Place;
let slots: Slot[];
beforeAll(async () => {
  // What is refused because there was so much before it, is not looked at.
  const most = 1_000_000;
  const guesses = { signInTries: most, signInTriesPerAddress: most, signInTriesPerAccount: most };
  const rateLimits = { ...guesses, signUpsPerAddress: most, searchesPerMinute: most };
  world = await openWorld({ log: 'postgres', rateLimits });
  const cast = await createCast(world);
  place = { cast, scene: await cast.openScene('fresh'), role: 'OWNER' };
  slots = slotsFor(place);
});
afterAll(() => world.close());

const logged: { requestId?: unknown; err?: { message?: string } }[] = [];
const logger: Logger = pino({ level: 'info' }, { write: (line) => logged.push(JSON.parse(line)) });
const documents = createDocumentCache({ schema, isIntrospectionOpen: true });
const executor = createExecutor(schema, createErrorMask({ logger, isIntrospectionOpen: true }));

/** One request as a server runs it. Its variables are as JSON gives them. */
async function request(document: string, variables: Variables): Promise<ExecutionResult> {
  const operation = documents.find(document);
  if (!('node' in operation)) throw new Error(`${document}: ${operation.join()}`);
  const wanted = { operation, variables };
  const scope = { ...world.product, viewer: place.cast.player('OWNER').viewer, inOrder: unordered };
  if (kindOf(wanted) !== OperationTypeNode.SUBSCRIPTION) return executor.run(wanted, scope);
  const opened = await executor.open(wanted, scope);
  if (!isSource(opened)) return opened;
  await opened.return?.();
  return { data: {} };
}

/** What must not be: a code that is not in the catalogue, or one that says that it is the server's fault. */
async function failuresOf({ document, at }: Slot, variables: Variables): Promise<string[]> {
  const { errors = [] } = await request(document, variables);
  const codes = errors.map(({ extensions }) => extensions.code);
  const isFine = codes.every(
    (code) => isErrorCode(code) && !['INTERNAL_SERVER_ERROR', 'UNAVAILABLE'].includes(code),
  );
  if (isFine) return [];
  const causes = errors.map(({ extensions: { requestId } }) => {
    return logged.find((line) => line.requestId === requestId)?.err?.message?.slice(0, 200);
  });
  return [`${at}: ${codes.join()} for ${inspect(variables).slice(0, 400)}, because of ${causes.join()}`];
}

type Request = { readonly slot: Slot; readonly variables: Variables };
/** A few at once, as from a few clients. */
async function failuresOfAll(requests: readonly Request[]): Promise<string[]> {
  const failures: string[] = [];
  for (let at = 0; at < requests.length; at += 8) {
    const few = requests.slice(at, at + 8);
    const found = await Promise.all(few.map(({ slot, variables }) => failuresOf(slot, variables)));
    failures.push(...found.flat());
  }
  return failures;
}

describe('Q14: a hostile variable', () => {
  it('is met wherever the schema takes one', () => {
    expect(slots.length).toBeGreaterThan(60);
    const first = slots.filter(({ at }) => at.endsWith('(first)'));
    expect(first.length).toBeGreaterThan(3);
  });

  it('breaks nothing, wherever it stands', async () => {
    const requests = slots.flatMap((slot) =>
      hostileValues(slot.type).map((value) => ({ slot, variables: slot.variables(value) })),
    );
    process.stdout.write(`${requests.length} hostile values for ${slots.length} variables.\n`);
    expect(await failuresOfAll(requests)).toEqual([]);
  }, 120_000);

  it('breaks nothing beside others like it', async () => {
    const seed = Date.now() % 1_000_000;
    process.stdout.write(`Seed of the mixed variables: ${seed}.\n`);
    const random = createRandom(seed);
    const oneOf = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)];
    const requests = upTo(1_000).flatMap(() => {
      const slot = oneOf(slots);
      if (slot === undefined) return [];
      let variables = slot.variables(oneOf(hostileValues(slot.type)));
      for (const other of slots.filter(({ document }) => document === slot.document))
        if (random() < 0.5) variables = other.variables(oneOf(hostileValues(other.type)), variables);
      return [{ slot, variables }];
    });
    expect(await failuresOfAll(requests), `Seed ${seed}`).toEqual([]);
  }, 120_000);
});
