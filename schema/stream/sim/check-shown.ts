import type { ChannelId, UserId } from '../../ids.ts';
import type { OwnState } from '../../ports/memberships.ts';
import type { Delivery, LogDelivery } from '../delivery.ts';
import type { ChannelUpdated, MemberChange, Role } from '../event.ts';
import type { History, Received, Session } from './history.ts';
import type { Shown, ShownChannel } from './shown.ts';
import { memberIn } from './truth.ts';

/** What a device holds of one channel. */
type Held = { name: string | null; own: OwnState; readonly roles: Map<UserId, Role> };

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
  const contacts = new Map<UserId, number | undefined>();
  let viewerVersion = 0;

  function read(channelId: ChannelId, channel: ShownChannel | undefined): void {
    if (channel === undefined) channels.delete(channelId);
    else channels.set(channelId, { ...channel, roles: new Map(channel.roles) });
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
  }

  function takeEvent({ channelId, event }: LogDelivery, shown: Shown | undefined): void {
    const isOwn = memberIn(event) === userId;
    if (isOwn) read(channelId, event.kind === 'member.added' ? shown?.channels.get(channelId) : undefined);
    const held = channels.get(channelId);
    if (held === undefined || isOwn) return;
    if (event.kind === 'channel.updated') {
      const { updated }: ChannelUpdated = JSON.parse(event.body);
      held.name = updated.name ?? held.name;
    } else if (event.kind.startsWith('member.')) {
      const { userId: member, role }: MemberChange = JSON.parse(event.body);
      if (event.kind === 'member.removed') held.roles.delete(member);
      else held.roles.set(member, role);
    }
  }

  function takeViewer(delivery: Exclude<Delivery, LogDelivery>, shown: Shown): void {
    if (delivery.type === 'viewer.changed') viewerVersion = shown.viewerVersion;
    else if (delivery.type === 'contact.changed')
      contacts.set(delivery.userId, shown.contacts.get(delivery.userId));
    else if (delivery.type === 'sync.reset') read(delivery.channelId, shown.channels.get(delivery.channelId));
    else if (delivery.type !== 'viewer.channel') readAll(shown);
    else if (delivery.isMember) merge(delivery.channelId, shown.channels.get(delivery.channelId));
    else channels.delete(delivery.channelId);
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

function inWords(channel: ShownChannel | undefined): string {
  if (channel === undefined) return 'nothing';
  const { name, roles, own } = channel;
  const byId = [...roles].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ name, roles: byId, own });
}
