import { useEffect, useMemo } from 'react';
import { useChat } from '../chat/chat-context.tsx';
import { SetTypingDocument } from '../gql/graphql.ts';
import { createTypingNotice } from './typing-notice.ts';

/** Tells the others that the viewer writes here. What is not heard is over in six seconds: nothing is repeated. */
export function useTypingNotice(channelId: string) {
  const { client } = useChat();
  const notice = useMemo(
    () =>
      createTypingNotice(
        (isTyping) => void client.mutation(SetTypingDocument, { channelId, isTyping }).toPromise(),
        Date.now,
      ),
    [client, channelId],
  );
  useEffect(() => notice.onStop, [notice]);
  return notice;
}
