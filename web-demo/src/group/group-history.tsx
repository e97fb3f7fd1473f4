import { useId } from 'react';
import { type HistoryVisibility, UpdateGroupDocument } from '../gql/graphql.ts';
import { useAnnounce } from '../people/announce.tsx';
import { ProblemNotice } from '../people/problem.tsx';
import { useAsk } from '../people/use-ask.ts';
import type { ChannelShown } from './channel-shown.ts';
import { HistoryChoice } from './history-choice.tsx';
import { reasonNotToUpdate } from './roles.ts';

/** What new members can read, to be changed by who may: at once, and for everybody. */
export function GroupHistory({ channel }: { readonly channel: ChannelShown }) {
  const { ask, problem } = useAsk();
  const announce = useAnnounce();
  const id = useId();
  const change = async (historyVisibility: HistoryVisibility) => {
    const input = { channelId: channel.id, historyVisibility };
    if (await ask(UpdateGroupDocument, { input }, (data) => data.updateGroup)) announce('Saved');
  };
  return (
    <section className="channel-details__section" aria-labelledby={id}>
      <h2 id={id}>What new members can read</h2>
      <div className="channel-details__card">
        <HistoryChoice
          value={channel.historyVisibility}
          onChange={(value) => void change(value)}
          reason={reasonNotToUpdate(channel.viewerCan)}
          isLegendHidden
        />
        <ProblemNotice problem={problem} />
      </div>
      <p className="channel-details__hint">It counts at once, also for those who are in the group already.</p>
    </section>
  );
}
