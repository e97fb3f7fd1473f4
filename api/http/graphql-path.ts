/** Where everything of GraphQL is: operations, streams, sockets, and GraphiQL for people. */
export const graphqlPath = '/graphql';
