import { defaultLimits } from '../schema/limits.ts';
import type { RateLimits } from '../schema/rate-limits.ts';
import type { Config } from './config.ts';

/** What the settings say of limits. */
export type LimitSettings = Pick<
  Config,
  | 'CHANNELS_PER_USER'
  | 'OPERATIONS_PER_SOCKET'
  | 'PUSH_HOSTS'
  | 'SIGN_IN_TRIES'
  | 'SIGN_IN_TRIES_PER_ADDRESS'
  | 'SIGN_IN_TRIES_PER_ACCOUNT'
  | 'SIGN_UPS_PER_ADDRESS'
  | 'SEARCHES_PER_MINUTE'
  | 'FIELDS_PER_MINUTE'
  | 'FIELDS_PER_MINUTE_PER_ADDRESS'
  | 'MESSAGES_PER_MINUTE'
  | 'PEOPLE_PER_HOUR'
  | 'CHANGES_PER_MINUTE'
>;

/** Of the product. */
export const limitsOf = ({ CHANNELS_PER_USER, OPERATIONS_PER_SOCKET, PUSH_HOSTS = [] }: LimitSettings) => ({
  ...defaultLimits,
  channelsPerUser: CHANNELS_PER_USER,
  operationsPerSocket: OPERATIONS_PER_SOCKET,
  pushHosts: [...defaultLimits.pushHosts, ...PUSH_HOSTS],
});

/** Of how often something may be done. */
export const rateLimitsOf = (settings: LimitSettings): RateLimits => ({
  signInTries: settings.SIGN_IN_TRIES,
  signInTriesPerAddress: settings.SIGN_IN_TRIES_PER_ADDRESS,
  signInTriesPerAccount: settings.SIGN_IN_TRIES_PER_ACCOUNT,
  signUpsPerAddress: settings.SIGN_UPS_PER_ADDRESS,
  searchesPerMinute: settings.SEARCHES_PER_MINUTE,
  fieldsPerMinute: settings.FIELDS_PER_MINUTE,
  fieldsPerMinutePerAddress: settings.FIELDS_PER_MINUTE_PER_ADDRESS,
  messagesPerMinute: settings.MESSAGES_PER_MINUTE,
  peoplePerHour: settings.PEOPLE_PER_HOUR,
  changesPerMinute: settings.CHANGES_PER_MINUTE,
});
