import { useEffect, useState } from 'react';
import { useQuery } from 'urql';
import { useChat } from '../chat/chat-context.tsx';
import { Choice } from '../design/choice.tsx';
import { Spinner } from '../design/spinner.tsx';
import { Toggle } from '../design/toggle.tsx';
import {
  NotificationSettingsDocument,
  UpdateNotificationSettingsDocument,
  type UpdateNotificationSettingsInput,
} from '../gql/graphql.ts';
import { ProblemNotice } from '../people/problem.tsx';
import { problemOf } from '../people/problem-of.ts';
import { useAsk } from '../people/use-ask.ts';
import { Section } from '../settings/section.tsx';
import { DoNotDisturb } from './do-not-disturb.tsx';
import { levels, type Preferences, previewHints, previews, spansWith } from './preferences.ts';
import { QuietHoursForm } from './quiet-hours-form.tsx';

/** Of what one wants to be told, and when. Each of them counts at once, on all devices. */
export function PreferencesSection() {
  const [{ data, error }, again] = useQuery({ query: NotificationSettingsDocument });
  const { onEvent } = useChat();
  useEffect(
    () =>
      onEvent((event) => event.__typename === 'ViewerChanged' && again({ requestPolicy: 'network-only' })),
    [onEvent, again],
  );
  const preferences = data?.viewer?.settings.notifications;
  return (
    <Section title="What you are told of" hint="On all your devices that have notifications turned on.">
      {preferences ? (
        <Choices preferences={preferences} />
      ) : error ? (
        <ProblemNotice problem={problemOf(error)} onRetry={() => again({ requestPolicy: 'network-only' })} />
      ) : (
        <Spinner label="Your settings are being read" />
      )}
    </Section>
  );
}

export type Change = (input: UpdateNotificationSettingsInput) => void;

/** What was just chosen is shown at once. */
function useChange() {
  const { ask, problem } = useAsk();
  const [pending, setPending] = useState<UpdateNotificationSettingsInput>({});
  const change = async (input: UpdateNotificationSettingsInput) => {
    setPending(input);
    await ask(UpdateNotificationSettingsDocument, { input }, (data) => data.updateNotificationSettings);
    // Done or not: what the server says is what is so.
    setPending({});
  };
  const onChange: Change = (input) => void change(input);
  return { pending, onChange, problem };
}

function Choices({ preferences }: { readonly preferences: Preferences }) {
  const { pending, onChange, problem } = useChange();
  const preview = pending.preview ?? preferences.preview;
  const seconds = pending.quietSeconds ?? preferences.quietSeconds;
  return (
    <>
      <Choice
        {...{ label: 'Tell me of', offered: levels, value: pending.level ?? preferences.level }}
        hint="A channel can have a level of its own: see its details."
        onChange={(level) => onChange({ level })}
      />
      <Toggle
        label="Replies to me in muted channels"
        hint="A muted channel is silent otherwise."
        checked={pending.mutedReplies ?? preferences.mutedReplies}
        onChange={(mutedReplies) => onChange({ mutedReplies })}
      />
      <Choice
        {...{ label: 'A notification says', offered: previews, value: preview, hint: previewHints[preview] }}
        onChange={(chosen) => onChange({ preview: chosen })}
      />
      <Choice
        {...{
          label: 'When I was at one of my devices, tell me',
          offered: spansWith(seconds),
          value: String(seconds),
        }}
        onChange={(chosen) => onChange({ quietSeconds: Number(chosen) })}
      />
      <DoNotDisturb until={preferences.doNotDisturbUntil} onChange={onChange} />
      <QuietHoursForm
        key={JSON.stringify(preferences.quietHours)}
        quietHours={preferences.quietHours}
        onChange={onChange}
      />
      <ProblemNotice problem={problem} />
    </>
  );
}
