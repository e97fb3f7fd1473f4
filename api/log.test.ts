import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';

/** What a log says of this, as one text. */
function logged(fields: object): string {
  const lines: string[] = [];
  createLog('info', { write: (line) => lines.push(line) }).info(fields, 'something happened');
  return lines.join('');
}

describe('the log', () => {
  it.for([
    [{ password: 'hush' }],
    [{ input: { password: 'hush' } }],
    [{ input: { device: { token: 'hush' } } }],
    [{ headers: { authorization: 'Bearer hush' } }],
    [{ request: { headers: { authorization: 'Bearer hush' } } }],
    [{ message: { text: 'hush' } }],
    [{ variables: { anything: 'hush' } }],
    [{ config: { DATABASE_URL: 'postgresql://me:hush@db/x' } }],
    [{ config: { REDIS_URL: 'redis://me:hush@redis:6379' } }],
    [{ config: { CASSANDRA_PASSWORD: 'hush' } }],
  ])('keeps quiet about %j', ([fields]) => {
    expect(logged(fields ?? {})).toContain('[redacted]');
    expect(logged(fields ?? {})).not.toContain('hush');
  });

  it('tells of an error what kind it is, its words, where it came from and what caused it', () => {
    const err = Object.assign(new Error('outer', { cause: new TypeError('inner') }), { code: '23505' });
    const { err: said } = JSON.parse(logged({ err }));
    expect(said).toMatchObject({
      type: 'Error',
      message: 'outer',
      code: '23505',
      cause: { type: 'TypeError' },
    });
    expect(said.stack).toContain('log.test.ts');
  });

  it('does not repeat the rows that hang on an error of PostgreSQL', () => {
    const err = Object.assign(new Error('duplicate key'), { detail: 'Key (text)=(hush) already exists.' });
    expect(logged({ err })).not.toContain('hush');
    expect(logged({ err: new Error('outer', { cause: err }) })).not.toContain('hush');
  });

  it('survives an error that is its own cause, and one that is no error', () => {
    const circle = new Error('circle');
    circle.cause = circle;
    expect(logged({ err: circle })).toContain('circle');
    expect(logged({ err: 'just words' })).toContain('just words');
  });

  it('writes one line, whatever is in it', () => {
    expect(logged({ name: 'a\n{"level":60}' }).trim()).not.toContain('\n');
  });
});
