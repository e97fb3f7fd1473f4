import type { ServerProcess } from '../../../bench/server-process.ts';
import { createGroup, type SignedIn } from '../client/people.ts';
import { signUpNamed } from './demo-server.ts';
import { openDirectChannel, openSender } from './seed.ts';

const names = ['Carol', 'Dan', 'Erin', 'Frank', 'Grace', 'Heidi', 'Ivan', 'Judy', 'Mallory', 'Niaj'];
const groupNames = [
  'Garden',
  'Release',
  'Lunch',
  'Reading circle',
  'Night shift',
  'Travel',
  'Choir',
  'House',
];
const groups = 40;
const messagesEach = 60;

const texts = [
  'Good morning! Did everything arrive?',
  'Yes, all of it. Thank you, that was quick.',
  'Then let us meet on Thursday at ten, if that suits everybody. I shall bring the plans, and the coffee.',
  'I cannot before eleven.',
  'Eleven it is. ☕',
  'See https://example.org/plans for what we have so far.',
];

/** Fifty channels of somebody, with ten people, alone and in groups, each with as many messages as the screen shows and more. */
export async function fillAccount({ httpUrl, socketUrl }: ServerProcess, person: SignedIn): Promise<void> {
  const people: SignedIn[] = [];
  for (const name of names) people.push(await signUpNamed(httpUrl, name));
  const channelIds: string[] = [];
  for (const other of people) channelIds.push(await openDirectChannel(httpUrl, person, other));
  for (let nth = 0; nth < groups; nth++) {
    const name = `${groupNames[nth % groupNames.length]} ${Math.floor(nth / groupNames.length) + 1}`;
    const members = people.filter((_, index) => (index + nth) % 3 > 0);
    channelIds.push(await createGroup(httpUrl, person, { name, members }));
  }
  const sender = openSender(socketUrl, person);
  try {
    for (const [nth, channelId] of channelIds.entries()) await sender.sendAll(channelId, talk(nth));
  } finally {
    await sender.close();
  }
}

const talk = (nth: number): readonly string[] =>
  Array.from({ length: messagesEach }, (_, index) => texts[(index + nth) % texts.length] ?? '');
