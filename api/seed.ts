import { signUp } from '../schema/account/sign-up.ts';
import { userByHandle } from '../schema/account/users.ts';
import { createGroup } from '../schema/group/create-group.ts';
import { type ChannelId, deviceIdOf, type MessageId, sessionIdOf, type UserId } from '../schema/ids.ts';
import { idOf } from '../schema/message/message.ts';
import { sendMessage } from '../schema/message/send-message.ts';
import type { Product, ViewerScope } from '../schema/scope.ts';
import { unordered } from '../schema/stream/in-order.ts';
import { isRefusal, type Refusal } from '../schema/verdict.ts';

/** Everybody knows this password: demo people exist only where nobody but this computer can reach them. */
export const demoPassword = 'parley-demo';
export const demoPeople = [
  { handle: 'alice', displayName: 'Alice' },
  { handle: 'bob', displayName: 'Bob' },
] as const;

/** The demo channel, a message in it, and the second of the two people. */
export type DemoIds = {
  readonly channelId: ChannelId;
  readonly messageId: MessageId;
  readonly peerId: UserId;
};

/**
 * Makes the two demo people and their channel, through the same operations as everybody. What is there already stays as it is.
 * Resolves with nothing when the two have ended their group or left it: that is theirs to do, and stays so.
 */
export async function seed(product: Product): Promise<DemoIds | undefined> {
  const [alice, bob] = [await keepPerson(product, demoPeople[0]), await keepPerson(product, demoPeople[1])];
  const input = { name: 'Demo', topic: 'Try things out here', memberIds: [bob.viewer.id], nonce: 'demo' };
  const made = await createGroup(alice, input);
  if (isRefusal(made)) return undefined;
  const channelId = made.channel.id;
  const text = 'Hello Bob, this is the first message.';
  const sent = await sendMessage(alice, { channelId, text, nonce: 'demo-1' });
  await sendMessage(bob, { channelId, text: 'Hello Alice, I can see it.', nonce: 'demo-2' });
  return isRefusal(sent) ? undefined : { channelId, messageId: idOf(sent.message), peerId: bob.viewer.id };
}

async function keepPerson(product: Product, person: (typeof demoPeople)[number]): Promise<ViewerScope> {
  const anonymous = { ...product, viewer: undefined, inOrder: unordered };
  const known = await userByHandle(anonymous, person.handle);
  if (known) return scopeOf(product, known.id);
  const device = { label: 'First start', platform: 'BOT' } as const;
  const { viewer } = done(await signUp(anonymous, { ...person, password: demoPassword, device }));
  return scopeOf(product, viewer.id);
}

/** The server acting for somebody, by no session of theirs. */
function scopeOf(product: Product, id: UserId): ViewerScope {
  return {
    ...product,
    viewer: { id, deviceId: deviceIdOf(0n), sessionId: sessionIdOf(0n) },
    inOrder: unordered,
  };
}

function done<T extends object>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw new Error(`The demo could not be made: ${answer.code}.`);
  return answer;
}
