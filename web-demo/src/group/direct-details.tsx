import { usePresenceOf } from '../channel-list/use-presence.ts';
import { Avatar } from '../design/avatar.tsx';
import { type Person, relationTo } from '../people/person.ts';
import { PersonButtons } from '../people/person-buttons.tsx';
import { ChannelSettings } from './channel-settings.tsx';
import type { ChannelShown } from './channel-shown.ts';

type Props = { readonly channel: ChannelShown; readonly peer: Person };

const presenceWords = { ONLINE: 'Online', IDLE: 'Away', OFFLINE: 'Offline' } as const;

/** The other person, what is between the two, and what the viewer set for their channel. */
export function DirectDetails({ channel, peer }: Props) {
  const presence = usePresenceOf(peer.id);
  const isKnown = presence !== null && presence !== 'UNKNOWN';
  const about = [isKnown ? presenceWords[presence] : '', relationTo(peer)].filter(Boolean).join(' · ');
  return (
    <>
      <section className="channel-details__face" aria-label={peer.displayName}>
        <Avatar name={peer.displayName} colour={peer.colour} presence={presence} size="large" />
        <h2 dir="auto">{peer.displayName}</h2>
        <p className="channel-details__hint">
          <bdi>@{peer.handle}</bdi>
          {about && <> · {about}</>}
        </p>
        <PersonButtons person={peer} isProfile />
      </section>
      <ChannelSettings channel={channel} />
    </>
  );
}
