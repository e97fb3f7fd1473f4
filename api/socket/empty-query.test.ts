import { describe, expect, it } from 'vitest';
import { withEmptyQuery } from './empty-query.ts';

const id = '"documentId":"sha256:0"';
const end = ',"query":""';

describe('a frame without a text to run', () => {
  it.for<readonly [string, string, string]>([
    ['an id', `{"id":"a","type":"subscribe","payload":{${id}`, '}}'],
    ['an id in an extension', `{"id":"a","type":"subscribe","payload":{"extensions":{${id}}`, '}}'],
    ['null for a text', `{"id":"a","type":"subscribe","payload":{${id},"query":null`, '}}'],
    ['the payload first', `{"payload":{${id}`, '},"id":"payload","type":"subscribe","more":{"a":[{}]}}'],
    ['more before it', `{"a":{"payload":{}},"b":["payload",{}],"type":"subscribe","payload":{${id}`, '}}'],
    ['two payloads', `{"payload":{"query":"{ a }"},"type":"subscribe","payload":{${id}`, '}}'],
    ['a name that is escaped', `{"type":"subscribe","p\\u0061yload":{${id}`, '}}'],
    ['braces in texts', `{"type":"subscribe","payload":{"variables":{"a":"}\\"}\\\\"},${id}`, '}}'],
    ['spaces', `{ "type" : "subscribe" ,\n"payload" : { "documentId" : "sha256:0" `, '} }'],
    [
      'a number that JavaScript cannot hold',
      `{"type":"subscribe","payload":{"variables":{"a":1e999},${id}`,
      '}}',
    ],
  ])('gets an empty one, and nothing else changes: %s', ([, before, after]) => {
    const frame = withEmptyQuery(`${before}${after}`);
    expect(frame).toBe(`${before}${end}${after}`);
    expect(JSON.parse(frame).payload).toEqual({ ...JSON.parse(`${before}${after}`).payload, query: '' });
  });

  it.for<readonly [string, string]>([
    ['a text', `{"id":"a","type":"subscribe","payload":{"query":"{ a }",${id}}}`],
    ['an empty text', `{"id":"a","type":"subscribe","payload":{"query":"",${id}}}`],
    ['something else for a text', `{"id":"a","type":"subscribe","payload":{"query":7,${id}}}`],
    ['no id', '{"id":"a","type":"subscribe","payload":{}}'],
    ['an id that is null', '{"id":"a","type":"subscribe","payload":{"documentId":null}}'],
    ['an id elsewhere', `{"id":"a","type":"subscribe",${id},"payload":{"variables":{${id}}}}`],
    ['an id in a text', '{"id":"a","type":"subscribe","payload":{"variables":{"a":"\\"documentId\\""}}}'],
    ['a payload that is no object', `{"type":"subscribe","payload":[{${id}}]}`],
    ['another frame', `{"type":"ping","payload":{${id}}}`],
    ['no frame', `[{${id}}]`],
    ['no JSON', `{"type":"subscribe","payload":{${id}}`],
  ])('stays as it is when it has or wants none: %s', ([, frame]) => {
    expect(withEmptyQuery(frame)).toBe(frame);
  });

  it('may be as long and as deep as a frame can be', () => {
    const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
    const frame = `{"type":"subscribe","payload":{${id},"variables":{"a":${deep}}}}`;
    expect(withEmptyQuery(frame)).toBe(`${frame.slice(0, -2)}${end}}}`);
    const text = `{"type":"subscribe","payload":{${id},"variables":{"a":"${'\\"'.repeat(30_000)}"}}}`;
    expect(withEmptyQuery(text)).toBe(`${text.slice(0, -2)}${end}}}`);
  });
});
