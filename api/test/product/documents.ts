/** The documents that the tests of the product ask with, as a client would. */

const refused =
  '__typename ... on UserError { code explanation } ... on InvalidInput { field } ... on Denied { until }';

export const messageFields =
  'id number revision text nonce createdAt editedAt deletedAt author { id handle } channel { id }';
export const memberFields = 'id role joinedAt user { id handle }';
export const channelFields = `id kind name topic createdAt historyVisibility memberCount lastNumber
  lastMessage { ${messageFields} } directPeer { id handle }
  viewerState { id isMuted mutedUntil isArchived member { ${memberFields} } }`;
const verdict = '{ isAllowed code explanation until }';
export const abilityFields = `id send ${verdict} addMembers ${verdict} removeMembers ${verdict} update ${verdict} leave ${verdict}
  setRoles ${verdict}`;

const mutation = (name: string, payload: string) => {
  const type = name.charAt(0).toUpperCase() + name.slice(1);
  return `mutation ($input: ${type}Input!) {
    result: ${name}(input: $input) { ${refused} ... on ${type}Payload { ${payload} } }
  }`;
};

export const mutations = {
  createGroup: mutation(
    'createGroup',
    `deduplicated notAdded { userId code explanation } channel { ${channelFields} members(first: 100) { edges { node { ${memberFields} } } } }`,
  ),
  addMembers: mutation(
    'addMembers',
    `channel { ${channelFields} } added { ${memberFields} } notAdded { userId code explanation }`,
  ),
  removeMember: mutation('removeMember', `memberId channel { ${channelFields} }`),
  setMemberRole: mutation('setMemberRole', `member { ${memberFields} } channel { ${channelFields} }`),
  openDirectChannel: mutation('openDirectChannel', `channel { ${channelFields} }`),
  updateGroup: mutation('updateGroup', `channel { ${channelFields} }`),
  muteChannel: mutation('muteChannel', `viewer { id } channel { ${channelFields} }`),
  unmuteChannel: mutation('unmuteChannel', `viewer { id } channel { ${channelFields} }`),
  archiveChannel: mutation('archiveChannel', `viewer { id } channel { ${channelFields} }`),
  unarchiveChannel: mutation('unarchiveChannel', `viewer { id } channel { ${channelFields} }`),
  leaveChannel: mutation('leaveChannel', 'channelId viewer { id channels { edges { node { id } } } }'),
  sendMessage: mutation('sendMessage', `deduplicated message { ${messageFields} }`),
  editMessage: mutation('editMessage', `message { ${messageFields} }`),
  deleteMessage: mutation('deleteMessage', `message { ${messageFields} }`),
} as const;

const pageArgs = '$first: Int, $after: String, $last: Int, $before: String';
const page = 'first: $first, after: $after, last: $last, before: $before';
const pageInfo = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

export const queries = {
  channel: `query ($id: ID!) { channel(id: $id) { ${channelFields} } }`,
  message: `query ($id: ID!) { message(id: $id) { ${messageFields} } }`,
  history: `query ($id: ID!, ${pageArgs}) {
    channel(id: $id) { page: messages(${page}) { edges { cursor node { ${messageFields} } } ${pageInfo} } }
  }`,
  members: `query ($id: ID!, ${pageArgs}) {
    channel(id: $id) { page: members(${page}) { edges { cursor node { ${memberFields} } } ${pageInfo} } }
  }`,
  abilities: `query ($id: ID!) { channel(id: $id) { viewerCan { ${abilityFields} } } }`,
  channels: `query ($filter: ChannelFilter, ${pageArgs}) {
    viewer { page: channels(filter: $filter, ${page}) { edges { cursor node { ${channelFields} } } ${pageInfo} } }
  }`,
} as const;

/** Every field of every event. */
export const eventFields = `__typename eventId cursor at
  ... on ChannelEvent { channelId channel { ${channelFields} } }
  ... on MessageSent { messageId message { ${messageFields} } }
  ... on MessageEdited { messageId message { ${messageFields} } }
  ... on MessageDeleted { messageId message { ${messageFields} } by { id } }
  ... on MemberAdded { memberId member { ${memberFields} } by { id } }
  ... on MemberRemoved { memberId user { id } by { id } }
  ... on MemberRoleChanged { memberId member { ${memberFields} } by { id } }
  ... on ChannelUpdated { by { id } }
  ... on SyncReset { reason }
  ... on ViewerReset { reason }`;

export const streams = {
  events: `subscription ($after: [Cursor!]) { event: events(after: $after) { ${eventFields} } }`,
  changes: `query ($after: [Cursor!]!, $first: Int!) {
    changes(after: $after, first: $first) { cursor hasMore events { ${eventFields} } }
  }`,
  messageAdded: `subscription ($channelId: ID!, $afterNumber: Position) {
    event: messageAdded(channelId: $channelId, afterNumber: $afterNumber) { ${messageFields} }
  }`,
} as const;
