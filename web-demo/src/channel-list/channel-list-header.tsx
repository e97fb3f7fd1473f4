import { useQuery } from 'urql';
import { useChat } from '../chat/chat-context.tsx';
import { Avatar } from '../design/avatar.tsx';
import { Badge } from '../design/badge.tsx';
import { Icon } from '../design/icon.tsx';
import { IconLink } from '../design/icon-link.tsx';
import { Menu } from '../design/menu.tsx';
import { ContactRequestCountDocument, type ViewerFieldsFragment } from '../gql/graphql.ts';
import { go, hrefOf } from '../route.ts';
import { openWindowAs, useDemoPeople } from '../sign-in/use-demo-people.ts';

type Props = { readonly viewer: ViewerFieldsFragment | undefined };

/** Who one is, and where else one can go. */
export function ChannelListHeader({ viewer }: Props) {
  return (
    <header className="channel-list__header">
      {viewer ? <ViewerMenu viewer={viewer} /> : <span className="channel-list__viewer" />}
      <PeopleLink />
      <IconLink icon="plus" label="New group" href={hrefOf({ screen: 'newGroup' })} />
    </header>
  );
}

function ViewerMenu({ viewer: { user, settings } }: { readonly viewer: ViewerFieldsFragment }) {
  const chat = useChat();
  const others = useDemoPeople().filter(({ handle }) => handle !== user.handle);
  const items = [
    { label: 'Settings', icon: 'settings', onSelect: () => go({ screen: 'settings' }) },
    { label: 'People', icon: 'people', onSelect: () => go({ screen: 'people' }) },
    { label: 'New group', icon: 'group', onSelect: () => go({ screen: 'newGroup' }) },
    ...others.map(({ handle }) => ({
      label: `Open a window as ${handle}`,
      icon: 'window' as const,
      onSelect: () => openWindowAs(handle),
    })),
    { label: 'Sign out', icon: 'signOut', onSelect: () => void chat.signOut() },
  ] as const;
  return (
    <div className="channel-list__viewer">
      <Menu
        label={`${user.displayName}: your account`}
        items={items}
        trigger={
          <>
            <Avatar name={user.displayName} colour={user.colour} size="small" />
            <span className="channel-list__who">
              <span className="channel-list__viewer-name" dir="auto">
                {user.displayName}
              </span>
              {settings.isInvisible && <span className="channel-list__invisible">Invisible to others</span>}
            </span>
            <Icon name="down" />
          </>
        }
      />
    </div>
  );
}

/** How many wait for an answer stands on it. */
function PeopleLink() {
  const [{ data }] = useQuery({ query: ContactRequestCountDocument });
  const count = data?.viewer?.contactRequests.edges.length ?? 0;
  const label = count > 0 ? `People, ${count} ${count === 1 ? 'request' : 'requests'} for contact` : 'People';
  return (
    <IconLink
      {...{ icon: 'people', label, href: hrefOf({ screen: 'people' }), className: 'channel-list__people' }}
    >
      <Badge count={count} label="requests" />
    </IconLink>
  );
}
