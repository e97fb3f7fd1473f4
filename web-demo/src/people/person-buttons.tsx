import { useState } from 'react';
import { Button } from '../design/button.tsx';
import { Menu } from '../design/menu.tsx';
import { go } from '../route.ts';
import { actOnPerson, type ContactAct, openDirectChannel } from './act-on-person.ts';
import { ActQuestion, type AskedFirst, isAskedFirst } from './act-question.tsx';
import { useAnnounce } from './announce.tsx';
import { buttonBeside, useFocusKept } from './focus-kept.ts';
import type { Person } from './person.ts';
import { actionsWith, type PersonAct, type PersonAction } from './person-actions.ts';
import { ProblemNotice } from './problem.tsx';
import { useAsk } from './use-ask.ts';

type Props = {
  readonly person: Person;
  /** All as buttons, on a screen about this person alone; one writes to them there already. */
  readonly isProfile?: boolean;
};

/** What can be done with a person: the likely as buttons, the rest in a menu, and why not where it cannot. */
export function PersonButtons({ person, isProfile = false }: Props) {
  const { select, confirming, stop, asking } = usePersonActs(person);
  const { main, more } = actionsWith(person);
  const shown = isProfile ? [...main, ...more].filter(({ act }) => act !== 'message') : main;
  return (
    <>
      <div className="person-buttons">
        {shown.map((action) => (
          <ActButton
            key={action.act}
            action={action}
            person={person}
            isBusy={asking.isBusy}
            select={select}
          />
        ))}
        {!isProfile && <ActMenu actions={more} person={person} select={select} />}
      </div>
      <Reasons actions={shown} />
      {confirming ? (
        <ActQuestion
          act={confirming}
          name={person.displayName}
          asking={asking}
          onConfirm={() => select(confirming, true)}
          onClose={stop}
        />
      ) : (
        <ProblemNotice problem={asking.problem} />
      )}
    </>
  );
}

type Actions = { readonly actions: readonly PersonAction[] };

/** Why the buttons that cannot be pressed cannot: each reason once. */
const Reasons = ({ actions }: Actions) =>
  [...new Set(actions.flatMap(({ reason }) => reason ?? []))].map((reason) => (
    <p key={reason} className="person-buttons__reason">
      {reason}
    </p>
  ));

const ActMenu = ({
  actions,
  person,
  select,
}: Actions & { readonly person: Person; readonly select: Select }) => (
  <Menu
    label={`More about ${person.displayName}`}
    items={actions.map(({ act, label, reason }) => ({
      label,
      reason,
      isDisabled: reason !== undefined,
      isDanger: act === 'block' || act === 'remove',
      onSelect: () => select(act),
    }))}
  />
);

type Select = (act: PersonAct, isSure?: boolean) => void;

function usePersonActs(person: Person) {
  const asking = useAsk();
  const announce = useAnnounce();
  const [confirming, confirm] = useState<AskedFirst>();
  const write = async () => {
    const id = await openDirectChannel(asking.ask, person.id);
    if (id !== undefined) go({ screen: 'channel', id });
  };
  const change = async (act: ContactAct) => {
    const words = await actOnPerson(asking.ask, act, person);
    if (words === undefined) return;
    confirm(undefined);
    announce(words);
  };
  const stop = () => {
    asking.forget();
    confirm(undefined);
  };
  const select: Select = (act, isSure = false) => {
    if (act === 'message') void write();
    else if (isAskedFirst(act) && !isSure) confirm(act);
    else void change(act);
  };
  return { select, confirming, stop, asking };
}

type ActButtonProps = {
  readonly action: PersonAction;
  readonly person: Person;
  readonly isBusy: boolean;
  readonly select: Select;
};

function ActButton({ action: { act, label, reason }, person, isBusy, select }: ActButtonProps) {
  const place = useFocusKept<HTMLSpanElement>(buttonBeside);
  return (
    <span ref={place}>
      <Button
        kind={act === 'accept' ? 'primary' : 'plain'}
        disabled={reason !== undefined}
        isBusy={isBusy}
        onClick={() => select(act)}
      >
        {label}
        <span className="visually-hidden"> {person.displayName}</span>
      </Button>
    </span>
  );
}
