import type { FaultLine, Line } from '../history.ts';
import { firstFrom } from './ordered.ts';

export type Span = { readonly from: number; readonly to: number };
export type Fault = Span & Pick<FaultLine, 'name' | 'on'>;

/** What was broken, and when. What was never said to be whole again is broken to the end. */
export function gatherFaults(lines: readonly Line[]): readonly Fault[] {
  const healed = new Map<number, number>();
  for (const line of lines) if (line.kind === 'heal') healed.set(line.fault, line.t);
  return lines.flatMap((line) =>
    line.kind === 'fault'
      ? [
          {
            name: line.name,
            on: line.on,
            from: line.t,
            to: healed.get(line.fault) ?? Number.POSITIVE_INFINITY,
          },
        ]
      : [],
  );
}

/** Whether any of these faults lasts at any moment of a span, both ends included. */
export function touching(faults: readonly Fault[]): (span: Span) => boolean {
  const apart: { from: number; to: number }[] = [];
  for (const { from, to } of faults.toSorted((a, b) => a.from - b.from)) {
    const last = apart.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else apart.push({ from, to });
  }
  return ({ from, to }) => {
    const next = apart[firstFrom(apart, from, (one) => one.to)];
    return next !== undefined && next.from <= to;
  };
}

/** It happens to some devices, or to the sockets of all for a moment: nobody else is kept from anything. */
export const isOfDevices = ({ on, name }: Fault, devices: ReadonlyMap<string, string>): boolean =>
  devices.has(on) || name.startsWith('clients-');
