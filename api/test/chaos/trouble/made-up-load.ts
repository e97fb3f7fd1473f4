import type { Load } from '../load/options.ts';

/** For tests of what is done to a load: it does nothing, and tells what it was asked for. Ten devices are connected. */
export function madeUpLoad(asked: (what: string) => void = () => undefined): Load {
  const told = (what: string, count: number) => {
    asked(what);
    return count;
  };
  const nothing = {
    acked: 0,
    delivered: 0,
    done: 0,
    refused: 0,
    unknown: 0,
    pages: 0,
    sockets: 0,
    resets: 0,
  };
  return {
    start: () => asked('start'),
    acked: () => 0,
    counts: () => nothing,
    connections: () => 10,
    devices: () => 10,
    deviceOfEndpoint: () => undefined,
    problems: () => [],
    slowReaders: () => new Set(),
    resetSome: (count) => told(`reset ${count}`, count),
    halfOpenSome: (count, ms) => told(`half-open ${count} for ${ms} ms`, count),
    slow: (count, bytesPerSecond, ms) => told(`slow ${count} to ${bytesPerSecond} for ${ms} ms`, count),
    stormAll: () => told('storm', 10),
    stop: async () => asked('stop'),
    settle: async () => asked('settle'),
    finish: async () => asked('finish'),
    close: async () => asked('close'),
  };
}
