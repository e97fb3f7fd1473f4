import { z } from 'zod';
import { isNetwork } from './networks.ts';

/** What settings can be, with the words for what they cannot be. */

export const whole = (min: number, max: number, absent: number) =>
  z.coerce
    .number({ error: `must be a whole number from ${min} to ${max}` })
    .int(`must be a whole number from ${min} to ${max}`)
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`)
    .default(absent);
export const optionalPort = z.coerce
  .number({ error: 'must be a whole number from 0 to 65535' })
  .int('must be a whole number from 0 to 65535')
  .min(0, 'must be at least 0')
  .max(65_535, 'must be at most 65535')
  .optional();
export const onOff = z.enum(['on', 'off'], { error: 'must be on or off' }).transform((word) => word === 'on');
const originIn = (text: string) => (URL.canParse(text) ? new URL(text).origin : undefined);
const listed = z.string().transform((list) => list.split(',').map((one) => one.trim()));
export const networks = listed.refine((list) => list.every(isNetwork), {
  error: 'must be addresses or ranges such as 10.0.0.0/8, with commas between them',
});
export const origins = listed.refine((list) => list.every((origin) => originIn(origin) === origin), {
  error: 'must be origins such as https://chat.example, with commas between them and without a path',
});
export const httpUrl = z.url({ protocol: /^https?$/, error: 'must be a URL such as https://chat.example' });
export const socketUrl = z.url({
  protocol: /^wss?$/,
  error: 'must be a URL such as wss://chat-1.example/graphql',
});
export const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'must look like postgresql://user:password@host:5432/name',
});
export const redisUrl = z.url({
  protocol: /^rediss?$/,
  error: 'must look like redis://user:password@host:6379',
});
/** A name or an address, and a port where it is not 9042. */
const node = /^(\[[\da-f:.]+\]|[^\s/:]+)(:\d{1,5})?$/i;
export const contactPoints = listed.refine((list) => list.every((point) => node.test(point)), {
  error: 'must be nodes such as cassandra-1.example or cassandra-1.example:9043, with commas between them',
});
export const contact = z.url({
  protocol: /^(mailto|https)$/,
  error: 'must be mailto:someone@example.org or an https URL',
});
export const httpsOrigin = z
  .url({ protocol: /^https$/, error: 'must be an origin such as https://relay.example' })
  .refine((text) => originIn(text) === text, {
    error: 'must be an origin such as https://relay.example, without a path',
  });
const pushHost = /^[a-z0-9.-]+(:\d{1,5})?$/;
export const pushHosts = listed.refine((list) => list.every((host) => pushHost.test(host)), {
  error: 'must be hosts such as push.example or push.example:8443, in lower case, with commas between them',
});
export const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
