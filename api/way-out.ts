import type { Logger } from 'pino';

/** Something that is open. False, when it closes: what may have been acknowledged could not be finished. */
type Closable = { close(): Promise<unknown> };

export type WayOut = {
  /** To be closed before everything that was kept earlier. */
  keep<T extends Closable>(thing: T): T;
  /**
   * Closes everything, then ends the process; called again it changes nothing. `starting` is waited for, so that what it
   * still opens is closed as well. The exit code is 1 if something did not close in order, or not in time.
   */
  leave(exitCode: number, starting?: Promise<unknown>): void;
};

export type WayOutOptions = {
  readonly logger: Logger;
  /** All of it takes no longer; a PostgreSQL that still runs then is stopped by its watcher. */
  readonly withinMs: number;
  readonly exit: (code: number) => void;
};

/** How a server ends, for whatever reason it does. */
export function createWayOut({ logger, withinMs, exit }: WayOutOptions): WayOut {
  const opened: Closable[] = [];
  let isLeaving = false;

  const closeAll = async (): Promise<boolean> => {
    let isClean = true;
    for (const thing of opened) {
      try {
        if ((await thing.close()) === false) isClean = false;
      } catch (err) {
        logger.error({ err }, 'something did not close');
        isClean = false;
      }
    }
    return isClean;
  };
  const leaveInOrder = async (exitCode: number, starting?: Promise<unknown>) => {
    await starting?.catch(() => undefined); // whoever started it has heard of that
    exit((await closeAll()) ? exitCode : 1);
  };

  return {
    keep(thing) {
      opened.unshift(thing);
      return thing;
    },
    leave(exitCode, starting) {
      if (isLeaving) return;
      isLeaving = true;
      setTimeout(() => {
        logger.error({ withinMs }, 'not everything could be closed in time');
        exit(1);
      }, withinMs).unref();
      void leaveInOrder(exitCode, starting);
    },
  };
}
