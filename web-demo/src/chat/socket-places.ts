/** Where sockets can be opened, and where the next one is. */
export type SocketPlaces = {
  now(): string;
  /** That one failed, or sent everybody away: the next is somewhere else. */
  goOn(): void;
  /** What the server says, best first. */
  know(urls: readonly string[]): void;
};

/** `own`: where the page came from. It is always one of them, as whatever stands there finds a server that runs. */
export function createSocketPlaces(own: string): SocketPlaces {
  let places: readonly string[] = [own];
  let at = 0;
  return {
    now: () => places[at] ?? own,
    goOn() {
      at = (at + 1) % places.length;
    },
    know(urls) {
      places = [...new Set([...urls, own])];
      at = 0;
    },
  };
}
