import { RegisterPushEndpointDocument } from '../gql/graphql.ts';
import { pushAddressOf } from '../notification/push-address.ts';
import { askSignedIn } from './ask.ts';
import { tellWindows } from './windows.ts';

declare const self: ServiceWorkerGlobalScope;

/** What browsers say of it, more or less. */
type Change = {
  readonly oldSubscription?: PushSubscription | null;
  readonly newSubscription?: PushSubscription | null;
};

/**
 * The browser is woken at another place from now on, or nowhere: the server is told of the new one. When that fails, a window that
 * is open does it, or the next one that is opened.
 */
export async function onEndpointChanged({ oldSubscription, newSubscription }: Change): Promise<void> {
  const options = oldSubscription?.options;
  const subscription =
    newSubscription ??
    (options && (await self.registration.pushManager.subscribe(options).catch(() => undefined)));
  const address = subscription && pushAddressOf(subscription.toJSON());
  if (address) await askSignedIn(RegisterPushEndpointDocument, { input: { address } });
  await tellWindows({ kind: 'endpointChanged' });
}
