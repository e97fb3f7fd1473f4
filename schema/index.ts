import { builder } from './builder.ts';
// Slices in dependency order: each may import those above it, never those below (the architecture test reads this list).
import './refusal.graphql.ts';
import './server/server.graphql.ts';
// A session is on a device, and an account opens sessions: so the account comes last of the three.
import './device/device.graphql.ts';
import './session/session.graphql.ts';
import './account/account.graphql.ts';
import './settings/settings.graphql.ts';
import './contact/contact.graphql.ts';
import './contact/change-contact.graphql.ts';
import './search/search.graphql.ts';
import './channel/channel.graphql.ts';
import './group/group.graphql.ts';
import './member/member.graphql.ts';
import './member/abilities.graphql.ts';
import './viewer-state/viewer-state.graphql.ts';
import './message/message.graphql.ts';
import './message/abilities.graphql.ts';
import './history/history.graphql.ts';
import './read-state/read-state.graphql.ts';
import './read-state/marking.graphql.ts';
import './presence/presence.graphql.ts';
import './typing/typing.graphql.ts';
import './push-endpoint/push-endpoint.graphql.ts';
import './notification/notification.graphql.ts';
import './notification/change-notification.graphql.ts';
import './wake/wake.graphql.ts';
import './decision/decision.graphql.ts';
import './decision/simulation.graphql.ts';
// The stream shows what all the others have.
import './sync/sync.graphql.ts';

/** The executable schema. */
export const schema = builder.toSchema();
