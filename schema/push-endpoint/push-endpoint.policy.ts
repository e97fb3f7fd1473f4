import type { PushTarget } from '../ports/push.ts';
import { type InvalidInput, invalidInput } from '../verdict.ts';
import { isPoint } from './p-256.ts';

export type WebPushAddress = { readonly url: URL; readonly p256dh: string; readonly auth: string };
export type ApnsAddress = {
  readonly token: string;
  readonly topic: string;
  readonly isSandbox?: boolean | null;
};
/** Where a device says that it can be woken: one of the two. */
export type PushAddress = { readonly web?: WebPushAddress | null; readonly apns?: ApnsAddress | null };

const maxUrlLength = 2_048;
const authSize = 16;
/** Longer than any key of these; such a text is not even decoded. */
const maxKeyLength = 128;
const maxTopicLength = 155;

const keyForm = /^[\w-]+={0,2}$/;
/** Tokens had 32 bytes for long; Apple asks not to rely on that. */
const tokenForm = /^[0-9a-f]{64,200}$/i;
const bundleForm = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i;
const labelsForm = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/;

// What is said here never has in it what was given: whoever knows such an address can knock at somebody's device.

/**
 * What is to be kept of an address, in the one form that each has; or why it is none. `hosts`: those that are sent to, as
 * `limits.pushHosts` says them.
 */
export function checkAddress(
  { web, apns }: PushAddress,
  hosts: readonly string[],
): PushTarget | InvalidInput {
  if (web) return checkWeb(web, hosts);
  return apns ? checkApns(apns) : invalidInput('EMPTY', 'address', 'Say where this device is woken.');
}

function checkWeb({ url, ...keys }: WebPushAddress, hosts: readonly string[]): PushTarget | InvalidInput {
  const problem = problemOfUrl(url, hosts);
  if (problem !== undefined) return invalidInput(...problem);
  const p256dh = bytesIn(keys.p256dh);
  if (p256dh === undefined || !isPoint(p256dh))
    return invalidInput(
      'MALFORMED',
      'address.web.p256dh',
      "This is no key: give `keys.p256dh` of the browser's subscription, 65 bytes in base64url.",
    );
  const auth = bytesIn(keys.auth);
  if (auth?.length !== authSize)
    return invalidInput(
      'MALFORMED',
      'address.web.auth',
      `This is no secret: give \`keys.auth\` of the browser's subscription, ${authSize} bytes in base64url.`,
    );
  return { service: 'WEB', url: url.href, p256dh: textOf(p256dh), auth: textOf(auth) };
}

type Problem = Parameters<typeof invalidInput>;
const whole = "give the `endpoint` of the browser's subscription as it is.";

function problemOfUrl(url: URL, hosts: readonly string[]): Problem | undefined {
  const field = 'address.web.url';
  if (url.protocol !== 'https:')
    return ['MALFORMED', field, `A push service is reached by https and by nothing else: ${whole}`];
  if (url.username !== '' || url.password !== '')
    return ['MALFORMED', field, `A push service asks for no name and no password: ${whole}`];
  if (url.href.includes('#'))
    return ['MALFORMED', field, `The address of a device has no part behind #: ${whole}`];
  if (url.href.length > maxUrlLength)
    return ['TOO_LONG', field, `An address has at most ${maxUrlLength} characters: ${whole}`];
  if (!hosts.some((entry) => allows(entry, url)))
    return [
      'MALFORMED',
      field,
      'This is at no push service that this server sends to. Those of the usual browsers are; whoever runs the server can add one.',
    ];
  return undefined;
}

/** Whether an entry of the list means the host and port of this address: as they are, or the host below `*.`. */
function allows(entry: string, { hostname, port }: URL): boolean {
  const [, host = '', entryPort = '443'] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (entryPort !== (port || '443')) return false;
  if (!host.startsWith('*.')) return host === hostname;
  const suffix = host.slice(1);
  return hostname.endsWith(suffix) && labelsForm.test(hostname.slice(0, -suffix.length));
}

/** What base64url says, with or without `=` at its end; undefined where it is not written as anybody would write it. */
function bytesIn(text: string): Uint8Array | undefined {
  if (text.length > maxKeyLength || !keyForm.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return textOf(bytes) === text.replace(/=+$/, '') ? bytes : undefined;
}
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

function checkApns({ token, topic, isSandbox }: ApnsAddress): PushTarget | InvalidInput {
  if (!tokenForm.test(token))
    return invalidInput(
      'MALFORMED',
      'address.apns.token',
      'A device token is 64 to 200 hexadecimal digits: give the bytes that the app got, in hexadecimal.',
    );
  if (topic.length > maxTopicLength || !bundleForm.test(topic))
    return invalidInput(
      'MALFORMED',
      'address.apns.topic',
      'The topic is the bundle id of the app, such as com.example.chat.',
    );
  return { service: 'APNS', token: token.toLowerCase(), topic, isSandbox: isSandbox ?? false };
}
