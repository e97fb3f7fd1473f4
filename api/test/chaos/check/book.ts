import type { Line } from '../history.ts';
import { type Asked, gatherAsked } from './asked.ts';
import { type Fault, gatherFaults } from './faults.ts';
import { type Channel, gatherChannels } from './logs.ts';
import type { CheckOptions } from './options.ts';
import { gatherTexts, type Texts } from './texts.ts';
import type { Note } from './verdict.ts';

/** A history, put in order: what all rules look things up in. */
export type Book = {
  readonly lines: readonly Line[];
  readonly options: CheckOptions;
  readonly asked: ReadonlyMap<number, Asked>;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly texts: Texts;
  readonly faults: readonly Fault[];
  /** Whose each device is. */
  readonly devices: ReadonlyMap<string, string>;
  /** The log was restored from a backup. */
  readonly isRestored: boolean;
  /** The time of the last line. */
  readonly endT: number;
};

/** A rule looks at a history and notes what breaks it. It never throws, whatever the lines say. */
export type Rule = (book: Book, note: Note) => void;

export function openBook(lines: readonly Line[], options: CheckOptions, note: Note): Book {
  const asked = gatherAsked(lines);
  const channels = gatherChannels(lines, asked, note);
  const devices = new Map<string, string>();
  let epoch = 0;
  for (const line of lines) {
    if ('device' in line && 'userId' in line) devices.set(line.device, line.userId);
    if (line.kind === 'found') epoch = Math.max(epoch, line.epoch ?? 0);
  }
  return {
    ...{ lines, options, asked, channels, devices },
    texts: gatherTexts(asked, channels),
    faults: gatherFaults(lines),
    isRestored: epoch > (options.firstEpoch ?? 1),
    endT: lines.at(-1)?.t ?? 0,
  };
}
