// The documents of GraphiQL's tabs, formatted as GraphiQL formats them.

const refused = '... on Denied { code explanation }\n    ... on InvalidInput { code explanation field }';

/** Somebody whose password everybody knows. */
export type DemoPerson = { readonly handle: string; readonly password: string };

export const signIn = ({ handle, password }: DemoPerson) => `mutation SignIn {
  signIn(
    input: {
      handle: ${JSON.stringify(handle)}
      password: ${JSON.stringify(password)}
      device: { label: "GraphiQL", platform: WEB }
    }
  ) {
    __typename
    ... on SignInPayload {
      session { accessToken accessTokenExpiresAt refreshToken }
    }
    ${refused}
  }
}`;

export const channels = `query Channels {
  syncCursor
  viewer {
    user { id handle displayName }
    unreadCount
    channels(first: 20) {
      edges {
        node {
          id
          kind
          name
          memberCount
          viewerState { unreadCount readByAllNumber }
          lastMessage { id number text author { handle } }
        }
      }
    }
  }
}`;

export const history = `query History($channelId: ID!) {
  channel(id: $channelId) {
    messages(last: 20) {
      edges {
        cursor
        node { id number text createdAt author { handle } }
      }
      pageInfo { hasPreviousPage startCursor }
    }
  }
}`;

export const events = `subscription Events($after: [Cursor!]) {
  events(after: $after) {
    __typename
    eventId
    cursor
    at
    ... on ChannelEvent { channelId }
    ... on MessageSent {
      message { number text author { handle } }
    }
    ... on MessageEdited { message { number text revision } }
    ... on MessageDeleted { messageId }
    ... on MemberAdded { member { role user { handle } } }
    ... on PositionsChanged {
      members { readNumber deliveredNumber user { handle } }
    }
    ... on SyncReset { reason }
  }
}`;

export const send = `mutation Send($channelId: ID!) {
  sendMessage(
    input: {
      channelId: $channelId
      text: "Hello from GraphiQL"
      nonce: "1"
    }
  ) {
    __typename
    ... on SendMessagePayload {
      message { id number createdAt }
      deduplicated
    }
    ${refused}
  }
}`;

export const reply = `mutation Reply($channelId: ID!, $messageId: ID!) {
  sendMessage(
    input: {
      channelId: $channelId
      replyToId: $messageId
      text: "That is an answer"
      nonce: "answer-1"
    }
  ) {
    __typename
    ... on SendMessagePayload {
      message {
        id
        number
        replyTo { number text author { handle } }
      }
      deduplicated
    }
    ${refused}
  }
}`;

export const presence = `subscription Presence($userId: ID!) {
  presence(userIds: [$userId]) {
    user {
      handle
      presence { state lastSeenAt validUntil }
    }
  }
}`;

export const typing = `mutation Typing($channelId: ID!) {
  setTyping(input: { channelId: $channelId, isTyping: true }) {
    __typename
    ... on SetTypingPayload { channel { id } }
    ${refused}
  }
}`;

export const read = `mutation Read($channelId: ID!) {
  markRead(input: { channelId: $channelId, number: 1 }) {
    __typename
    ... on MarkReadPayload {
      channel {
        viewerState { unreadCount member { readNumber } }
        members(first: 10) {
          edges {
            node { readNumber deliveredNumber user { handle } }
          }
        }
      }
      viewer { unreadCount }
    }
    ${refused}
  }
}`;

export const around = `query MessagesAround($channelId: ID!, $place: MessagePlace!) {
  channel(id: $channelId) {
    messagesAround(place: $place, countBefore: 5, countAfter: 5) {
      edges { cursor node { id number text } }
      pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
    }
  }
}`;

export const people = `query People {
  searchUsers(text: "bob", first: 10) {
    edges { node { id handle displayName } }
  }
}`;

export const directChannel = `mutation DirectChannel($userId: ID!) {
  openDirectChannel(input: { userId: $userId }) {
    __typename
    ... on OpenDirectChannelPayload {
      channel { id kind directPeer { handle } }
    }
    ${refused}
  }
}`;

export const contact = `mutation Contact($userId: ID!) {
  requestContact(input: { userId: $userId }) {
    __typename
    ... on RequestContactPayload {
      user {
        handle
        viewerContact
        viewerCan { openDirectChannel { isAllowed } }
      }
      viewer {
        contacts(first: 10) { edges { since node { handle } } }
        contactRequests(direction: OUTGOING, first: 10) {
          edges { requestedAt node { handle } }
        }
        blockedUsers(first: 10) { edges { node { handle } } }
      }
    }
    ${refused}
  }
}`;

export const createGroup = `mutation CreateGroup {
  createGroup(
    input: {
      name: "My first group"
      memberIds: []
      nonce: "my-first-group"
    }
  ) {
    __typename
    ... on CreateGroupPayload {
      channel { id name memberCount }
      notAdded { userId code }
      deduplicated
    }
    ${refused}
  }
}`;

export const messageAdded = `subscription MessageAdded($channelId: ID!) {
  messageAdded(channelId: $channelId, afterNumber: 0) {
    number
    text
    author { handle }
  }
}`;

export const changes = `query Changes($after: [Cursor!]!) {
  changes(after: $after, first: 20, waitSeconds: 10) {
    events {
      __typename
      ... on ChannelEvent { channelId }
      ... on MessageSent { message { number text } }
    }
    cursor
    hasMore
  }
}`;

export const server = `query Server {
  server {
    version
    featureLevel
    limits {
      membersPerGroup
      channelsPerUser
      charactersPerMessage
      operationsPerSocket
      pageSize
    }
    socketEndpoints { url }
  }
}`;
