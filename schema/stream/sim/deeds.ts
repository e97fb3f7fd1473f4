import type { ChannelId, UserId } from '../../ids.ts';
import type { FeedMoved, MembershipDecision, Memberships } from '../../ports/memberships.ts';
import type { Positions } from '../../ports/positions.ts';
import type { EventDraft } from '../event.ts';

/** What the store has been told, in the order in which it was done: enough to do it again. */
export type Deed =
  | {
      readonly type: 'append';
      readonly channelId: ChannelId;
      readonly drafts: readonly EventDraft[];
      readonly now: number;
    }
  | {
      readonly type: 'change';
      readonly channelId: ChannelId;
      readonly who: Parameters<Memberships['change']>[1];
      readonly decision: MembershipDecision<unknown>;
    }
  | { readonly type: 'own'; readonly own: Parameters<Memberships['changeOwn']> }
  | { readonly type: 'touch'; readonly userId: UserId }
  | { readonly type: 'positions'; readonly write: Parameters<Positions['write']> }
  | { readonly type: 'share'; readonly share: Parameters<Positions['share']> }
  | { readonly type: 'contact'; readonly userId: UserId; readonly otherId: UserId }
  | {
      readonly type: 'settle';
      readonly channelId: ChannelId;
      readonly placed: Parameters<Memberships['settle']>[1];
    };

type Told = { did(deed: Deed): void; moved(feed: FeedMoved): void };

/** Rows that tell what was done to them, and which feeds moved by that. `inner`: those of the moment, as a restore makes others. */
export const rowsWithDeeds = (inner: () => Memberships, { did, moved }: Told): Memberships => ({
  async change(channelId, who, decide) {
    const changed = await inner().change(channelId, who, (roster) => {
      const decision = decide(roster);
      did({ type: 'change', channelId, who, decision });
      return decision;
    });
    for (const one of changed?.moved ?? []) moved(one);
    return changed;
  },
  async settle(channelId, placed) {
    did({ type: 'settle', channelId, placed });
    const filled = await inner().settle(channelId, placed);
    for (const one of filled) moved(one);
    return filled;
  },
  async changeOwn(...own) {
    did({ type: 'own', own });
    const changed = await inner().changeOwn(...own);
    if (changed !== undefined) moved(changed);
    return changed;
  },
  pending: (...args) => inner().pending(...args),
  unsettled: (...args) => inner().unsettled(...args),
  feedOf: (...args) => inner().feedOf(...args),
  feedVersions: (...args) => inner().feedVersions(...args),
  of: (...args) => inner().of(...args),
});

/** The same for positions. */
export const positionsWithDeeds = (inner: () => Positions, { did, moved }: Told): Positions => ({
  async write(...write) {
    const written = await inner().write(...write);
    if (written === undefined) return undefined;
    did({ type: 'positions', write });
    for (const one of written.moved) moved(one);
    return written;
  },
  async share(...share) {
    did({ type: 'share', share });
    const shared = await inner().share(...share);
    if (shared !== undefined) moved(shared.moved);
    return shared;
  },
  of: (...args) => inner().of(...args),
  movedAfter: (...args) => inner().movedAfter(...args),
  versions: (...args) => inner().versions(...args),
});

/** As many changes as places, at every moment at which all are in the log. */
export function isUnsettled(deeds: readonly Deed[]): boolean {
  const changed = deeds.flatMap((deed) => (deed.type === 'change' ? versionsIn(deed.decision) : [])).length;
  const settled = deeds.flatMap((deed) =>
    deed.type === 'settle' ? deed.placed.map(({ version }) => `${deed.channelId}/${version}`) : [],
  );
  return new Set(settled).size < changed;
}

/** What of a decision takes a version, and goes to the log. */
const versionsIn = ({ changes, update }: MembershipDecision<unknown>): readonly unknown[] =>
  update === undefined ? changes : [...changes, update];
