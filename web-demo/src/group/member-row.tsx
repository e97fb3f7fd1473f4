import { useState } from 'react';
import { Menu } from '../design/menu.tsx';
import type { VerdictFieldsFragment } from '../gql/graphql.ts';
import { openDirectChannel } from '../people/act-on-person.ts';
import { Confirm } from '../people/confirm.tsx';
import { PersonRow } from '../people/person-row.tsx';
import { ProblemNotice } from '../people/problem.tsx';
import { useAsk } from '../people/use-ask.ts';
import { go } from '../route.ts';
import type { ChannelShown } from './channel-shown.ts';
import { type MemberAct, memberItems, questionAbout } from './member-acts.ts';
import { type Looking, type MemberShown, roleNames } from './roles.ts';
import { useMemberActs } from './use-member-acts.ts';
import './member-row.css';

type Props = {
  readonly channel: ChannelShown;
  readonly member: MemberShown;
  readonly looking: Looking;
  /** Whether the viewer can write to them; undefined until that is known. */
  readonly canWrite: VerdictFieldsFragment | undefined;
};

/** Somebody in a group, and what the viewer can do about them. */
export function MemberRow({ channel, member, looking, canWrite }: Props) {
  const { user, role } = member;
  const asking = useAsk();
  const { act } = useMemberActs(channel, member, asking.ask);
  const [question, askFirst] = useState<MemberAct>();
  const isSelf = user.id === looking.viewerId;
  const select = async (chosen: MemberAct) => {
    if (chosen === 'message') {
      const id = await openDirectChannel(asking.ask, user.id);
      if (id !== undefined) go({ screen: 'channel', id });
    } else if (questionAbout(chosen, { member, isSelf })) askFirst(chosen);
    else await act(chosen);
  };
  const stop = () => {
    asking.forget();
    askFirst(undefined);
  };
  const confirm = async (chosen: MemberAct) => {
    if (chosen !== 'message' && (await act(chosen))) askFirst(undefined);
  };
  const words = question && questionAbout(question, { member, isSelf });
  return (
    <PersonRow
      person={user}
      about={isSelf && 'you'}
      badge={role !== 'MEMBER' && <span className="member-row__role">{roleNames[role]}</span>}
    >
      <Menu
        label={`What can be done about ${user.displayName}`}
        items={memberItems(member, looking, canWrite).map(({ act: chosen, reason, ...item }) => ({
          ...item,
          reason,
          isDisabled: reason !== undefined,
          onSelect: () => void select(chosen),
        }))}
      />
      {question && words ? (
        <Confirm
          {...words}
          isBusy={asking.isBusy}
          problem={asking.problem}
          onConfirm={() => void confirm(question)}
          onClose={stop}
        />
      ) : (
        <ProblemNotice problem={asking.problem} />
      )}
    </PersonRow>
  );
}
