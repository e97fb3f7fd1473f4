import type { Seq } from '../../ids.ts';
import type { LogEvent } from '../event.ts';
import type { History, Sending } from './history.ts';
import { type Logs, nonceWithoutDouble } from './store.ts';

/** G1, G2, G3: what was acknowledged is in the log, once, in order. `logs` are as they were at the end. */
export function checkLog({ sendings, lost }: History, logs: Logs): string[] {
  const generations = [...lost.map((loss) => loss.logs), logs];
  const problems = generations.flatMap((generation) => [...holes(generation), ...doubles(generation)]);
  problems.push(...sendings.flatMap((sending) => [...lostAnswers(sending, generations)]));
  problems.push(
    ...sendings.filter((sending) => isUnanswered(sending)).map(({ nonce }) => `unanswered: ${nonce}`),
  );
  for (const channelId of logs.keys()) {
    const own = sendings.filter((sending) => sending.channelId === channelId);
    problems.push(...overtakings(own, { log: logs.get(channelId) ?? [], generation: lost.length }));
    if (lost.length === 0) problems.push(...outOfOrder(own, logs.get(channelId) ?? []));
  }
  return problems;
}

const isUnanswered = ({ acks, isRefused }: Sending) => acks.length === 0 && !isRefused;

function* holes(logs: Logs): Iterable<string> {
  for (const [channelId, log] of logs)
    for (const [index, { seq, createdAt }] of log.entries()) {
      if (seq !== index + 1) yield `G4: ${channelId} has ${seq} at place ${index + 1}`;
      if (createdAt < (log[index - 1]?.createdAt ?? 0)) yield `G3: time goes back at ${channelId}/${seq}`;
    }
}

function* doubles(logs: Logs): Iterable<string> {
  for (const [channelId, log] of logs) {
    const seen = new Map<string, Seq>();
    for (const { authorId, nonce, seq } of log) {
      const key = `${authorId} ${nonceWithoutDouble(nonce)}`;
      if (seen.has(key)) yield `G2: ${key} is at ${channelId}/${seen.get(key)} and at ${seq}`;
      seen.set(key, seq);
    }
  }
}

/** Every answer named a place, and that place holds it. */
function* lostAnswers(
  { channelId, nonce, acks, userId, refSeq }: Sending,
  generations: readonly Logs[],
): Iterable<string> {
  for (const { seq, generation } of acks) {
    const found = generations[generation]?.get(channelId)?.[seq - 1];
    if (found?.authorId !== userId || nonceWithoutDouble(found.nonce) !== `c:${nonce}`)
      yield `G1: ${nonce} was acknowledged at ${channelId}/${seq}, which holds ${found?.nonce}`;
    else if ((found.refSeq ?? undefined) !== refSeq)
      yield `G1: ${nonce} answers ${refSeq}, and ${found.refSeq} where it was acknowledged`;
  }
}

const seqsByNonce = (log: readonly LogEvent[]) => new Map(log.map(({ nonce, seq }) => [nonce, seq]));

/** Acknowledged before another was sent: before it in the log. */
function* overtakings(
  sendings: readonly Sending[],
  { log, generation }: { readonly log: readonly LogEvent[]; readonly generation: number },
): Iterable<string> {
  const seqOf = seqsByNonce(log);
  const acks = sendings.flatMap((sending) =>
    sending.acks.filter((ack) => ack.generation === generation).map((ack) => ({ ...ack, sending })),
  );
  acks.sort((a, b) => a.at - b.at);
  let [next, newest, by] = [0, 0, ''];
  for (const sending of sendings.toSorted((a, b) => a.firstSentAt - b.firstSentAt)) {
    for (let ack = acks[next]; ack !== undefined && ack.at < sending.firstSentAt; ack = acks[next]) {
      if (ack.seq > newest) [newest, by] = [ack.seq, ack.sending.nonce];
      next += 1;
    }
    const seq = seqOf.get(`c:${sending.nonce}`);
    if (seq !== undefined && seq < newest)
      yield `G3: ${sending.nonce} is at ${seq}, though ${by} at ${newest} was acknowledged before it was sent`;
  }
}

/** What one device sends in order stands in order. */
function* outOfOrder(sendings: readonly Sending[], log: readonly LogEvent[]): Iterable<string> {
  const seqOf = seqsByNonce(log);
  const newestOf = new Map<string, { seq: Seq; nonce: string }>();
  for (const { device, place, nonce, isRefused } of sendings) {
    const seq = seqOf.get(`c:${nonce}`);
    if (place === undefined || isRefused || seq === undefined) continue;
    const newest = newestOf.get(device);
    if (newest !== undefined && newest.seq > seq)
      yield `G3: ${nonce} at ${seq} overtook ${newest.nonce} at ${newest.seq}`;
    newestOf.set(device, { seq, nonce });
  }
}
