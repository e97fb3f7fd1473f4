import type { LoadSocket } from './load-socket.ts';

/** So many sockets are being opened at once. */
const atOnce = 50;
export const closeAll = (opened: readonly LoadSocket[]) =>
  Promise.all(opened.map((socket) => socket.close()));

/** Opens so many sockets, not all at once. */
export async function openInTurn(
  count: number,
  open: (nth: number) => Promise<LoadSocket>,
): Promise<LoadSocket[]> {
  const opened: LoadSocket[] = [];
  for (let from = 0; from < count; from += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, count - from) }, (_, nth) => open(from + nth));
    opened.push(...(await Promise.all(some)));
  }
  return opened;
}
