import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Person } from '../../../schema/test/world.ts';
import { openReleasedClient } from './released-client.ts';

export type Id = { readonly id: string };

/** Those that second-release-stream.test.ts asks; second-release.test.ts asks all others. */
export const streamed = ['Poll', 'Follow', 'FollowChannel'];

/** A client of 0.2.0, and what nearly everything begins with. */
export function openSecondRelease() {
  const client = openReleasedClient('0.2.0.graphql');
  const { change } = client;

  /** Says something, twice: it is said once. */
  async function send(
    by: Person,
    said: { readonly channelId: string; readonly text: string; readonly replyToId?: string | undefined },
  ): Promise<Id> {
    const input = { ...said, nonce: said.text };
    const sent = await change<{ message: Id }>(by, 'Send', input);
    expect(sent).toMatchObject({ deduplicated: false, message: { text: said.text, nonce: said.text } });
    if (sent === undefined) throw new Error('Nothing was sent.');
    expect(await change(by, 'Send', input)).toEqual({ ...sent, deduplicated: true });
    return sent.message;
  }

  /** A group of the owner's with these people, in which the owner has said the texts. */
  async function group(owner: Person, people: readonly Person[], texts: readonly string[] = []) {
    const named = { name: 'Crew', topic: 'Sails' };
    const input = { ...named, memberIds: people.map(({ userId }) => userId), nonce: randomUUID() };
    const made = await change<{ channel: Id }>(owner, 'NewGroup', input);
    const as = { ...named, kind: 'GROUP', directPeer: null, historyVisibility: 'FROM_JOINING' };
    const channel = { ...as, memberCount: people.length + 1 };
    expect(made).toMatchObject({ deduplicated: false, notAdded: [], channel });
    const channelId = String(made?.channel.id);
    const messages: Id[] = [];
    for (const text of texts) messages.push(await send(owner, { channelId, text }));
    return { channelId, messages };
  }
  return { ...client, send, group };
}
