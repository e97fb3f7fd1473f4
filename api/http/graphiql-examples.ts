/** One tab of GraphiQL. */
export type Example = { readonly query: string; readonly variables?: string; readonly headers?: string };

const signIn = `# Sign in, copy the accessToken, and put it below, under "Headers", in the other tabs.
mutation SignIn($input: SignInInput!) {
  signIn(input: $input) {
    __typename
    ... on SignInPayload {
      session { accessToken accessTokenExpiresAt refreshToken }
    }
    ... on Denied { code explanation }
    ... on InvalidInput { code explanation field }
  }
}
`;

const channels = `# Who am I, and where? Take the id of a channel from here.
query Channels {
  syncCursor
  viewer {
    user { id handle displayName }
    channels(first: 20) {
      edges { node { id name memberCount lastMessage { number text author { handle } } } }
    }
  }
}
`;

const events = `# Leave this running, and send from the next tab. It goes over a WebSocket.
subscription Events($after: [Cursor!]) {
  events(after: $after) {
    __typename
    eventId
    cursor
    at
    ... on ChannelEvent { channelId }
    ... on MessageSent { message { number text author { handle } } }
    ... on MessageEdited { message { number text revision } }
    ... on MemberAdded { member { role user { handle } } }
    ... on SyncReset { reason }
  }
}
`;

const send = `# The nonce is yours to choose: with the same one, repeating this sends nothing twice.
mutation Send($input: SendMessageInput!) {
  sendMessage(input: $input) {
    __typename
    ... on SendMessagePayload { message { id number createdAt } deduplicated }
    ... on Denied { code explanation }
    ... on InvalidInput { code explanation field }
  }
}
`;

const headers = '{\n  "authorization": "Bearer <accessToken>"\n}';
const asText = (value: object) => JSON.stringify(value, null, 2);

/** What GraphiQL shows in its tabs to somebody who has not been there before. A test checks each against the schema. */
export const examplesFor = (person: { readonly handle: string; readonly password: string }): Example[] => [
  {
    query: signIn,
    variables: asText({ input: { ...person, device: { label: 'GraphiQL', platform: 'WEB' } } }),
  },
  { query: channels, headers },
  { query: events, headers },
  {
    query: send,
    variables: asText({ input: { channelId: '', text: 'Hello from GraphiQL', nonce: '1' } }),
    headers,
  },
];
