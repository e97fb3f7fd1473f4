import type { Account } from '../account/accounts.ts';
import type { DemoPerson } from '../account/demo-people.ts';
import { signIn } from '../account/enter.ts';
import { Button } from '../design/button.tsx';
import { openWindowAs } from './use-demo-people.ts';
import { Entered, useEnter } from './use-enter.tsx';

type Props = {
  readonly people: readonly DemoPerson[];
  readonly onSignedIn: (account: Account) => void;
};

/** Everybody of the demo is one press away. */
export function DemoBlock({ people, onSignedIn }: Props) {
  const { problem, isBusy, enter } = useEnter(onSignedIn);
  const [first, second] = people;
  const enterAs = (person: DemoPerson) => void enter(() => signIn(person));
  return (
    <section className="sign-in__demo" aria-label="Try it">
      <h2>Try it</h2>
      <p className="sign-in__hint">These people are made for trying out, with a channel between them.</p>
      <div className="sign-in__people">
        {people.map((person) => (
          <Button key={person.handle} isBusy={isBusy} onClick={() => enterAs(person)}>
            Chat as {person.handle}
          </Button>
        ))}
      </div>
      {first && second && (
        <Button
          kind="primary"
          isBusy={isBusy}
          onClick={() => {
            openWindowAs(second.handle);
            enterAs(first);
          }}
        >
          Open both, in two windows
        </Button>
      )}
      <Entered problem={problem} />
    </section>
  );
}
