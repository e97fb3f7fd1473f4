import { useEffect } from 'react';
import { useQuery } from 'urql';
import { useChat } from '../chat/chat-context.tsx';
import { Choice, type Offered } from '../design/choice.tsx';
import {
  ChannelNotificationLevelDocument,
  type NotificationLevel,
  SetNotificationLevelDocument,
} from '../gql/graphql.ts';
import { ProblemNotice } from '../people/problem.tsx';
import { useAsk } from '../people/use-ask.ts';
import { levels } from './preferences.ts';

type Offer = NotificationLevel | 'AS_EVERYWHERE';
const offered: Offered<Offer> = [{ value: 'AS_EVERYWHERE', label: 'As everywhere' }, ...levels];

/** Of what in one channel the viewer wants to be told. */
export function ChannelLevel({ channelId }: { readonly channelId: string }) {
  const [{ data }, again] = useQuery({
    query: ChannelNotificationLevelDocument,
    variables: { id: channelId },
  });
  const { onEvent } = useChat();
  const { ask, problem } = useAsk();
  useEffect(
    () =>
      onEvent((event) => {
        // It may be this that was changed, on another device.
        if (event.__typename === 'ViewerChannelChanged' && event.channelId === channelId)
          again({ requestPolicy: 'network-only' });
      }),
    [onEvent, again, channelId],
  );
  const state = data?.channel?.viewerState;
  if (!state) return null;
  const change = (chosen: Offer) => {
    const input = { channelId, level: chosen === 'AS_EVERYWHERE' ? null : chosen };
    void ask(SetNotificationLevelDocument, { input }, (answer) => answer.setNotificationLevel);
  };
  return (
    <div className="channel-settings__row">
      <Choice
        {...{ label: 'Notifications', offered, value: state.notificationLevel ?? 'AS_EVERYWHERE' }}
        hint="Muting comes first: a muted channel is silent."
        onChange={change}
      />
      <ProblemNotice problem={problem} />
    </div>
  );
}
