import type { SessionFieldsFragment } from '../gql/graphql.ts';

export type Tokens = {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** When the access token is to be renewed, by the clock of this device. */
  readonly renewAt: number;
};

/** When tokens are to be renewed: at half of their life, or soon when this device's clock is wrong. */
export function tokensOf({ accessToken, accessTokenExpiresAt, refreshToken }: SessionFieldsFragment): Tokens {
  const leftMs = Date.parse(accessTokenExpiresAt) - Date.now();
  const inMs = leftMs > 0 && leftMs < 86_400_000 ? leftMs / 2 : 300_000;
  return { accessToken, refreshToken, renewAt: Date.now() + inMs };
}
