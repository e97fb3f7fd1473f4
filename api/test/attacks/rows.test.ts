import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

// Every attack has a number, with which the blocks of these tests begin: so it can be seen which of them have one.

/** What each number means. T: the transport, Q: what is asked, A: who may do and see what, P: what wakes devices, O: what operators hold. */
const attacks = {
  T1: 'A foreign page uses what a browser adds by itself: there is nothing to use.',
  T2: 'A token comes in the wrong place, or is not good (any more).',
  T3: 'Sockets are opened that never say who they are.',
  T4: 'Something is asked before the socket was acknowledged.',
  T5: 'A request comes byte by byte, or never ends.',
  T6: 'One address, or one person, opens all the sockets there are.',
  T7: 'A frame is too long, has too many parts, or never ends.',
  T8: 'A compressed frame becomes a thousand times as long.',
  T9: 'Somebody makes the server say much, and never reads it.',
  T10: 'A client that is dead looks alive, because it sends pongs that nobody asked for.',
  T11: 'A thousand frames come per second.',
  T12: 'Ten thousand operations run on one socket.',
  T13: 'One operation id is used again and again, and what it held is not given back.',
  T14: 'The other end of a connection is gone, and nobody has said so.',
  T15: 'A header says where somebody comes from, and is forged.',
  T16: 'A request does not say, or says twice, where it ends.',
  Q1: 'A document is so deep that the stack ends.',
  Q2: 'A document or a request is so long that reading it is the attack.',
  Q3: 'One request makes many attempts, by aliases.',
  Q4: 'One request holds a thousand operations.',
  Q5: 'A short document makes the server read hundreds of thousands of things.',
  Q6: 'A document grows when it is read: fragments, directives, variables.',
  Q7: 'Fields have to be compared with each other, all with all.',
  Q8: 'Names of a schema that is closed are guessed from suggestions.',
  Q9: 'A failure tells what is inside.',
  Q10: 'A form, an image or a link on a foreign page does something.',
  Q11: 'What comes over a socket is no document.',
  Q12: 'Where only chosen documents run, others are asked for.',
  Q13: 'A subscription has several root fields, or an answer several parts.',
  Q14: 'A variable holds what nobody expects.',
  Q15: 'A server for the public has what is there to try things out.',
  A1: 'Somebody gets what their role does not give them: every field, every role.',
  A2: 'Ids are guessed, and the answer or the time it takes says what is there.',
  A3: 'Somebody is removed in the middle of traffic, and listens on.',
  A4: 'Somebody who was removed comes back with an old cursor.',
  A5: 'History is read from before one came, or after one left.',
  A6: 'One thing leads to another that one may not see.',
  A7: 'A session has ended, and its sockets go on.',
  A8: 'A token expires while its socket is open.',
  A9: 'A message is sent in the name of somebody else, or of the server.',
  A10: 'A nonce is used again, or is somebody else’s.',
  A11: 'Messages of others are changed, deleted or answered.',
  A13: 'It is found out who has an account.',
  A14: 'Passwords are guessed.',
  A15: 'Access tokens are forged.',
  A16: 'Values mean something to a store: quotes, wildcards, operators, ends of lines.',
  A17: 'Texts mean something to whoever shows them: markup, directions, characters that are none.',
  A19: 'What is made for one subscriber reaches another.',
  P1: 'A place to be woken at is at no push service: another host, port or scheme, or a name that looks like one.',
  P2: 'The name of a push service leads into the network of the server.',
  P3: 'A push service does not answer, answers without end, or sends us elsewhere.',
  P4: 'A place to be woken at is registered for somebody else, or is somebody else’s.',
  P5: 'Somebody registers ten thousand places to be woken at.',
  P6: 'A push service says that a device is gone, or that we are too many, and is not heard.',
  P7: 'A push says more than it may, to somebody who may not know it, or to whoever carries it.',
  P8: 'What we show to one push service as ours is used at another, or for ever.',
  P9: 'Apple says that a device, a key or a connection is not good any more, and is not heard.',
  O1: 'A package brings what nobody looked at, or a secret is left in the repository.',
  O2: 'Secrets get into the log, or somebody writes lines of their own there.',
  O3: 'What only operators should see is had at the public port.',
  O4: 'The server may do more to its database than it has to.',
  O5: 'Anything at all comes over the network.',
} as const;

const folder = new URL('.', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== 'rows.test.ts');
/** The outer blocks of each file, by what they are called. */
const blocks = files.flatMap((file) => {
  const text = readFileSync(new URL(file, folder), 'utf8');
  return [...text.matchAll(/^describe(?:\.each\([\s\S]*?\n\](?: as const)?\))?\(\s*(['"`])(.*?)\1/gm)].map(
    ([, , title = '']) => ({ file, title }),
  );
});
const numbersOf = (title: string): string[] =>
  /^([A-Z]\d+(?:, [A-Z]\d+)*): /.exec(title)?.[1]?.split(', ') ?? [];
const tested = new Set(blocks.flatMap(({ title }) => numbersOf(title)));

describe('the attacks', () => {
  it.for(Object.entries(attacks))('are tested: %s %s', ([number]) => {
    expect(tested, `No block of a test begins with "${number}: ".`).toContain(number);
  });

  it('are named by every block of these tests', () => {
    expect(files.length).toBeGreaterThan(20);
    const nameless = blocks.filter(({ title }) => numbersOf(title).length === 0);
    expect(nameless.map(({ file, title }) => `${file}: ${title}`)).toEqual([]);
    const silent = files.filter((file) => blocks.every((block) => block.file !== file));
    expect(silent).toEqual([]);
  });

  it('all have a meaning, said here', () => {
    expect([...tested].filter((number) => !Object.hasOwn(attacks, number))).toEqual([]);
  });
});
