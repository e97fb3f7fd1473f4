/** A subscription over SSE, event by event. */
export type SseClient = {
  readonly response: Response;
  /** The next event: `next` with what it brings, or `complete`. Rejects when the stream ends without. */
  next(): Promise<{ readonly event: string; readonly data: unknown }>;
  leave(): void;
};

const eventFormat = /^event: (\w+)\ndata:(.*)\n\n/m;

export async function openSse(
  url: string,
  { query, token }: { readonly query: string; readonly token: string },
): Promise<SseClient> {
  const leaving = new AbortController();
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ query }),
    signal: leaving.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    response,
    leave: () => leaving.abort(),
    async next() {
      for (;;) {
        const found = eventFormat.exec(text);
        if (found) {
          text = text.slice(found.index + found[0].length);
          const [, event = '', data = ''] = found;
          return { event, data: data === '' ? undefined : JSON.parse(data) };
        }
        const chunk = await reader?.read();
        if (chunk === undefined || chunk.done) throw new Error('The stream is over.');
        text += chunk.value;
      }
    },
  };
}
