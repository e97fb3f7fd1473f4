import { useQuery } from 'urql';
import { ChannelMembersDocument } from '../gql/graphql.ts';
import { ChannelSettings } from './channel-settings.tsx';
import type { ChannelShown } from './channel-shown.ts';
import { GroupHistory } from './group-history.tsx';
import { GroupProfile } from './group-profile.tsx';
import { LeaveGroup } from './leave-group.tsx';
import { Members } from './members.tsx';
import { inOrder } from './roles.ts';

/** A group: what it is called, who is in it, and what may be changed. */
export function GroupDetails({ channel }: { readonly channel: ChannelShown }) {
  const [{ data, error, fetching }, ask] = useQuery({
    query: ChannelMembersDocument,
    variables: { id: channel.id },
  });
  const members = inOrder(data?.channel?.members.edges.map(({ node }) => node) ?? []);
  return (
    <>
      <GroupProfile channel={channel} />
      <Members
        channel={channel}
        members={members}
        isLoading={fetching}
        error={error}
        onRetry={() => ask({ requestPolicy: 'network-only' })}
      />
      <ChannelSettings channel={channel} />
      <GroupHistory channel={channel} />
      <LeaveGroup channel={channel} members={members} />
    </>
  );
}
