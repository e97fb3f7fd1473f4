type Settings = {
  readonly httpUrl: string;
  readonly token: string;
  readonly channelId: string;
  /** In ascending order. */
  readonly missing: readonly number[];
};

const query =
  'query ($id: ID!, $number: Position!) { channel(id: $id) { messagesAround(place: { number: $number }, countBefore: 0, countAfter: 100) ' +
  '{ edges { node { number text } } } } }';
/** A server that has just been attacked may take its time. */
const answerMs = 20_000;

/** What somebody who was told to read anew finds in the history instead of these. Returns those that are not there, either. */
export async function readMissing({ httpUrl, token, channelId, missing }: Settings): Promise<number[]> {
  const found = new Set<number>();
  const lost: number[] = [];
  for (const number of missing) {
    if (found.has(number)) continue;
    const response = await fetch(httpUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables: { id: channelId, number } }),
      signal: AbortSignal.timeout(answerMs),
    });
    const text = await response.text();
    for (const [, one] of text.matchAll(/"number":(\d+),"text":"[\d.]+ a message/g)) found.add(Number(one));
    if (!found.has(number)) lost.push(number);
  }
  return lost;
}
