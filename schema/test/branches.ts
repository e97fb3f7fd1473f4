import { type Profiler, Session } from 'node:inspector';

/** What Vitest puts around a module: not of the product. */
const isOfVitest = (text: string) => text === 'catch {}' || text.startsWith('() => { try { return ');

/**
 * Counts from now on which branches run, as V8 sees them: that takes no package. Only of modules that are loaded later, so a test
 * gets them by `import()` behind this.
 */
export function countBranches() {
  const session = new Session();
  session.connect();
  session.post('Debugger.enable');
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return {
    /**
     * What of a module has not run since it was loaded: functions, and branches of them, as text. To be asked once: V8 speaks of
     * each only once.
     */
    missedIn(fileName: string): readonly string[] {
      const scripts = coverageBy(session).filter(({ url }) => url.endsWith(`/${fileName}`));
      if (scripts.length === 0) throw new Error(`${fileName} was loaded before anybody counted, or never.`);
      return scripts.flatMap(({ scriptId, functions }) => {
        const source = sourceOf(session, scriptId);
        const ranges = functions.flatMap((found) => found.ranges).filter(({ count }) => count === 0);
        const texts = ranges.map(({ startOffset, endOffset }) => source.slice(startOffset, endOffset));
        return texts.filter((text) => !isOfVitest(text));
      });
    },
    close: () => session.disconnect(),
  };
}

// A session of one's own process answers before `post` returns.

function coverageBy(session: Session): readonly Profiler.ScriptCoverage[] {
  let found: readonly Profiler.ScriptCoverage[] = [];
  session.post('Profiler.takePreciseCoverage', (_, { result }) => {
    found = result;
  });
  return found;
}

function sourceOf(session: Session, scriptId: string): string {
  let found = '';
  session.post('Debugger.getScriptSource', { scriptId }, (_, { scriptSource }) => {
    found = scriptSource;
  });
  return found;
}
