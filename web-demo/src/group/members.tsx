import { useId, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { type CombinedError, useQuery } from 'urql';
import { useChat } from '../chat/chat-context.tsx';
import { Button } from '../design/button.tsx';
import { Spinner } from '../design/spinner.tsx';
import { TextField } from '../design/text-field.tsx';
import { MemberAbilitiesDocument } from '../gql/graphql.ts';
import { nameMatches } from '../people/name-matches.ts';
import { ProblemNotice } from '../people/problem.tsx';
import { problemOf } from '../people/problem-of.ts';
import { AddPeople } from './add-people.tsx';
import type { ChannelShown } from './channel-shown.ts';
import { MemberRow } from './member-row.tsx';
import { type Looking, type MemberShown, reasonNotToAdd } from './roles.ts';
import { useGroupLimit } from './use-group-limit.ts';

type Props = {
  readonly channel: ChannelShown;
  /** In order. */
  readonly members: readonly MemberShown[];
  readonly isLoading: boolean;
  readonly error: CombinedError | undefined;
  readonly onRetry: () => void;
};

/** Who is in a group, what can be done about each, and the way in for others. */
export function Members({ channel, members, isLoading, error, onRetry }: Props) {
  const id = useId();
  const [isAdding, add] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const stop = () => {
    flushSync(() => add(false));
    // The button has it back, but for one case: the group is full now, so nothing can be done with it any more.
    if (document.activeElement === document.body) heading.current?.focus();
  };
  const limit = useGroupLimit();
  const reason = reasonNotToAdd({ ...channel, limit });
  const count = limit === undefined ? `${channel.memberCount}` : `${channel.memberCount} of ${limit}`;
  return (
    <section className="channel-details__section" aria-labelledby={id}>
      <div className="channel-details__head">
        <h2 ref={heading} id={id} tabIndex={-1}>
          Members <span className="members__count">{count}</span>
        </h2>
        <Button disabled={reason !== undefined} onClick={() => add(true)}>
          Add people
        </Button>
      </div>
      {reason && <p className="channel-details__hint">{reason}</p>}
      {isLoading && members.length === 0 && <Spinner label="Loading the members" />}
      {error && <ProblemNotice problem={problemOf(error)} onRetry={onRetry} />}
      {members.length > 0 && <MemberList channel={channel} members={members} />}
      {isAdding && <AddPeople channel={channel} members={members} limit={limit} onClose={stop} />}
    </section>
  );
}

/** From here on a list is long enough for a filter. */
const fewMembers = 10;

function MemberList({ channel, members }: Pick<Props, 'channel' | 'members'>) {
  const { viewerId } = useChat();
  const [text, setText] = useState('');
  // With what is here of them already, and asked anew each time the list opens.
  const [{ data }] = useQuery({
    query: MemberAbilitiesDocument,
    variables: { id: channel.id },
    requestPolicy: 'cache-and-network',
  });
  const abilities = new Map(
    data?.channel?.members.edges.map(({ node: { user } }) => [user.id, user.viewerCan]),
  );
  const looking: Looking = {
    viewerId,
    viewerRole: channel.viewerState.member.role,
    viewerCan: channel.viewerCan,
    ownerCount: members.filter(({ role }) => role === 'OWNER').length,
  };
  const matches = nameMatches(text);
  const shown = members.filter(({ user }) => matches(user));
  return (
    <>
      {members.length > fewMembers && (
        <TextField label="Filter members" type="search" value={text} onChange={setText} maxLength={64} />
      )}
      {shown.length === 0 && <p className="channel-details__hint">No member is called “{text.trim()}”.</p>}
      <ul className="people-list" hidden={shown.length === 0}>
        {shown.map((member) => (
          <MemberRow
            key={member.id}
            channel={channel}
            member={member}
            looking={looking}
            canWrite={abilities.get(member.user.id)?.openDirectChannel}
          />
        ))}
      </ul>
    </>
  );
}
