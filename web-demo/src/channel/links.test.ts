import { describe, expect, it } from 'vitest';
import { harmless, isLong, isOnlyEmoji, piecesOf } from './links.ts';

const linksIn = (text: string) =>
  piecesOf(text).flatMap((piece) => (piece.kind === 'link' ? [piece.href] : []));
const textOf = (text: string) =>
  piecesOf(text)
    .map((piece) => piece.text)
    .join('');

describe('links in what people write', () => {
  it.each([
    ['see https://parley.example/a?b=c#d', ['https://parley.example/a?b=c#d']],
    ['HTTP://Parley.Example', ['http://parley.example/']],
    ['two: http://a.example, https://b.example.', ['http://a.example/', 'https://b.example/']],
    ['(see https://a.example/x)', ['https://a.example/x']],
    ['https://en.wikipedia.org/wiki/Parley_(talk)', ['https://en.wikipedia.org/wiki/Parley_(talk)']],
    ['https://a.example/x!?…', ['https://a.example/x']],
    ['<https://a.example/x>', ['https://a.example/x']],
    ['https://a.examplehttps://b.example', ['https://a.examplehttps//b.example']],
    ['http://127.0.0.1:4000/graphql', ['http://127.0.0.1:4000/graphql']],
    ['https://münchen.example/', ['https://xn--mnchen-3ya.example/']],
  ])('%j has %j', (text, links) => {
    expect(linksIn(text)).toEqual(links);
  });

  it.each([
    'javascript:alert(1)',
    'javascript://a.example/%0aalert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x file:///etc/passwd ftp://a.example blob:x',
    'java\nscript:alert(1)',
    'xhttps://a.example',
    'https://',
    'https://.',
    'http:// a.example',
    'https:/a.example',
    '://a.example',
    'https://bank.example@evil.example/',
    'https://user:password@evil.example/',
    `https://a.example/${'x'.repeat(5_000)}`,
    '<img src=x onerror=alert(1)><a href="x">',
  ])('%j has none that could be followed to somewhere else', (text) => {
    expect(piecesOf(text).every(({ kind }) => kind === 'text')).toBe(true);
  });

  it('loses nothing of a text', () => {
    const text = 'a https://a.example, (http://b.example/(c)) javascript://x https:// <b> http://';
    expect(textOf(text)).toBe(text);
  });

  it.each(['https://', 'https://a', '://', 'http://a.example(', 'http://.', 'h', '(https://a.example)'])(
    'takes time in proportion to the length of %j, however often it is repeated',
    (part) => {
      const text = part.repeat(1_000_000 / part.length);
      const before = performance.now();
      expect(textOf(text)).toBe(text);
      expect(harmless(text)).toBe(text);
      expect(performance.now() - before).toBeLessThan(5_000);
    },
  );
});

describe('texts that are shown', () => {
  it('turn nothing around them', () => {
    expect(harmless('a\u202Eexe.txt\u202C b\u2066c\u2069')).toBe('aexe.txt bc');
  });

  it('have no controls but tab and new line', () => {
    expect(harmless('a\u0000\u0007\u001b[31m\tb\r\nc\u0085\u009b')).toBe('a[31m\tb\nc');
  });

  it('keep the joiners that words and emoji need', () => {
    const text = 'می‌خواهم 👩‍👩‍👧 é';
    expect(harmless(text)).toBe(text);
  });

  it('have no floods of what has no width, and no towers', () => {
    expect(harmless(`a${'\u200b'.repeat(4_000)}b`)).toBe(`a${'\u200b'.repeat(4)}b`);
    expect(harmless(`a${'\u0335'.repeat(4_000)}b`)).toBe(`a${'\u0335'.repeat(4)}b`);
  });

  it.each([
    ['🎉', true],
    ['👩‍👩‍👧 🇺🇦', true],
    ['👍🏽👍🏽👍🏽', true],
    ['🎉🎉🎉🎉', false],
    ['12', false],
    ['🎉 yes', false],
    ['', false],
    ['\u200d', false],
  ])('%j is emoji only: %s', (text, isIt) => {
    expect(isOnlyEmoji(text)).toBe(isIt);
  });

  it('begin folded when they are long', () => {
    expect(isLong('word '.repeat(100))).toBe(false);
    expect(isLong('x'.repeat(4_000))).toBe(true);
    expect(isLong('\n'.repeat(30))).toBe(true);
  });
});
