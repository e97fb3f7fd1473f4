/** The limits that clients may know (`server { limits }`); settings can change some of them. */
export type ServerLimits = {
  readonly membersPerGroup: number;
  readonly channelsPerUser: number;
  readonly charactersPerMessage: number;
  readonly bytesPerMessage: number;
  readonly operationsPerSocket: number;
  readonly pageSize: number;
  readonly presenceWatch: number;
};

export const defaultLimits: ServerLimits = Object.freeze({
  membersPerGroup: 100,
  channelsPerUser: 1_000,
  charactersPerMessage: 4_000,
  bytesPerMessage: 16_384,
  operationsPerSocket: 64,
  pageSize: 100,
  presenceWatch: 200,
});
