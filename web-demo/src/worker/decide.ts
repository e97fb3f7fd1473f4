import type { ClearNote, MessageNote } from './note.ts';

/** What this browser remembers of the pushes of one channel, in whichever order they came. */
export type Told = {
  /** The place of the newest message that was told of. */
  readonly seq: number;
  /** What was told up to this number has been read, or is gone. */
  readonly clearedNumber: number;
};
export const nothingTold: Told = { seq: 0, clearedNumber: 0 };

/** A notification on the screen. There is at most one of a channel: its id is the tag. */
export type Shown = { readonly number: number };

/** A window of the app, of the person whom the pushes are for. */
export type AppWindow = {
  /** The channel that is open in it. */
  readonly channelId: string | undefined;
  readonly isVisible: boolean;
};

export type Seen = {
  readonly told: Told;
  readonly shown: Shown | undefined;
  readonly windows: readonly AppWindow[];
};

/**
 * `showAnew` calls for attention, `showAgain` changes what stands there without a sound, `leave` changes nothing on the screen.
 * Whatever was told, a push that is late does not come before one that is newer.
 */
export type Decision = {
  readonly act: 'showAnew' | 'showAgain' | 'leave' | 'close';
  readonly told: Told;
  /** Whether the number on the icon is newer than what stands there. */
  readonly isNews: boolean;
};

export function onMessage(note: MessageNote, { told, shown, windows }: Seen): Decision {
  const isOld = note.seq < told.seq && !note.isQuiet;
  const isCleared = note.number <= told.clearedNumber;
  if (isOld || isCleared) return { act: 'leave', told, isNews: false };
  // Sent once more, or in place of what was withdrawn: whoever has put that away gets nothing back.
  if (note.seq <= told.seq) return { act: shown ? 'showAgain' : 'leave', told, isNews: true };
  const isOpen = windows.some(({ channelId, isVisible }) => isVisible && channelId === note.channelId);
  const act = isOpen ? 'leave' : note.isQuiet ? 'showAgain' : 'showAnew';
  return { act, told: { ...told, seq: note.seq }, isNews: true };
}

export function onClear({ number }: ClearNote, { told, shown }: Omit<Seen, 'windows'>): Decision {
  const isGone = shown !== undefined && shown.number <= number;
  return {
    act: isGone ? 'close' : 'leave',
    told: { ...told, clearedNumber: Math.max(told.clearedNumber, number) },
    isNews: number >= told.clearedNumber,
  };
}

/** An open window, as far as it has said anything: one that sleeps does not. */
export type Found = { readonly owner: 'own' | 'other' | 'silent'; readonly isFocused: boolean };

/** Which of them is to show a channel: one of the same person, the one in front if there are several; undefined for a new one. */
export function windowFor<W extends Found>(windows: readonly W[]): W | undefined {
  const usable = windows.filter(({ owner }) => owner !== 'other');
  const own = usable.filter(({ owner }) => owner === 'own');
  return own.find(({ isFocused }) => isFocused) ?? own[0] ?? usable[0];
}
