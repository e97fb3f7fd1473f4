/** A subscription over SSE, event by event. */
export type SseClient = {
  readonly response: Response;
  /** The next event: `next` with what it brings, or `complete`. Rejects when the stream ends without. */
  next(): Promise<{ readonly event: string; readonly data: unknown }>;
  /** Everything that has come so far, comments included. */
  text(): string;
  leave(): void;
};

type SseOperation = {
  readonly token: string;
  readonly query?: string;
  readonly documentId?: string;
  readonly variables?: object;
};

/** Only these end a line here; `.` would stop at others as well. */
const eventFormat = /^event: (\w+)\ndata:([^\n]*)\n\n/m;

export async function openSse(url: string, { token, ...body }: SseOperation): Promise<SseClient> {
  const leaving = new AbortController();
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify(body),
    signal: leaving.signal,
  });
  let all = '';
  let taken = 0;
  let wake = () => {};
  let isOver = false;
  const reading = readAll();

  async function readAll(): Promise<void> {
    try {
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        all += chunk;
        wake();
      }
    } catch {
      // Cut: what came before it is still there to be taken.
    }
    isOver = true;
    wake();
  }

  return {
    response,
    leave: () => leaving.abort(),
    text: () => all,
    async next() {
      for (;;) {
        const found = eventFormat.exec(all.slice(taken));
        if (found) {
          taken += found.index + found[0].length;
          const [, event = '', data = ''] = found;
          return { event, data: data === '' ? undefined : JSON.parse(data) };
        }
        if (isOver) {
          await reading;
          throw new Error('The stream is over.');
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
