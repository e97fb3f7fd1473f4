import type { Line } from '../history.ts';
import type { MadeUpRun } from './made-up-run.ts';

/** Everybody catches up, and everything is read and looked at. Answers the whole history. */
export function finish(run: MadeUpRun): readonly Line[] {
  const { devices, logs, write, lines } = run;
  const living = [...devices.values()].filter(({ isRevoked, attempt }) => !isRevoked && attempt > 0);
  for (const { name, isOpen } of living) {
    if (!isOpen) run.subscribe(name);
    run.catchUp(name);
  }
  for (const log of logs.values())
    for (const source of ['history', 'store'] as const) write(log.found(source));
  const people = new Set([...logs.values()].flatMap((log) => log.members()));
  for (const userId of people) look(run, userId);
  for (const { name, userId, fold } of living)
    write({ kind: 'rest', device: name, userId, channels: Object.fromEntries(fold) });
  return [...lines];
}

function look({ logs, muted, write }: MadeUpRun, userId: string): void {
  const channels = [...logs.values()].flatMap((log) => {
    if (!log.isIn(userId)) return [];
    const readNumber = log.readOf(userId);
    const isUnread = ({
      number,
      authorId,
      text,
    }: {
      number: number;
      authorId: string | null;
      text: string | null;
    }) => number > readNumber && authorId !== userId && text !== null;
    const isMuted = muted.has(`${userId} ${log.channelId}`);
    return [
      { channelId: log.channelId, unreadCount: log.messages().filter(isUnread).length, readNumber, isMuted },
    ];
  });
  let unreadCount = 0;
  for (const one of channels) if (!one.isMuted) unreadCount += one.unreadCount;
  write({ kind: 'look', userId, unreadCount, channels });
}
