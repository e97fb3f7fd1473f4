// Runs in the page: looks at the messages of a log in each frame, and remembers what a reader would stumble over. Messages are known by
// their texts, "message 17".

const pattern = /^message (\d+)$/;
const maxProblems = 20;
/** What stands between the texts of two messages, and less than another message needs. */
const roomPx = 60;
/** Half a pixel is rounding. */
const tolerancePx = 2;

function messagesIn(log) {
  const walker = document.createTreeWalker(log, NodeFilter.SHOW_TEXT);
  const { top, bottom } = log.getBoundingClientRect();
  const messages = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const [, number] = pattern.exec(node.data) ?? [];
    if (number === undefined) continue;
    const place = node.parentElement.getBoundingClientRect();
    const isOnScreen = place.bottom > top && place.top < bottom;
    messages.push({ number: Number(number), top: place.top, bottom: place.bottom, isOnScreen });
  }
  return messages;
}

/**
 * What was painted. A frame's own callback comes before the list has measured what it has just drawn and moved the rest, and sees what
 * no reader sees; so this comes right behind the frame, before anything else can change the page.
 */
const afterFrame = (look) =>
  requestAnimationFrame(() => void scheduler.postTask(look, { priority: 'user-blocking' }));

/** `direction`: 1 while the messages may only move down, as they do for who scrolls up, -1 for the other way. */
function startRecord(log, direction) {
  const record = {
    seen: new Set(),
    least: Infinity,
    most: 0,
    problems: [],
    movedPx: 0,
    frames: 0,
    isOver: false,
  };
  let before = new Map();
  const note = (problem) => {
    if (record.problems.length < maxProblems) record.problems.push(`frame ${record.frames}: ${problem}`);
  };
  const compareOrder = (messages) => {
    for (const [index, { number, top }] of messages.entries()) {
      const last = messages[index - 1];
      if (last === undefined) continue;
      if (number <= last.number) note(`${number} comes after ${last.number}`);
      if (top < last.bottom) note(`${number} stands above the end of ${last.number}`);
      // Where there is room for more, more is just being drawn.
      if (number > last.number + 1 && top - last.bottom < roomPx)
        note(`${number} stands right behind ${last.number}`);
    }
  };
  const compareMoves = (onScreen) => {
    const moves = onScreen.flatMap(({ number, top }) =>
      before.has(number) ? [top - before.get(number)] : [],
    );
    if (before.size > 0 && onScreen.length > 0 && moves.length === 0)
      note(
        `nothing of ${[...before.keys()].join()} is left, but ${onScreen.map(({ number }) => number).join()}`,
      );
    const [least, most] = [Math.min(...moves), Math.max(...moves)];
    if (moves.length > 0 && most - least > tolerancePx) note(`moved by ${least} to ${most} px at once`);
    if (moves.length > 0) record.movedPx += most;
    if (moves.length > 0 && direction * most < -tolerancePx) note(`moved back by ${most} px`);
  };
  const look = () => {
    if (record.isOver) return;
    record.frames += 1;
    const messages = messagesIn(log);
    const onScreen = messages.filter(({ isOnScreen }) => isOnScreen);
    compareOrder(onScreen);
    compareMoves(onScreen);
    if (onScreen.length === 0) note('nothing is on the screen');
    for (const { number } of onScreen) {
      record.seen.add(number);
      record.least = Math.min(record.least, number);
      record.most = Math.max(record.most, number);
    }
    before = new Map(onScreen.map(({ number, top }) => [number, top]));
    afterFrame(look);
  };
  afterFrame(look);
  return record;
}

/** Resolves after two frames, with the numbers that were on the screen so far: the smallest and the largest. */
const reached = (record) =>
  new Promise((resolve) => {
    afterFrame(() => afterFrame(() => resolve([record.least, record.most])));
  });

let record;
globalThis.scrollRecord = {
  start(log, direction) {
    if (record) record.isOver = true;
    record = startRecord(log, direction);
  },
  reached: () => reached(record),
  /** All there was. */
  read() {
    const { seen, problems, movedPx, frames } = record;
    const numbers = [...seen].sort((a, b) => a - b);
    const holes = numbers.filter((number, index) => index > 0 && number !== numbers[index - 1] + 1);
    return {
      first: numbers[0],
      last: numbers.at(-1),
      count: numbers.length,
      holes,
      problems,
      movedPx,
      frames,
    };
  },
};
