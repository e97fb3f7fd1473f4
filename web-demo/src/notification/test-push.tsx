import { useState } from 'react';
import { useChat } from '../chat/chat-context.tsx';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { OwnPushEndpointsDocument, type PushAnswerFieldsFragment, TestPushDocument } from '../gql/graphql.ts';
import { ProblemNotice } from '../people/problem.tsx';
import { type Problem, problemOf } from '../people/problem-of.ts';
import { answerWords } from './why-words.ts';
import './notification.css';

type Result = { readonly answer?: PushAnswerFieldsFragment; readonly problem?: Problem };

/** Sends a notification to this browser, the whole way round, and says what its push service answered. */
export function TestPush() {
  const { uncached } = useChat();
  const [result, setResult] = useState<Result>({});
  const [isBusy, setBusy] = useState(false);

  async function send(): Promise<Result> {
    const { data: own, error } = await uncached.query(OwnPushEndpointsDocument, {}).toPromise();
    if (!own) return { problem: problemOf(error) };
    const endpoint = own.viewer?.pushEndpoints.find(({ device }) => device.isCurrent);
    if (!endpoint) return { problem: notThere };
    const tested = await uncached.mutation(TestPushDocument, { pushEndpointId: endpoint.id }).toPromise();
    if (!tested.data) return { problem: problemOf(tested.error) };
    const { testPush } = tested.data;
    if (testPush.__typename === 'TestPushPayload') return { answer: testPush.answer };
    return { problem: { until: null, ...testPush } };
  }
  const onClick = async () => {
    setBusy(true);
    setResult(await send());
    setBusy(false);
  };
  const { answer, problem } = result;
  return (
    <>
      <div className="notification__buttons">
        <Button isBusy={isBusy} onClick={() => void onClick()}>
          Send a test
        </Button>
      </div>
      {answer && (
        <Notice kind={answer.outcome === 'ACCEPTED' ? 'info' : 'warning'}>
          {answerWords(answer)}
          {answer.outcome === 'ACCEPTED' && ' If nothing appears, look at the settings of your system.'}
        </Notice>
      )}
      <ProblemNotice problem={problem} />
    </>
  );
}

const notThere: Problem = {
  code: 'NOT_FOUND',
  explanation: 'The server does not know this browser any more. Turn notifications off and on again.',
  until: null,
};
