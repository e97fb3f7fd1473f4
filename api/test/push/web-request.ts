import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { createVapidCheck, VapidSender } from './web-vapid.ts';

/** What services take at most (RFC 8030, section 7.2). */
export const maxBodyBytes = 4_096;

/** The whole body; undefined when it is longer than services read. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= maxBodyBytes) chunks.push(chunk);
  }
  return length <= maxBodyBytes ? Buffer.concat(chunks) : undefined;
}

/** RFC 8030: how long to keep it, how soon to wake the device, what it replaces. */
const Headers = z.object({
  ttl: z.string().regex(/^\d+$/).transform(Number),
  urgency: z.enum(['very-low', 'low', 'normal', 'high']).default('normal'),
  topic: z
    .string()
    .regex(/^[\w-]{1,32}$/)
    .optional(),
  'content-encoding': z.literal('aes128gcm'),
});
export type PushHeaders = Omit<z.output<typeof Headers>, 'content-encoding'>;

/** `problem`: what was against the standards, if anything. */
export type Refusal = { readonly status: number; readonly problem: string | undefined };
export const isRefusal = (checked: object): checked is Refusal => 'problem' in checked;

type Asked = {
  readonly origin: string;
  readonly now: number;
  readonly check: ReturnType<typeof createVapidCheck>;
  /** The key that the subscription is bound to. */
  readonly boundTo: string | undefined;
};

/** What a strict service looks at before it keeps a push. It cannot look inside. */
export function checkHeaders(
  headers: IncomingHttpHeaders,
  { origin, now, check, boundTo }: Asked,
): (PushHeaders & { readonly sender: VapidSender }) | Refusal {
  let sender: VapidSender;
  try {
    sender = check(headers.authorization, { origin, now });
  } catch (error) {
    return { status: 401, problem: String(error) };
  }
  if (boundTo !== undefined && sender.key !== boundTo)
    return { status: 403, problem: 'The subscription is bound to another key.' };
  const { data, error } = Headers.safeParse(headers);
  if (data === undefined) return { status: 400, problem: z.prettifyError(error) };
  const { ttl, urgency, topic } = data;
  return { sender, ttl, urgency, ...(topic !== undefined && { topic }) };
}
