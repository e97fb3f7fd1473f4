import type { ServerProcess } from '../../../bench/server-process.ts';
import { read } from '../client/ask.ts';
import { createGroup, type SignedIn } from '../client/people.ts';
import { signInDemo, signUpNamed } from './demo-server.ts';
import { change, openDirectChannel, openSender } from './seed.ts';

type Name = 'alice' | 'bob' | 'carol' | 'dan' | 'erin';
type Line = readonly [author: Name, text: string];

/** The channel that is shown open, and the newest message in it. */
export const shownChannel = 'Street fair';
export const lastWords = 'You have mine!';

const groups: readonly { readonly name: string; readonly lines: readonly Line[] }[] = [
  {
    name: 'Book club',
    lines: [
      ['erin', 'Who has the second volume?'],
      ['alice', 'Me. I can bring it on Tuesday.'],
    ],
  },
  {
    name: 'Choir',
    lines: [
      ['dan', 'Rehearsal is in the small hall this week'],
      ['carol', 'See you there ♫'],
    ],
  },
  {
    name: shownChannel,
    lines: [
      ['carol', 'Good morning! The town has confirmed: we get the whole street on Saturday.'],
      ['carol', 'From ten to six.'],
      ['bob', 'Wonderful! Then I order the tables today.'],
      ['alice', 'How many do we need? Last year twelve were too few.'],
      [
        'dan',
        'Let us take eighteen. The list of who brings what is at https://fair.example/list, please have a look',
      ],
      ['alice', 'Done. I bring two cakes and the big teapot ☕'],
      ['bob', 'Eighteen it is. They come on Friday afternoon, and I need four hands to unload.'],
      ['erin', lastWords],
    ],
  },
];
const directs: readonly { readonly with: Exclude<Name, 'alice'>; readonly lines: readonly Line[] }[] = [
  { with: 'dan', lines: [['alice', 'Thank you for the list, that helps a lot.']] },
  {
    with: 'bob',
    lines: [
      ['bob', 'Are you still at the office?'],
      ['alice', 'Yes, until five'],
      ['bob', 'Could you bring the blue folder?'],
      ['bob', 'It lies on my desk.'],
    ],
  },
];

/** Some people, their channels, and a talk like any other. Nobody of them is real. */
export async function seedTalk(server: ServerProcess): Promise<void> {
  const { httpUrl } = server;
  const people: Readonly<Record<Name, SignedIn>> = {
    alice: await signInDemo(httpUrl, 'alice'),
    bob: await signInDemo(httpUrl, 'bob'),
    carol: await signUpNamed(httpUrl, 'Carol'),
    dan: await signUpNamed(httpUrl, 'Dan'),
    erin: await signUpNamed(httpUrl, 'Erin'),
  };
  const { alice, ...others } = people;
  for (const { with: name, lines } of directs) {
    const channelId = await openDirectChannel(httpUrl, alice, people[name]);
    await say(server, { channelId, lines, people });
  }
  for (const { name, lines } of groups) {
    const channelId = await createGroup(httpUrl, alice, { name, members: Object.values(others) });
    await say(server, { channelId, lines, people });
    for (const person of Object.values(people)) await readAll(httpUrl, person, channelId);
  }
}

type Talk = {
  readonly channelId: string;
  readonly lines: readonly Line[];
  readonly people: Readonly<Record<Name, SignedIn>>;
};

/** Everybody reads before they write. */
async function say({ httpUrl, socketUrl }: ServerProcess, { channelId, lines, people }: Talk): Promise<void> {
  for (const [author, text] of lines) {
    await readAll(httpUrl, people[author], channelId);
    const sender = openSender(socketUrl, people[author]);
    await sender.sendAll(channelId, [text]);
    await sender.close();
  }
}

async function readAll(httpUrl: string, person: SignedIn, channelId: string): Promise<void> {
  const token = person.session.accessToken;
  const query = 'query ($id: ID!) { channel(id: $id) { lastNumber } }';
  const variables = { id: channelId };
  const { channel } = await read<{ channel: { lastNumber: number } }>(httpUrl, { query, variables, token });
  await change(httpUrl, person, { name: 'markRead', input: { channelId, number: channel.lastNumber } });
}
