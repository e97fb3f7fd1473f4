// Runs in the page that is measured, before anything of its own: tells when what was there, in milliseconds after the visit began.

const quietMs = 500;
/** An entry of a long task comes a little after it. */
const lateMs = 100;

globalThis.startVitals = (awaited) => {
  const vitals = { lcpMs: 0, readyMs: 0, longTasks: [] };
  new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) vitals.lcpMs = startTime;
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  // The browser tells of every task above 50 ms.
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      vitals.longTasks.push([startTime, startTime + duration]);
  }).observe({ type: 'longtask', buffered: true });

  const look = () => {
    if (document.querySelector(awaited)) vitals.readyMs = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);

  /** The end of the last long task that no other one follows within half a second; undefined until that is sure. */
  const interactiveMs = () => {
    if (vitals.readyMs === 0) return undefined;
    let at = vitals.readyMs;
    for (const [from, to] of vitals.longTasks) if (to > at && from < at + quietMs) at = to;
    return performance.now() > at + quietMs + lateMs ? at : undefined;
  };
  /** Bytes of scripts and styles, as they came over the wire; without what was fetched ahead when all was there. */
  const codeBytes = (at) =>
    performance
      .getEntriesByType('resource')
      .filter(({ name, startTime }) => startTime < at && /\.(js|css)$/.test(new URL(name).pathname))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);

  /** Resolves as soon as it is sure. */
  globalThis.readVitals = () =>
    new Promise((resolve) => {
      const timer = setInterval(() => {
        const at = interactiveMs();
        if (at === undefined) return;
        clearInterval(timer);
        resolve({
          lcpMs: vitals.lcpMs,
          readyMs: vitals.readyMs,
          interactiveMs: at,
          codeBytes: codeBytes(at),
        });
      }, lateMs);
    });
};
