import { Avatar } from '../design/avatar.tsx';
import { Dialog } from '../design/dialog.tsx';
import type { MemberFieldsFragment } from '../gql/graphql.ts';
import type { Message } from './message.ts';
import './readers.css';

type Member = MemberFieldsFragment;
type Props = {
  readonly message: Message;
  readonly members: readonly Member[];
  readonly onClose: () => void;
};

/** Who has read a message, and who has received it. */
export function Readers({ message, members, onClose }: Props) {
  const others = members.filter(({ user }) => user.id !== message.author?.id);
  const read = others.filter(({ readNumber }) => (readNumber ?? 0) >= message.number);
  const received = others.filter(
    (member) => !read.includes(member) && (member.deliveredNumber ?? 0) >= message.number,
  );
  const rest = others.filter((member) => !read.includes(member) && !received.includes(member));
  const hidden = rest.filter(({ readNumber }) => readNumber === null);
  return (
    <Dialog title="Read by" onClose={onClose}>
      <People title="Read" people={read} none="Nobody yet." />
      <People title="Received" people={received} />
      <People title="Not received yet" people={rest.filter((member) => !hidden.includes(member))} />
      <People title="Do not share what they have read" people={hidden} />
    </Dialog>
  );
}

type PeopleProps = { readonly title: string; readonly people: readonly Member[]; readonly none?: string };

function People({ title, people, none }: PeopleProps) {
  if (people.length === 0 && none === undefined) return null;
  return (
    <section className="readers">
      <h3>{title}</h3>
      {people.length === 0 && <p>{none}</p>}
      <ul>
        {people.map(({ id, user }) => (
          <li key={id} className="readers__person">
            <Avatar name={user.displayName} colour={user.colour} size="small" />
            <bdi dir="auto">{user.displayName}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}
