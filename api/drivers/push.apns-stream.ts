import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2';
import type { ApnsReply } from './push.apns-answer.ts';
import type { Deadline } from './push.apns-deadlines.ts';
import type { ApnsRequest } from './push.apns-payload.ts';

/** Apple says a hundred bytes; whoever says more than this is not Apple. */
const maxAnswerBytes = 65_536;

/**
 * What became of one request. `unseen`: the service has not looked at it, and says so, so it may be sent again. `lost`: nobody knows
 * whether the service has it.
 */
export type Exchange =
  | { readonly kind: 'answer'; readonly reply: ApnsReply }
  | { readonly kind: 'unseen' }
  | { readonly kind: 'lost'; readonly isTooLate: boolean };

type Sending = {
  readonly session: ClientHttp2Session;
  readonly request: ApnsRequest;
  readonly deadline: Deadline;
  /** Whether a GOAWAY says that the service has not looked at this stream; undefined is one that never got its number. */
  readonly isUnseen: (streamId: number | undefined) => boolean;
};
type Hearing = {
  readonly onSettled: (exchange: Exchange) => void;
  /** The service lives. */
  readonly onHeard: () => void;
  /** Its place among those at once is free. */
  readonly onClosed: () => void;
};

/** One request on its stream. Settles once, at the deadline whatever the stream does then. */
export function exchange(sending: Sending, { onSettled, onHeard, onClosed }: Hearing): void {
  const { session, request, deadline } = sending;
  const stream = begin(session, request);
  if (stream === undefined) {
    onSettled({ kind: 'unseen' });
    onClosed();
    return;
  }
  const answer = hear(stream, onHeard);
  let isSettled = false;
  const settle = (outcome: () => Exchange) => {
    if (isSettled) return;
    isSettled = true;
    deadline.onOver = undefined;
    onSettled(outcome());
  };
  deadline.onOver = () => {
    settle(() => answer.cutShort() ?? { kind: 'lost', isTooLate: true });
    stream.close(constants.NGHTTP2_CANCEL);
  };
  stream.once('close', () => {
    const isUnseen = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM || sending.isUnseen(stream.id);
    settle(
      () =>
        answer.whole() ??
        answer.cutShort() ??
        (isUnseen ? { kind: 'unseen' } : { kind: 'lost', isTooLate: false }),
    );
    onClosed();
  });
  stream.end(request.body);
}

/** Undefined on a connection that has just ended; headers are in order, as addresses were looked at before. */
function begin(session: ClientHttp2Session, { headers }: ApnsRequest): ClientHttp2Stream | undefined {
  try {
    return session.request(headers);
  } catch {
    return undefined;
  }
}

/** Collects an answer, up to its bound. */
function hear(stream: ClientHttp2Stream, onHeard: () => void) {
  let status: number | undefined;
  let retryAfter: string | undefined;
  let hasEnded = false;
  let isTooLong = false;
  let body = '';
  let bytes = 0;
  stream.on('error', () => undefined); // its `close` says the rest
  stream.once('response', (headers) => {
    onHeard();
    status = headers[':status'];
    retryAfter = headers['retry-after'];
  });
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    isTooLong = bytes > maxAnswerBytes;
    if (isTooLong) stream.close(constants.NGHTTP2_CANCEL);
    else body += chunk.toString('latin1'); // reasons are plain words; other bytes make no sense in any encoding
  });
  stream.once('end', () => {
    hasEnded = !isTooLong;
  });
  const answer = (of: number, whole: string | undefined): Exchange => ({
    kind: 'answer',
    reply: { status: of, body: whole, retryAfter },
  });
  return {
    whole: () =>
      status !== undefined && hasEnded && stream.rstCode === constants.NGHTTP2_NO_ERROR
        ? answer(status, body)
        : undefined,
    /** Of these the body changes nothing; of others it would have said what is to be done, so they are asked again. */
    cutShort: () =>
      status !== undefined && (isTooLong || status === 200 || status === 410)
        ? answer(status, undefined)
        : undefined,
  };
}
