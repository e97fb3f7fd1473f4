/** Where sockets can be opened, and where the next one is. */
export type SocketPlaces = {
  now(): string;
  /**
   * That one failed, or sent everybody away: the next is somewhere else. Once after each `now`, whose answer it is about; says whether
   * it was the first time.
   */
  goOn(): boolean;
  /** What the server says, best first. */
  know(urls: readonly string[]): void;
};

/** `own`: where the page came from. It is always one of them, as whatever stands there finds a server that runs. */
export function createSocketPlaces(own: string): SocketPlaces {
  let places: readonly string[] = [own];
  let at = 0;
  let hasGoneOn = false;
  return {
    now() {
      hasGoneOn = false;
      return places[at] ?? own;
    },
    goOn() {
      if (hasGoneOn) return false;
      hasGoneOn = true;
      at = (at + 1) % places.length;
      return true;
    },
    know(urls) {
      places = [...new Set([...urls, own])];
      at = 0;
    },
  };
}
