import { RemoveMemberDocument, SetMemberRoleDocument } from '../gql/graphql.ts';
import { useAnnounce } from '../people/announce.tsx';
import type { Ask } from '../people/use-ask.ts';
import type { ChannelShown } from './channel-shown.ts';
import type { MemberAct } from './member-acts.ts';
import { type MemberShown, roleNames } from './roles.ts';

/** Changes what a member is. Resolves with whether it was done. */
export function useMemberActs({ id: channelId }: ChannelShown, { user }: MemberShown, ask: Ask) {
  const announce = useAnnounce();
  const act = async (chosen: Exclude<MemberAct, 'message'>): Promise<boolean> => {
    const target = { channelId, userId: user.id };
    const done =
      chosen === 'remove'
        ? await ask(RemoveMemberDocument, { input: target }, (data) => data.removeMember)
        : await ask(
            SetMemberRoleDocument,
            { input: { ...target, role: chosen } },
            (data) => data.setMemberRole,
          );
    if (done === undefined) return false;
    const words = chosen === 'remove' ? 'is removed from the group' : `is ${roleNames[chosen]} now`;
    announce(`${user.displayName} ${words}.`);
    return true;
  };
  return { act };
}
