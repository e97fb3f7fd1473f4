import { useState } from 'react';
import { Button } from '../design/button.tsx';
import { LeaveChannelDocument } from '../gql/graphql.ts';
import { Confirm } from '../people/confirm.tsx';
import { useAsk } from '../people/use-ask.ts';
import { go } from '../route.ts';
import type { ChannelShown } from './channel-shown.ts';
import { type MemberShown, reasonNotToLeave } from './roles.ts';

type Props = { readonly channel: ChannelShown; readonly members: readonly MemberShown[] };

/** The way out of a group, or why there is none yet. */
export function LeaveGroup({ channel, members }: Props) {
  const { ask, isBusy, problem, forget } = useAsk();
  const [isAsked, askFirst] = useState(false);
  const isAlone = channel.memberCount === 1;
  const reason = reasonNotToLeave(channel, members);
  const close = () => {
    forget();
    askFirst(false);
  };
  const goOut = async () => {
    const input = { channelId: channel.id };
    if (await ask(LeaveChannelDocument, { input }, (data) => data.leaveChannel)) go({ screen: 'channels' });
  };
  return (
    <section className="channel-details__section" aria-label="Leave the group">
      <div>
        <Button kind="danger" disabled={reason !== undefined} onClick={() => askFirst(true)}>
          Leave the group
        </Button>
      </div>
      {reason && <p className="channel-details__hint">{reason}</p>}
      {isAsked && (
        <Confirm
          title={`Leave “${channel.name}”?`}
          label={isAlone ? 'End the group' : 'Leave'}
          isBusy={isBusy}
          problem={problem}
          onConfirm={() => void goOut()}
          onClose={close}
        >
          {isAlone
            ? 'You are alone in it, so the group ends, for good. What was written in it cannot be read any more.'
            : 'You cannot read it any more, and hear nothing of it. Whoever is in it can add you again.'}
        </Confirm>
      )}
    </section>
  );
}
