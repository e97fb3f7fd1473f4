import type { Wanted } from '../history.ts';
import type { Done, Op, Outcome } from './book.ts';
import type { Device } from './device.ts';
import type { Document, ResultOf } from './documents.ts';
import { type Play, waitAgain } from './play.ts';
import { dataIn, type Judged, resultIn } from './reply.ts';
import type { Wire } from './wire.ts';

/** Something to be asked for until there is an answer. */
export type Deed<Payload extends object> = {
  readonly what: Wanted;
  readonly document: Document<ResultOf<Payload>>;
  readonly input: object;
  /** What is known of it when it is done. */
  readonly doneOf?: (payload: Payload) => Done;
  /** Why it was not done, although it was answered. */
  readonly refusalIn?: (payload: Payload) => string | undefined;
  /** For these reasons it may be refused. */
  readonly mayBe: readonly string[];
  /** Refused with this after an attempt without an answer, it was done by that. */
  readonly already?: string;
};

/** What cannot be done here now is tried elsewhere, one time of so many. */
const elsewhereOneIn = 3;

/** Asks once. Undefined: nobody knows, and it is to be asked again. */
export async function attempt<Payload extends object>(
  { play, device, op }: { readonly play: Play; readonly device: Device; readonly op: Op },
  wire: Wire,
  deed: Deed<Payload>,
): Promise<Outcome | undefined> {
  op.invoke();
  const judged = withRefusal(resultIn(await wire.ask(deed.document, { input: deed.input })), deed);
  if (judged.kind === 'done') return op.ok(deed.doneOf?.(judged.payload) ?? {});
  if (judged.kind === 'refused') return refused({ play, device, op }, deed, judged.code);
  const { because, isStrange } = judged;
  if (because === 'UNAUTHENTICATED' && device.mayEnd()) return op.refuse(because);
  op.unknown(because);
  device.hear(because);
  if (isStrange) play.problem(`${device.name}: ${deed.what.type} was answered with ${because}`);
  const isElsewhere = because === 'UNAVAILABLE' && play.random.below(elsewhereOneIn) === 0;
  if (isElsewhere || because === 'UNAUTHENTICATED') wire.drop(because);
  return undefined;
}

function withRefusal<Payload extends object>(
  judged: Judged<Payload>,
  { refusalIn }: Deed<Payload>,
): Judged<Payload> {
  const code = judged.kind === 'done' ? refusalIn?.(judged.payload) : undefined;
  return code === undefined ? judged : { kind: 'refused', code };
}

function refused<Payload extends object>(
  { play, device, op }: { readonly play: Play; readonly device: Device; readonly op: Op },
  { what, mayBe, already }: Deed<Payload>,
  code: string,
): Outcome {
  if (code === already && op.hasUnknown()) return op.ok({ isRepeated: true });
  if (!mayBe.includes(code)) play.problem(`${device.name}: ${what.type} was refused with ${code}`);
  return op.refuse(code);
}

/** Asks until there is an answer, or the device cannot ask any more. */
export async function perform<Payload extends object>(
  play: Play,
  device: Device,
  deed: Deed<Payload>,
): Promise<Outcome> {
  const op = play.book.open(device, deed.what);
  for (let nth = 0; ; nth += 1) {
    const wire = await device.ready();
    if (wire === undefined) return op.abandon();
    const outcome = await attempt({ play, device, op }, wire, deed);
    if (outcome !== undefined) return outcome;
    await waitAgain(play, nth);
  }
}

type Known<T> = Exclude<Judged<T>, { readonly kind: 'unknown' }>;

/** The same of something of which nothing is written down. Undefined when the device cannot ask any more. */
async function untilKnown<T>(
  play: Play,
  device: Device,
  once: (wire: Wire) => Promise<Judged<T>>,
): Promise<Known<T> | undefined> {
  for (let nth = 0; ; nth += 1) {
    const wire = await device.ready();
    if (wire === undefined) return undefined;
    const judged = await once(wire);
    if (judged.kind !== 'unknown') return judged;
    if (judged.isStrange) play.problem(`${device.name}: it was answered with ${judged.because}`);
    await waitAgain(play, nth);
  }
}

/** What a query answers. Undefined when the device cannot ask any more. */
export async function read<Data>(
  play: Play,
  device: Device,
  { document, variables = {} }: { readonly document: Document<Data>; readonly variables?: object },
): Promise<Data | undefined> {
  const known = await untilKnown(play, device, async (wire) => dataIn(await wire.ask(document, variables)));
  return known?.kind === 'done' ? known.payload : undefined;
}

/** What becomes of a mutation that belongs to no deed. */
export const order = <Payload extends object>(
  play: Play,
  device: Device,
  { document, input }: Pick<Deed<Payload>, 'document' | 'input'>,
): Promise<Known<Payload> | undefined> =>
  untilKnown(play, device, async (wire) => resultIn(await wire.ask(document, { input })));
