import { useEffect } from 'react';
import { useQuery } from 'urql';
import { useChat } from '../chat/chat-context.tsx';
import { Button } from '../design/button.tsx';
import { EmptyState } from '../design/empty-state.tsx';
import { Screen } from '../design/screen.tsx';
import { Spinner } from '../design/spinner.tsx';
import { ChannelDetailsDocument } from '../gql/graphql.ts';
import { Announcements } from '../people/announce.tsx';
import { ProblemNotice } from '../people/problem.tsx';
import { problemOf } from '../people/problem-of.ts';
import { go } from '../route.ts';
import type { ChannelShown } from './channel-shown.ts';
import { DirectDetails } from './direct-details.tsx';
import { GroupDetails } from './group-details.tsx';
import './channel-details.css';

/** What a channel is, who is in it, and what the viewer set for it. */
export function ChannelDetails({ id }: { readonly id: string }) {
  const [{ data, error, fetching }, ask] = useQuery({ query: ChannelDetailsDocument, variables: { id } });
  const { onEvent } = useChat();
  useEffect(
    () =>
      onEvent((event) => {
        // Not a member any more: the server says so now, and the cache cannot know it.
        const isOut = 'channelId' in event && event.channelId === id && event.channel === null;
        if (isOut) ask({ requestPolicy: 'network-only' });
      }),
    [onEvent, id, ask],
  );
  const channel = data?.channel;
  const title = channel?.kind === 'DIRECT' ? 'Details' : 'Group details';
  return (
    <Screen title={title} back={channel ? { screen: 'channel', id } : { screen: 'channels' }}>
      <Announcements>
        <div className="channel-details">
          {channel && <Details channel={channel} />}
          {!channel && fetching && <Spinner label="Loading the details" />}
          {!channel && error && (
            <ProblemNotice
              problem={problemOf(error)}
              onRetry={() => ask({ requestPolicy: 'network-only' })}
            />
          )}
          {channel === null && !fetching && !error && <Gone />}
        </div>
      </Announcements>
    </Screen>
  );
}

const Details = ({ channel }: { readonly channel: ChannelShown }) =>
  channel.directPeer ? (
    <DirectDetails channel={channel} peer={channel.directPeer} />
  ) : (
    <GroupDetails channel={channel} />
  );

const Gone = () => (
  <EmptyState
    title="You are not in this channel"
    action={<Button onClick={() => go({ screen: 'channels' })}>To your channels</Button>}
  >
    Somebody who is in it can add you again.
  </EmptyState>
);
