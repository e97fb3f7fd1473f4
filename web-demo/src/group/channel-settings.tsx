import { useId } from 'react';
import { isMutedAt } from '../channel-list/channel-words.ts';
import { useNow } from '../channel-list/use-now.ts';
import { Menu } from '../design/menu.tsx';
import { momentOf } from '../design/times.ts';
import { Toggle } from '../design/toggle.tsx';
import {
  ArchiveChannelDocument,
  MuteChannelDocument,
  UnarchiveChannelDocument,
  UnmuteChannelDocument,
} from '../gql/graphql.ts';
import { ChannelLevel } from '../notification/channel-level.tsx';
import { useAnnounce } from '../people/announce.tsx';
import { ProblemNotice } from '../people/problem.tsx';
import { useAsk } from '../people/use-ask.ts';
import type { ChannelShown } from './channel-shown.ts';
import './channel-settings.css';

type Props = { readonly channel: ChannelShown };

/** What the viewer set for this channel, for themselves alone. */
export function ChannelSettings({ channel }: Props) {
  const id = useId();
  return (
    <section className="channel-details__section" aria-labelledby={id}>
      <h2 id={id}>For you</h2>
      <div className="channel-details__card">
        <Muting channel={channel} />
        <ChannelLevel channelId={channel.id} />
        <Archiving channel={channel} />
      </div>
      <p className="channel-details__hint">Nobody else learns of these. They count on all your devices.</p>
    </section>
  );
}

const hourMs = 3_600_000;
const spans = [
  { label: 'Mute for 1 hour', ms: hourMs },
  { label: 'Mute for 8 hours', ms: 8 * hourMs },
  { label: 'Mute until you unmute it', ms: undefined },
] as const;

function Muting({ channel }: Props) {
  const { id: channelId, viewerState } = channel;
  const { ask, problem } = useAsk();
  const announce = useAnnounce();
  const isMuted = isMutedAt(channel, useNow());
  const mute = async (ms: number | undefined) => {
    const until = ms === undefined ? undefined : new Date(Date.now() + ms).toISOString();
    const done = await ask(MuteChannelDocument, { input: { channelId, until } }, (data) => data.muteChannel);
    if (done) announce('Muted');
  };
  const unmute = async () => {
    const done = await ask(UnmuteChannelDocument, { input: { channelId } }, (data) => data.unmuteChannel);
    if (done) announce('Not muted any more');
  };
  const { mutedUntil } = viewerState;
  const muted = mutedUntil
    ? `Muted. That ends ${momentOf(mutedUntil, Date.now())}.`
    : 'Muted, until you unmute it.';
  return (
    <div className="channel-settings__row">
      <span className="channel-settings__words">
        <span className="channel-settings__name">Muting</span>
        <span className="channel-details__hint">
          {isMuted ? muted : 'Not muted: what is unread here counts in the total.'}
        </span>
      </span>
      <Menu
        label={isMuted ? 'Change muting' : 'Mute'}
        trigger={<span className="button button--plain">{isMuted ? 'Change …' : 'Mute …'}</span>}
        items={[
          ...(isMuted ? [{ label: 'Unmute', icon: 'bell', onSelect: () => void unmute() } as const] : []),
          ...spans.map(({ label, ms }) => ({ label, onSelect: () => void mute(ms) })),
        ]}
      />
      <ProblemNotice problem={problem} />
    </div>
  );
}

function Archiving({ channel: { id: channelId, viewerState } }: Props) {
  const { ask, problem } = useAsk();
  const input = { channelId };
  const archive = (isWanted: boolean) =>
    isWanted
      ? ask(ArchiveChannelDocument, { input }, (data) => data.archiveChannel)
      : ask(UnarchiveChannelDocument, { input }, (data) => data.unarchiveChannel);
  return (
    <div className="channel-settings__row">
      <Toggle
        label="Archived"
        hint="Out of the list, until you take it back. You stay in it, and nothing is lost."
        checked={viewerState.isArchived}
        onChange={(isWanted) => void archive(isWanted)}
      />
      <ProblemNotice problem={problem} />
    </div>
  );
}
