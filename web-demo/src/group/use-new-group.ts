import { useState } from 'react';
import { type ChannelEntryFragment, CreateGroupDocument, type HistoryVisibility } from '../gql/graphql.ts';
import type { Person } from '../people/person.ts';
import { useAsk } from '../people/use-ask.ts';
import { go } from '../route.ts';
import { type Left, leftOut } from './not-added.tsx';
import { useGroupLimit } from './use-group-limit.ts';

export type GroupDraft = {
  readonly name: string;
  readonly topic: string;
  readonly historyVisibility: HistoryVisibility;
  readonly people: readonly Person[];
};
/** A group that is there, but not quite as it was asked for. */
export type Made = {
  readonly channelId: string;
  readonly name: string;
  readonly left: readonly Left[];
  /** An earlier try, of which no answer came, has made it: as the form was then. */
  readonly isEarlier: boolean;
};

/** `randomUUID` is only there on pages that came over TLS or from this computer; these are as good. */
const newNonce = (): string =>
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('-');

type Asked = Pick<ChannelEntryFragment, 'name' | 'topic' | 'historyVisibility'> & { readonly count: number };

/** Whether the group is what was asked for now: what an earlier try has made may be another one. */
const isAsAsked = (channel: ChannelEntryFragment, asked: Asked): boolean =>
  channel.name === asked.name?.trim() &&
  channel.topic === asked.topic &&
  channel.historyVisibility === asked.historyVisibility &&
  channel.memberCount === asked.count;

/** Makes the group of the draft, once: all tries have one nonce, so that a lost answer does not make two. */
export function useNewGroup({ name, topic, historyVisibility, people }: GroupDraft) {
  const { ask, problem, isBusy } = useAsk();
  const limit = useGroupLimit();
  const [nonce] = useState(newNonce);
  const [made, setMade] = useState<Made>();
  const [isNameWanted, wantName] = useState(false);

  const create = async () => {
    wantName(true);
    if (name.trim() === '') return;
    const memberIds = people.map(({ id }) => id);
    const input = { name, topic: topic.trim() || null, historyVisibility, memberIds, nonce };
    const done = await ask(CreateGroupDocument, { input }, (data) => data.createGroup);
    if (done === undefined) return;
    const { channel, notAdded, deduplicated } = done;
    const left = leftOut(notAdded, people);
    const isEarlier =
      deduplicated && !isAsAsked(channel, { ...input, count: people.length + 1 - left.length });
    if (left.length === 0 && !isEarlier) go({ screen: 'channel', id: channel.id });
    else setMade({ channelId: channel.id, name: channel.name ?? name, left, isEarlier });
  };
  return {
    create,
    problem,
    isBusy,
    nameError: isNameWanted && name.trim() === '' ? 'Give the group a name.' : undefined,
    limit,
    // The viewer is in it, too. As long as the limit is not known, the server will say.
    places: limit === undefined ? Number.POSITIVE_INFINITY : limit - 1,
    made,
  };
}
