import type { ChannelId } from '../../ids.ts';
import { newGroup } from '../../ports/memberships.memory.ts';
import type { Membership } from '../../ports/memberships.ts';
import type { ChannelUpdated, LogEvent, MemberChange } from '../event.ts';
import type { Logs } from './store.ts';

/** What the rows of one channel say at the end. */
export type Rows = { readonly pending: number; readonly memberships: readonly Membership[] };

const versionOf = ({ nonce }: LogEvent) => Number(/^s:membership:(\d+)$/.exec(nonce)?.[1] ?? 0);

/** G7 in the rows: the log has every change of membership, in the order of versions, and the rows say where. */
export function checkRows(logs: Logs, rows: ReadonlyMap<ChannelId, Rows>): string[] {
  return [...rows].flatMap(([channelId, found]) => {
    const changes = (logs.get(channelId) ?? []).filter((event) => versionOf(event) > 0);
    const problems = changes.flatMap((event, index) =>
      versionOf(event) === index + 1 ? [] : [`version ${versionOf(event)} comes as the ${index + 1}th`],
    );
    problems.push(...impossible(changes));
    if (found.pending > 0) problems.push(`${found.pending} changes wait for the log`);
    const seqOf = new Map(changes.map((event) => [versionOf(event), event.seq]));
    for (const membership of found.memberships)
      problems.push(...misplaced(membership, seqOf), ...otherThanSaid(membership, changes));
    return problems.map((problem) => `G7: ${channelId}: ${problem}`);
  });
}

function* misplaced({ userId, intervals }: Membership, seqOf: ReadonlyMap<number, number>): Iterable<string> {
  const placeOf = (version: number | null) => (version === null ? null : (seqOf.get(version) ?? null));
  for (const { joinedVersion, joinedSeq, leftVersion, leftSeq } of intervals) {
    if (joinedSeq !== placeOf(joinedVersion) || leftSeq !== placeOf(leftVersion))
      yield `${userId} is there from ${joinedSeq} to ${leftSeq}, by the log from ${placeOf(joinedVersion)} to ${placeOf(leftVersion)}`;
  }
}

/** The log says of roles and names what the rows say. */
function* otherThanSaid({ userId, role, channel }: Membership, log: readonly LogEvent[]): Iterable<string> {
  const said = log.flatMap(({ kind, body }) => {
    if (kind === 'channel.updated') return [];
    const change: MemberChange = JSON.parse(body);
    return change.userId === userId ? [change.role] : [];
  });
  if (said.at(-1) !== role) yield `${userId} is ${role}, by the log ${said.at(-1)}`;
  const renamed = log.findLast(({ kind }) => kind === 'channel.updated');
  const { updated }: Partial<ChannelUpdated> = renamed ? JSON.parse(renamed.body) : {};
  const name = updated?.name ?? newGroup.name;
  if (channel.name !== name) yield `it is called ${channel.name}, by the log ${name}`;
}

/** Who comes was not there; who goes, or gets a role, was. */
function* impossible(changes: readonly LogEvent[]): Iterable<string> {
  const present = new Set<string>();
  for (const { kind, seq, body } of changes) {
    if (kind === 'channel.updated') continue;
    const { userId }: MemberChange = JSON.parse(body);
    if (present.has(userId) === (kind === 'member.added')) yield `${kind} of ${userId} at ${seq} cannot be`;
    if (kind === 'member.added') present.add(userId);
    if (kind === 'member.removed') present.delete(userId);
  }
}
