import type { HistoryVisibility } from '../../prisma/generated/client/client.ts';
import { canJoin } from '../channel/channel.policy.ts';
import { type Channel, channelOf, channelOfRow } from '../channel/channel.ts';
import { rowIdOf, type UserId } from '../ids.ts';
import { refusedByLimits } from '../operation-limits.ts';
import type { MembershipChange, MembershipDecision, Roster } from '../ports/memberships.ts';
import type { ViewerScope } from '../scope.ts';
import { type Denied, denied, type Refusal } from '../verdict.ts';
import { canAddCandidate, canHold, checkGroup, type GroupInput, type NotAdded } from './group.policy.ts';

export type CreateGroupInput = GroupInput & {
  readonly memberIds: readonly UserId[];
  readonly historyVisibility?: HistoryVisibility | null;
};
export type CreateGroupPayload = {
  readonly channel: Channel;
  readonly notAdded: readonly NotAdded[];
  readonly deduplicated: boolean;
};
type Limits = ViewerScope['limits'];

/** Creates a group with the viewer as its owner. The same nonce again answers with the same group, also after a crash half-way. */
export async function createGroup(
  scope: ViewerScope,
  input: CreateGroupInput,
): Promise<CreateGroupPayload | Refusal> {
  const invalid = checkGroup(input);
  if (invalid) return invalid;
  const memberIds = [...new Set(input.memberIds)].filter((id) => id !== scope.viewer.id);
  const holds = canHold(memberIds.length + 1, scope.limits.membersPerGroup);
  if (!holds.allowed) return holds;
  const refused = refusedByLimits(scope);
  if (refused && !(await isKept(scope, input))) return refused;
  const channel = await keepChannel(scope, input);
  const made = await scope.stream.changeMembership(
    channel.id,
    { by: scope.viewer.id, candidates: [scope.viewer.id, ...memberIds] },
    (roster) => foundGroup(roster, { owner: scope.viewer.id, memberIds }, scope.limits),
  );
  if (made === undefined) throw new Error('A channel that was just made is gone.');
  if ('allowed' in made) return made;
  // Read again: now it has members.
  return { channel: (await channelOf(scope, channel.id)) ?? channel, ...made };
}

const byNonce = ({ viewer }: ViewerScope, { nonce }: CreateGroupInput) => ({
  createdById: rowIdOf.user(viewer.id),
  nonce,
});

const isKept = async (scope: ViewerScope, input: CreateGroupInput): Promise<boolean> =>
  (await scope.prisma.channel.count({ where: byNonce(scope, input) })) > 0;

/** The row comes first and is found again by its nonce: whatever happens next can be repeated. */
async function keepChannel(scope: ViewerScope, input: CreateGroupInput): Promise<Channel> {
  const { prisma, clock } = scope;
  const by = byNonce(scope, input);
  const row = {
    ...by,
    kind: 'GROUP',
    name: input.name.trim(),
    topic: input.topic?.trim() || null,
    historyVisibility: input.historyVisibility ?? 'FROM_JOINING',
    createdAt: new Date(clock.now()),
  } as const;
  // Not `upsert`: of two that come at once it lets one fail.
  await prisma.channel.createMany({ data: [row], skipDuplicates: true });
  return channelOfRow(await prisma.channel.findUniqueOrThrow({ where: { createdById_nonce: by } }));
}

type Founded = Omit<CreateGroupPayload, 'channel'>;

/** Who becomes a member of a new group. Of one that has been founded before nothing changes. Pure. */
export function foundGroup(
  { channel, members, candidates }: Roster,
  { owner, memberIds }: { readonly owner: UserId; readonly memberIds: readonly UserId[] },
  limits: Limits,
): MembershipDecision<Founded | Denied> {
  const refuse = (verdict: Denied) => ({ changes: [], result: verdict });
  if (channel.hasEnded) return refuse(denied('CHANNEL_ENDED'));
  const present = new Set(members.map(({ userId }) => userId));
  const isFounded = present.size > 0;
  // Who was removed from it since learns nothing of it by the old nonce.
  if (isFounded && !present.has(owner)) return refuse(denied('NOT_A_MEMBER'));
  const ofOwner = canJoin(candidates.get(owner)?.channelCount ?? 0, limits.channelsPerUser);
  if (!isFounded && !ofOwner.allowed) return refuse(ofOwner);
  const notAdded: NotAdded[] = [];
  const changes: MembershipChange[] = [{ kind: 'ADDED', userId: owner, role: 'OWNER' }];
  for (const userId of memberIds) {
    if (present.has(userId)) continue;
    const verdict = canAddCandidate(candidates.get(userId), false, limits.channelsPerUser);
    if (verdict.allowed) changes.push({ kind: 'ADDED', userId, role: 'MEMBER' });
    else notAdded.push({ userId, code: verdict.code });
  }
  return { changes: isFounded ? [] : changes, result: { notAdded, deduplicated: isFounded } };
}
