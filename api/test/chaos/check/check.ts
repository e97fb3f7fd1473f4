import type { Line } from '../history.ts';
import { openBook } from './book.ts';
import { checkContent } from './content.ts';
import { checkDues } from './dues.ts';
import { checkLog } from './in-log.ts';
import { checkLiveness } from './liveness.ts';
import type { CheckOptions } from './options.ts';
import { checkOrder } from './order.ts';
import { checkPages } from './pages.ts';
import { checkPresence } from './presence.ts';
import { checkPushes, wishesIn } from './pushes.ts';
import { checkReads } from './reads.ts';
import { checkResources } from './resources.ts';
import { checkRest } from './rest.ts';
import { checkSessions } from './sessions.ts';
import { checkStaleness } from './staleness.ts';
import { checkStream } from './stream.ts';
import { createNotes, type Verdict } from './verdict.ts';

/**
 * Compares what people asked for and were told with what the log says in the end. Pure: the same lines always give the same verdict, whatever
 * is in them. It shares no code with what it judges; what the lines cannot say for certain is not counted.
 */
export function check(lines: readonly Line[], options: CheckOptions = {}): Verdict {
  const { note, verdict } = createNotes();
  const book = openBook(lines, options, note);
  checkLog(book, note);
  checkOrder(book, note);
  const beginnings = checkStream(book, note);
  checkRest(book, beginnings, note);
  const rules = [
    checkContent,
    checkPages,
    checkSessions,
    checkReads,
    checkPresence,
    checkResources,
    checkLiveness,
    checkStaleness,
  ];
  for (const rule of rules) rule(book, note);
  const wishes = wishesIn(book);
  checkPushes(book, wishes, note);
  checkDues(book, wishes, note);
  return verdict();
}
