import { useCallback, useEffect, useState } from 'react';
import type { Message } from '../channel/message.ts';
import { useChat } from '../chat/chat-context.tsx';
import { Dialog } from '../design/dialog.tsx';
import { Spinner } from '../design/spinner.tsx';
import { fullTimeOf } from '../design/times.ts';
import { WhyNotifiedDocument, type WhyNotifiedQuery } from '../gql/graphql.ts';
import { ProblemNotice } from '../people/problem.tsx';
import { type Problem, problemOf } from '../people/problem-of.ts';
import { answerWords, outcomeWords, reasonWords, ruleWords } from './why-words.ts';
import './why.css';

type Decision = NonNullable<WhyNotifiedQuery['message']>['notificationDecision'];
type Device = NonNullable<Decision>['devices'][number];

type Props = { readonly message: Message; readonly onClose: () => void };

/** Why the viewer was told of a message, or was not, device by device. */
export function Why({ message, onClose }: Props) {
  const { decision, problem, ask } = useDecision(message.id);
  return (
    <Dialog title="Why was I (not) notified?" onClose={onClose}>
      {problem && <ProblemNotice problem={problem} onRetry={ask} />}
      {!problem && decision === undefined && <Spinner label="The reasons are being read" />}
      {decision === null && (
        <p className="why__none">
          None of your devices was asked about. Either none had notifications turned on, or it was decided a
          moment ago, or more than 30 days ago.
        </p>
      )}
      {decision?.devices.map((device) => (
        <DeviceWhy key={device.id} device={device} />
      ))}
    </Dialog>
  );
}

/** Asked anew each time, past the cache: it may change until it is settled. */
function useDecision(id: string) {
  const { uncached } = useChat();
  const [decision, setDecision] = useState<Decision>();
  const [problem, setProblem] = useState<Problem>();
  const ask = useCallback(async () => {
    setProblem(undefined);
    const { data, error } = await uncached.query(WhyNotifiedDocument, { id }).toPromise();
    if (data) setDecision(data.message?.notificationDecision ?? null);
    else setProblem(problemOf(error));
  }, [uncached, id]);
  useEffect(() => void ask(), [ask]);
  return { decision, problem, ask: () => void ask() };
}

function DeviceWhy({ device: { device, outcome, trace, answer, decidedAt } }: { readonly device: Device }) {
  return (
    <section className="why">
      <h3 className="why__device">
        <bdi>{device?.label ?? 'A device that is gone'}</bdi>
        {device?.isCurrent && ' (this one)'}
      </h3>
      <p className={`why__outcome why__outcome--${outcome.toLowerCase()}`}>
        {outcomeWords[outcome]}
        <time className="why__time" dateTime={decidedAt} title={fullTimeOf(decidedAt)}>
          {fullTimeOf(decidedAt)}
        </time>
      </p>
      {answer && (
        <p>
          {answerWords(answer)}
          {outcome === 'POSTPONED' && ' It is tried again.'}
        </p>
      )}
      <ol className="why__steps">
        {trace.map(({ rule, result, because, explanation }) => (
          <li key={rule} className={`why__step why__step--${result.toLowerCase()}`}>
            <span className="why__rule">{ruleWords(rule)}</span> {reasonWords(because, explanation)}
          </li>
        ))}
      </ol>
    </section>
  );
}
