import { type AuditResult, serverAudits } from 'graphql-http';
import { beforeAll, describe, expect, it } from 'vitest';
import { serverOfAll } from '../e2e/running.ts';

// The audits of https://github.com/graphql/graphql-http, against a real server.

const server = serverOfAll();
let results: readonly AuditResult[] = [];
beforeAll(async () => {
  const found: AuditResult[] = [];
  for (const audit of serverAudits({ url: server().httpUrl })) found.push(await audit.fn());
  results = found;
});

const levelOf = ({ name }: AuditResult) => name.split(' ', 1)[0] ?? '';
const shortfalls = (level: string) =>
  results.flatMap((result) =>
    levelOf(result) === level && result.status !== 'ok' ? [`${result.name}: ${result.reason}`] : [],
  );

describe('GraphQL over HTTP, as graphql-http audits it', () => {
  it('is audited as a whole', () => {
    expect(results.length).toBe(61);
    expect([...new Set(results.map(levelOf))].toSorted()).toEqual(['MAY', 'MUST', 'SHOULD']);
  });

  it('does all that a server must', () => {
    expect(shortfalls('MUST')).toEqual([]);
  });

  it('does all that a server should', () => {
    expect(shortfalls('SHOULD')).toEqual([]);
  });

  it('leaves out nothing that a server may do', () => {
    expect(shortfalls('MAY')).toEqual([]);
  });
});
