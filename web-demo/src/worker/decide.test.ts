import { describe, expect, it } from 'vitest';
import {
  type AppWindow,
  type Found,
  nothingTold,
  onClear,
  onMessage,
  type Told,
  windowFor,
} from './decide.ts';
import type { MessageNote } from './note.ts';

const channelId = 'channel-1';
/** Message n stands at place 10 n. */
const note = (number: number): MessageNote => ({
  ...{
    kind: 'message',
    channelId,
    messageId: `message-${number}`,
    seq: number * 10,
    number,
    count: 1,
    badge: 1,
  },
});
const told = (number: number, clearedNumber = 0): Told => ({ seq: number * 10, clearedNumber });
const windowOn = (channel: string | undefined, isVisible: boolean): AppWindow => ({
  channelId: channel,
  isVisible,
});

type Case = readonly [
  name: string,
  told: Told,
  shown: number | undefined,
  windows: readonly AppWindow[],
  act: ReturnType<typeof onMessage>['act'],
];
const cases: readonly Case[] = [
  ['the first of a channel', nothingTold, undefined, [], 'showAnew'],
  ['a newer one than that on the screen', told(4), 4, [], 'showAnew'],
  ['a newer one after what was put away', told(4), undefined, [], 'showAnew'],
  ['an older one than that on the screen', told(6), 6, [], 'leave'],
  ['an older one than what was put away', told(6), undefined, [], 'leave'],
  ['the same once more, while it stands there', told(5), 5, [], 'showAgain'],
  ['the same once more, after it was put away', told(5), undefined, [], 'leave'],
  ['one that was read meanwhile', told(3, 5), undefined, [], 'leave'],
  [
    'one that was read meanwhile, of which nothing was told yet',
    { seq: 0, clearedNumber: 9 },
    undefined,
    [],
    'leave',
  ],
  ['one behind what was read', told(3, 4), undefined, [], 'showAnew'],
  ['one of the channel that is looked at', nothingTold, undefined, [windowOn(channelId, true)], 'leave'],
  [
    'one of a channel that is open behind others',
    nothingTold,
    undefined,
    [windowOn(channelId, false)],
    'showAnew',
  ],
  [
    'one of another channel than that which is looked at',
    nothingTold,
    undefined,
    [windowOn('other', true)],
    'showAnew',
  ],
  ['one while the list is looked at', nothingTold, undefined, [windowOn(undefined, true)], 'showAnew'],
];

describe('A push of message 5', () => {
  it.for(cases)('as %s', ([, before, shown, windows, act]) => {
    const seen = { told: before, shown: shown === undefined ? undefined : { number: shown }, windows };
    expect(onMessage(note(5), seen).act).toBe(act);
  });

  it.for([
    ['of which the newest was withdrawn, takes its place', told(6), 6, [], 'showAgain'],
    ['of which the newest was withdrawn, when that was put away', told(6), undefined, [], 'leave'],
    ['that is all that came', told(3), undefined, [], 'showAgain'],
    [
      'that is all that came, while it is looked at',
      told(3),
      undefined,
      [windowOn(channelId, true)],
      'leave',
    ],
    ['that was read meanwhile', told(6, 5), 6, [], 'leave'],
  ] as const)('without news, %s', ([, before, shown, windows, act]) => {
    const seen = { told: before, shown: shown === undefined ? undefined : { number: shown }, windows };
    expect(onMessage({ ...note(5), isQuiet: true }, seen).act).toBe(act);
  });

  it('is remembered, also when it was not shown, so that an older one is not shown after it', () => {
    const seen = { told: nothingTold, shown: undefined, windows: [windowOn(channelId, true)] };
    const { told: after } = onMessage(note(5), seen);
    expect(onMessage(note(4), { told: after, shown: undefined, windows: [] }).act).toBe('leave');
  });

  it('changes the number on the icon unless a newer one has', () => {
    const seen = { shown: undefined, windows: [] };
    expect(onMessage(note(5), { ...seen, told: told(4) }).isNews).toBe(true);
    expect(onMessage(note(5), { ...seen, told: told(6) }).isNews).toBe(false);
  });
});

describe('A push that clears up to 5', () => {
  const clear = { kind: 'clear', channelId, number: 5, badge: 0 } as const;

  it.for([
    [4, 'close'],
    [5, 'close'],
    [6, 'leave'],
    [undefined, 'leave'],
  ] as const)('with %s on the screen', ([number, act]) => {
    const shown = number === undefined ? undefined : { number };
    expect(onClear(clear, { told: told(6), shown }).act).toBe(act);
  });

  it('keeps what comes after it and is covered by it away', () => {
    const { told: after } = onClear(clear, { told: nothingTold, shown: undefined });
    const seen = { told: after, shown: undefined, windows: [] };
    expect([4, 5, 6].map((number) => onMessage(note(number), seen).act)).toEqual([
      'leave',
      'leave',
      'showAnew',
    ]);
  });

  it('does not take back what a later one has cleared', () => {
    expect(onClear(clear, { told: told(9, 8), shown: undefined })).toMatchObject({
      told: { clearedNumber: 8 },
      isNews: false,
    });
  });
});

describe('In whichever order pushes come', () => {
  type Step = { readonly kind: 'message' | 'clear'; readonly number: number };
  const orders = <T>(list: readonly T[]): T[][] =>
    list.length === 0
      ? [[]]
      : list.flatMap((one, at) => orders(list.toSpliced(at, 1)).map((rest) => [one, ...rest]));

  /** What is on the screen in the end. */
  function play(steps: readonly Step[]): number | undefined {
    let shown: { number: number } | undefined;
    let kept = nothingTold;
    for (const { kind, number } of steps) {
      const clear = { kind: 'clear', channelId, number, badge: 0 } as const;
      const done =
        kind === 'clear'
          ? onClear(clear, { told: kept, shown })
          : onMessage(note(number), { told: kept, shown, windows: [] });
      kept = done.told;
      if (done.act === 'close') shown = undefined;
      if (done.act.startsWith('show')) shown = { number };
    }
    return shown?.number;
  }

  it('the newest that is not read is what stands there in the end', () => {
    const messages = [1, 2, 3, 3].map((number) => ({ kind: 'message', number }) as const);
    for (const order of orders(messages)) expect(play(order), JSON.stringify(order)).toBe(3);
    for (const order of orders([...messages, { kind: 'clear', number: 3 } as const]))
      expect(play(order), JSON.stringify(order)).toBeUndefined();
    for (const order of orders([...messages, { kind: 'clear', number: 2 } as const]))
      expect(play(order), JSON.stringify(order)).toBe(3);
  });
});

describe('A click on a notification', () => {
  const found = (owner: Found['owner'], isFocused = false): Found => ({ owner, isFocused });

  it.for([
    ['no window', [], undefined],
    ['one of somebody else', [found('other')], undefined],
    ['one of the same person', [found('other', true), found('own')], 1],
    ['several of the same person: that in front', [found('own'), found('own', true)], 1],
    ['one that sleeps', [found('other'), found('silent')], 1],
    ['one that sleeps and one that answers', [found('silent', true), found('own')], 1],
  ] as const)('with %s', ([, windows, at]) => {
    expect(windowFor(windows)).toBe(at === undefined ? undefined : windows[at]);
  });
});
