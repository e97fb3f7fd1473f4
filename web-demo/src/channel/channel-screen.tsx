import { useQuery } from 'urql';
import { Button } from '../design/button.tsx';
import { EmptyState } from '../design/empty-state.tsx';
import { Icon } from '../design/icon.tsx';
import { Screen } from '../design/screen.tsx';
import { ChannelDocument } from '../gql/graphql.ts';
import { hrefOf } from '../route.ts';
import { ChannelPicture, ChannelStatus, titleOf } from './channel-head.tsx';
import { OpenChannel } from './open-channel.tsx';
import { Skeleton } from './skeleton.tsx';
import type { Channel } from './use-timeline.ts';

type Props = { readonly id: string; readonly at?: number | undefined };

/** One channel: what was said, and where one writes. `at`: the number of a message to show. */
export function ChannelScreen({ id, at }: Props) {
  const [{ data, error }, read] = useQuery({ query: ChannelDocument, variables: { id } });
  if (data?.channel) return <Shown channel={data.channel} at={at} />;
  return (
    <Screen title="Channel" back={{ screen: 'channels' }}>
      {data ? (
        <EmptyState title="There is no such channel">
          It does not exist, or you are not in it any more. Your channels are in the list.
        </EmptyState>
      ) : error ? (
        <EmptyState
          title="The channel could not be loaded"
          action={<Button onClick={() => read({ requestPolicy: 'network-only' })}>Try again</Button>}
        >
          The server did not answer.
        </EmptyState>
      ) : (
        <Skeleton />
      )}
    </Screen>
  );
}

function Shown({ channel, at }: { readonly channel: Channel; readonly at: number | undefined }) {
  return (
    <Screen
      title={titleOf(channel)}
      back={{ screen: 'channels' }}
      lead={<ChannelPicture channel={channel} />}
      subtitle={<ChannelStatus channel={channel} />}
      actions={
        <a
          className="icon-button"
          href={hrefOf({ screen: 'details', id: channel.id })}
          aria-label="Details"
          title="Details"
        >
          <Icon name="more" />
        </a>
      }
    >
      <OpenChannel key={channel.id} channel={channel} at={at} />
    </Screen>
  );
}
