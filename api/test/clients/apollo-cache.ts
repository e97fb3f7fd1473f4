// region cache
import { InMemoryCache } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import possibleTypes from '../../../schema/possible-types.json' with { type: 'json' };

export const openCache = () =>
  new InMemoryCache({
    possibleTypes,
    typePolicies: {
      // Values without an id: what two queries select of them is put together.
      Verdict: { merge: true },
      Server: { merge: true },
      ServerLimits: { merge: true },
      // One list per field, however many pages of it are read.
      Viewer: { fields: { channels: relayStylePagination(['filter']) } },
      Channel: { fields: { messages: relayStylePagination(), members: relayStylePagination() } },
      // Events pass through: what is in them has ids, and finds its place by these.
      Subscription: { fields: { events: { keyArgs: false, merge: false } } },
    },
  });
// endregion
