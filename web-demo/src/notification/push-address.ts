import type { PushAddressInput } from '../gql/graphql.ts';

/** Where a browser is woken, as the server wants to know it. Undefined when the browser says too little of it. */
export function pushAddressOf({ endpoint, keys }: PushSubscriptionJSON): PushAddressInput | undefined {
  const { p256dh, auth } = keys ?? {};
  if (!endpoint || !p256dh || !auth) return undefined;
  return { web: { url: endpoint, p256dh, auth } };
}
