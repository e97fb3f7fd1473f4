import { openApnsService } from '../api/test/push/apns-service.ts';
import { openWebPushService, type WebSubscription } from '../api/test/push/web-push-service.ts';

// The services that notes are sent to, in a process of their own: what they do is no cost of whoever sends.

/** How many devices there are; as many browsers as people who talk at a time, as each has keys of its own. */
const browsers = 500;

/** What whoever sends has to know. */
export type Answering = {
  readonly web: {
    readonly ca: string;
    readonly host: string;
    readonly browsers: readonly WebSubscription[];
  };
  readonly apns: {
    readonly settings: Awaited<ReturnType<typeof openApnsService>>['settings'];
  };
};

const web = await openWebPushService();
const apns = await openApnsService();
const answering: Answering = {
  web: {
    ca: web.certificate,
    host: `localhost:${web.port}`,
    browsers: Array.from({ length: browsers }, () => web.subscribe()),
  },
  apns: { settings: apns.settings },
};
process.send?.(answering);
// Whoever started it is gone, or wants no more.
process.once('disconnect', () => process.exit());
