import type { ChannelId, UserId } from '../../ids.ts';
import type { OwnState } from '../../ports/memberships.ts';
import type { Delivery, LogDelivery, PositionsDelivery } from '../delivery.ts';
import type { ChannelUpdated, LogEvent, MemberChange, Role } from '../event.ts';
import type { History, Received, Session } from './history.ts';
import type { Shown, ShownChannel, ShownPosition } from './shown.ts';
import { memberIn } from './truth.ts';

/** What a device holds of one channel. */
type Held = {
  name: string | null;
  own: OwnState;
  readonly roles: Map<UserId, Role>;
  readonly positions: Map<UserId, ShownPosition>;
};

/** What a query shows each person at the end. */
export type ShownAtLast = ReadonlyMap<UserId, Shown>;

/**
 * Roles, names, own settings, contacts and own things: what each device holds, folded from what it read and from the events behind that,
 * is at the end what a query shows (G6). On one subscription nothing about the viewer comes twice (G5).
 */
export function checkShown({ sessions }: History, atLast: ShownAtLast): string[] {
  const devices = new Set(sessions.map(({ device }) => device));
  return [...devices].flatMap((device) => {
    const own = sessions.filter((session) => session.device === device);
    const userId = own[0]?.userId;
    const shown = userId && atLast.get(userId);
    if (!userId || !shown) return [];
    const holding = createHolding(userId);
    const problems = own.flatMap((session) => [...repeats(session)]);
    for (const session of own) holding.take(session);
    return [...problems, ...holding.differences(shown)].map((problem) => `${problem} (${device})`);
  });
}

/** An id of a piece of the user feed comes once in a subscription. */
function* repeats({ received }: Session): Iterable<string> {
  const seen = new Set<string>();
  for (const { delivery } of received) {
    if (!['viewer.channel', 'viewer.changed', 'contact.changed'].includes(delivery.type)) continue;
    if (seen.has(delivery.eventId)) yield `G5: ${delivery.type} ${delivery.eventId} is repeated`;
    seen.add(delivery.eventId);
  }
}

function createHolding(userId: UserId) {
  const channels = new Map<ChannelId, Held>();
  const wentBack: string[] = [];
  const contacts = new Map<UserId, number | undefined>();
  let viewerVersion = 0;

  function read(channelId: ChannelId, channel: ShownChannel | undefined): void {
    if (channel === undefined) channels.delete(channelId);
    else
      channels.set(channelId, {
        ...channel,
        roles: new Map(channel.roles),
        positions: new Map(channel.positions),
      });
  }

  function readAll(shown: Shown): void {
    channels.clear();
    for (const [channelId, channel] of shown.channels) read(channelId, channel);
    contacts.clear();
    for (const [otherId, version] of shown.contacts) contacts.set(otherId, version);
    viewerVersion = shown.viewerVersion;
  }

  /** What is held already takes over what came with the event: not the roles of others. */
  function merge(channelId: ChannelId, channel: ShownChannel | undefined): void {
    const held = channels.get(channelId);
    if (held === undefined || channel === undefined) {
      read(channelId, channel);
      return;
    }
    const role = channel.roles.get(userId);
    Object.assign(held, { name: channel.name, own: channel.own });
    if (role !== undefined) held.roles.set(userId, role);
    place(held, userId, channel);
  }

  /** Takes over how far somebody is, which is never back. */
  function place({ positions }: Held, member: UserId, shown: ShownChannel | undefined): void {
    const [before, now] = [positions.get(member), shown?.positions.get(member)];
    if (now === undefined) return;
    positions.set(member, now);
    if (isBack(before?.read, now.read) || isBack(before?.delivered, now.delivered))
      wentBack.push(`G5: ${member} went back from ${inNumbers(before)} to ${inNumbers(now)}`);
  }

  /** Who writes right behind what they have read has read that, too: no event tells it but the message. */
  function readOwn({ positions }: Held, { authorId, number }: LogEvent): void {
    const before = positions.get(authorId);
    if (before?.read !== number - 1) return;
    positions.set(authorId, { read: number, delivered: Math.max(before.delivered ?? 0, number) });
  }

  function takeEvent({ channelId, event }: LogDelivery, shown: Shown | undefined): void {
    const isOwn = memberIn(event) === userId;
    if (isOwn) read(channelId, event.kind === 'member.added' ? shown?.channels.get(channelId) : undefined);
    const held = channels.get(channelId);
    if (held === undefined || isOwn) return;
    if (event.kind === 'message.sent') readOwn(held, event);
    else if (event.kind === 'channel.updated') {
      const { updated }: ChannelUpdated = JSON.parse(event.body);
      held.name = updated.name ?? held.name;
    } else if (event.kind.startsWith('member.')) {
      const { userId: member, role }: MemberChange = JSON.parse(event.body);
      if (event.kind === 'member.removed')
        for (const known of [held.roles, held.positions]) known.delete(member);
      else held.roles.set(member, role);
      if (event.kind === 'member.added') place(held, member, shown?.channels.get(channelId));
    }
  }

  function takeViewer(delivery: Exclude<Delivery, LogDelivery>, shown: Shown): void {
    if (delivery.type === 'positions') takePositions(delivery, shown);
    else if (delivery.type === 'viewer.changed') viewerVersion = shown.viewerVersion;
    else if (delivery.type === 'contact.changed')
      contacts.set(delivery.userId, shown.contacts.get(delivery.userId));
    else if (delivery.type === 'sync.reset') read(delivery.channelId, shown.channels.get(delivery.channelId));
    else if (delivery.type !== 'viewer.channel') readAll(shown);
    else if (delivery.isMember) merge(delivery.channelId, shown.channels.get(delivery.channelId));
    else channels.delete(delivery.channelId);
  }

  function takePositions({ channelId, memberIds }: PositionsDelivery, { channels: now }: Shown): void {
    const [held, channel] = [channels.get(channelId), now.get(channelId)];
    for (const memberId of held ? memberIds : []) {
      const member = channel?.userOf.get(memberId);
      if (held && member) place(held, member, channel);
    }
  }

  function takeOne({ delivery, shown }: Received): void {
    if (delivery.type === 'log') takeEvent(delivery, shown);
    else if (shown !== undefined) takeViewer(delivery, shown);
  }

  return {
    take({ beginning, snapshot, received }: Session): void {
      if (beginning === 'now' || beginning === 'sync') channels.clear();
      if (snapshot) readAll(snapshot.shown);
      for (const one of received) takeOne(one);
    },
    *differences(shown: Shown): Iterable<string> {
      yield* wentBack;
      if (viewerVersion !== shown.viewerVersion)
        yield `G6: own things of ${userId} are of ${viewerVersion}, and were changed at ${shown.viewerVersion}`;
      for (const [otherId, version] of shown.contacts)
        if (contacts.get(otherId) !== version)
          yield `G6: what ${userId} has towards ${otherId} is held as of ${contacts.get(otherId)}, and is of ${version}`;
      for (const [channelId, channel] of shown.channels) {
        const [held, now] = [inWords(channels.get(channelId)), inWords(channel)];
        if (held !== now) yield `G6: ${channelId} is held as ${held}, and is ${now}`;
      }
    },
  };
}

function inWords(channel: Omit<ShownChannel, 'userOf'> | undefined): string {
  if (channel === undefined) return 'nothing';
  const { name, own } = channel;
  const byId = <T>(of: ReadonlyMap<UserId, T>) => [...of].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const positions = byId(channel.positions).map(([id, position]) => [id, inNumbers(position)]);
  return JSON.stringify({ name, roles: byId(channel.roles), positions, own });
}

const inNumbers = (position: ShownPosition | undefined) => `${position?.read}/${position?.delivered}`;

const isBack = (before: number | null | undefined, now: number | null) =>
  typeof before === 'number' && now !== null && now < before;
