/** What this installation accepts at most: clients may know it (`server { limits }`), but for `pushHosts`; settings can change some of it. */
export type ServerLimits = {
  readonly membersPerGroup: number;
  readonly channelsPerUser: number;
  readonly charactersPerMessage: number;
  readonly bytesPerMessage: number;
  readonly operationsPerSocket: number;
  readonly pageSize: number;
  readonly presenceWatch: number;
  /**
   * Where a Web Push endpoint may be, by https: `host` (at port 443), `host:port`, and `*.host` for whatever is below it, but not
   * itself. In lower case. An address that anybody could choose would make the server knock at doors of its own network.
   */
  readonly pushHosts: readonly string[];
};

/** The push services of the browsers that there are: Chrome and most others, Firefox, Edge, Safari. */
const servicesOfBrowsers = Object.freeze([
  'fcm.googleapis.com',
  '*.push.services.mozilla.com',
  '*.notify.windows.com',
  '*.push.apple.com',
]);

export const defaultLimits: ServerLimits = Object.freeze({
  membersPerGroup: 100,
  channelsPerUser: 1_000,
  charactersPerMessage: 4_000,
  bytesPerMessage: 16_384,
  operationsPerSocket: 64,
  pageSize: 100,
  presenceWatch: 200,
  pushHosts: servicesOfBrowsers,
});
