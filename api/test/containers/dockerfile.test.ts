import { describe, expect, it } from 'vitest';
import { readDockerfile, readIgnored } from './dockerfile.ts';

const stages = readDockerfile();
const last = stages.at(-1);
const of = (name: string) =>
  last?.instructions.filter((one) => one.name === name).map(({ rest }) => rest) ?? [];

describe('the Dockerfile', () => {
  it('begins with one version of Node that does not change', () => {
    const bases = stages.map(({ from }) => from).filter((from) => !stages.some(({ name }) => name === from));
    expect(bases).toEqual([expect.stringMatching(/^node:\d+\.\d+\.\d+-bookworm-slim$/)]);
  });

  it('runs as nobody in particular, in the foreground, and says whether it works', () => {
    expect(of('USER')).toEqual(['node']);
    expect(of('HEALTHCHECK').join()).toContain('/readyz');
    expect(JSON.parse(of('CMD').join())[0]).toBe('node');
  });

  it('takes no tools along: only packages that a server needs, and what was made with the others', () => {
    const packages = stages.find(({ name }) => name === 'packages');
    expect(packages?.instructions.map(({ rest }) => rest).join()).toContain('npm ci --omit=dev');
    expect(of('RUN')).toEqual([]);
    for (const rest of of('COPY')) expect(rest).toMatch(/^--from=(packages|build) /);
    expect(of('COPY').filter((rest) => rest.includes('node_modules'))).toEqual([
      expect.stringContaining('--from=packages'),
      expect.stringContaining('/@node-rs'),
    ]);
  });

  it('is given nothing that is secret, and no tests', () => {
    const [first, ...others] = readIgnored();
    expect(first).toBe('*');
    const allowed = others.filter((line) => line.startsWith('!'));
    expect(allowed.join()).not.toMatch(/\.docker|\.env|\.data|\.git|\*/);
    expect(others).toEqual(expect.arrayContaining(['**/test', '**/*.test.ts', '**/node_modules']));
  });
});
