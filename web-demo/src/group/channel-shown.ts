import type { ChannelDetailsQuery } from '../gql/graphql.ts';

/** A channel with all that its details show. */
export type ChannelShown = NonNullable<ChannelDetailsQuery['channel']>;
