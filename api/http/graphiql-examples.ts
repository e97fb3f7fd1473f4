/** One tab of GraphiQL. */
export type Example = { readonly query: string; readonly headers?: string };

type SomeBody = { readonly handle: string; readonly password: string };

const signIn = ({ handle, password }: SomeBody) => `# 1. Sign in, and copy the accessToken into the "Headers"
#    (below) of the other tabs.
mutation SignIn {
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
    ... on Denied { code explanation }
    ... on InvalidInput { code explanation field }
  }
}
`;

const channels = `# 2. Who am I, and where? Take the id of a channel from here.
query Channels {
  syncCursor
  viewer {
    user { id handle displayName }
    channels(first: 20) {
      edges {
        node {
          id
          name
          memberCount
          lastMessage { number text author { handle } }
        }
      }
    }
  }
}
`;

const events = `# 3. Leave this running, and send from the next tab.
#    It goes over a WebSocket.
subscription Events {
  events {
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

const send = `# 4. The nonce is yours to choose: with the same one,
#    repeating this sends nothing twice.
mutation Send {
  sendMessage(
    input: { channelId: "", text: "Hello from GraphiQL", nonce: "1" }
  ) {
    __typename
    ... on SendMessagePayload {
      message { id number createdAt }
      deduplicated
    }
    ... on Denied { code explanation }
    ... on InvalidInput { code explanation field }
  }
}
`;

const headers = JSON.stringify({ authorization: 'Bearer <accessToken>' }, null, 2);

/** What GraphiQL shows in its tabs to somebody who has not been there before. A test checks each against the schema. */
export const examplesFor = (person: SomeBody): Example[] => [
  { query: signIn(person) },
  { query: channels, headers },
  { query: events, headers },
  { query: send, headers },
];
