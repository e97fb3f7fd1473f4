import type { LoggedMessage } from '../history.ts';
import { sleep } from './deferred.ts';
import type { Device } from './device.ts';
import { documents, type PageInfo } from './documents.ts';
import { heldOf } from './events.ts';
import { read } from './perform.ts';
import type { Cast, Channel, Person } from './person.ts';
import type { Play } from './play.ts';

type Ending = { readonly play: Play; readonly cast: Cast };

/** How long everybody has to catch up, and to hold what there is, in milliseconds: a hint that is lost may cost half a minute. */
const caughtUpMs = 90_000;
const completeMs = 60_000;
const lookAgainMs = 500;

const living = ({ cast }: Ending): Device[] => cast.people.flatMap(({ devices }) => devices);

async function until(play: Play, withinMs: number, isSo: () => boolean): Promise<boolean> {
  const end = play.now() + withinMs;
  while (!isSo()) {
    if (play.now() > end || play.closing.aborted) return false;
    await sleep(lookAgainMs, play.closing);
  }
  return true;
}

/** Everybody comes back and catches up. Rejects when somebody does not. */
export async function catchUp(ending: Ending): Promise<void> {
  const { play, cast } = ending;
  const began = new Map(living(ending).map((device) => [device, device.following.attempt()]));
  for (const device of began.keys()) device.wire()?.close();
  const isThere = (device: Device) =>
    device.hasEnded() ||
    (device.following.attempt() > (began.get(device) ?? 0) && device.following.isCaughtUp());
  const late = () => living(ending).filter((device) => !isThere(device));
  if (!(await until(play, caughtUpMs, () => late().length === 0))) {
    const names = late().map(({ name }) => name);
    throw new Error(
      `${names.length} devices did not catch up in ${caughtUpMs} ms: ${names.slice(0, 10).join(', ')}`,
    );
  }
  const end = play.now() + completeMs;
  let left = [...cast.people];
  while (left.length > 0 && play.now() < end && !play.closing.aborted) {
    const complete = await Promise.all(left.map((person) => isComplete(play, person)));
    left = left.filter((_, nth) => !complete[nth]);
    if (left.length > 0) await sleep(lookAgainMs, play.closing);
  }
}

/** The devices of somebody are told of all channels that they are in, of no others, and of all that was answered to anybody there. */
async function isComplete(play: Play, person: Person): Promise<boolean> {
  const answer = await read(play, deviceOf(person), { document: documents.first });
  const shown = new Set(answer?.viewer?.channels.edges.map(({ node }) => node.id));
  return person.devices.every((device) => {
    const { following } = device;
    const told = following.channels();
    const isTold = told.length === shown.size && told.every((id) => shown.has(id));
    return device.hasEnded() || (isTold && device.hasRead() && told.every(following.isUpToDate));
  });
}

const deviceOf = ({ devices, handle }: Person): Device => {
  const device = devices.find((one) => !one.hasEnded());
  if (device === undefined) throw new Error(`${handle} has no device that could look.`);
  return device;
};

/** What there is in the end, and what everybody holds and is shown. */
export async function writeDown(ending: Ending): Promise<void> {
  const { play, cast } = ending;
  for (const channel of cast.channels) await readWhole(play, channel);
  for (const person of cast.people) await look(play, person);
  for (const { name, userId, fold, following } of living(ending)) {
    const held = following.channels().map((id) => [id, fold.messagesIn(id)] as const);
    play.write({ kind: 'rest', t: play.now(), device: name, userId, channels: Object.fromEntries(held) });
  }
}

async function readWhole(play: Play, { id, owner }: Channel): Promise<void> {
  const messages: LoggedMessage[] = [];
  let pageInfo: PageInfo | undefined;
  do {
    const variables = { id, after: pageInfo?.endCursor ?? null };
    const answer = await read(play, deviceOf(owner), { document: documents.oldest, variables });
    if (!answer?.channel) throw new Error('A channel could not be read by who made it.');
    const { page } = answer.channel;
    for (const { node } of page.edges) messages.push(heldOf(node).message);
    pageInfo = page.pageInfo;
  } while (pageInfo.hasNextPage);
  play.write({ kind: 'found', t: play.now(), source: 'history', channelId: id, messages });
}

async function look(play: Play, person: Person): Promise<void> {
  const answer = await read(play, deviceOf(person), { document: documents.look });
  if (!answer?.viewer) throw new Error(`${person.handle} is shown nothing.`);
  const { unreadCount, channels } = answer.viewer;
  play.write({
    kind: 'look',
    t: play.now(),
    userId: person.userId,
    unreadCount,
    channels: channels.edges.map(({ node: { id: channelId, viewerState } }) => ({
      channelId,
      unreadCount: viewerState.unreadCount,
      readNumber: viewerState.member.readNumber ?? 0,
      isMuted: viewerState.isMuted,
    })),
  });
}
