import type { Device, History, Level, Message, Person, Seat } from './history.ts';
import { isCertainly, leastIn, mostIn, possible, type Span, type Timeline } from './timeline.ts';

/**
 * Whether a device was to be told of a message at every moment of a span, at none, or at some perhaps. Written from the published order
 * of rules and from nothing of the product: it shares no code with what it judges.
 */
export type Dueness = 'always' | 'never' | 'unclear';

export type Asked = {
  readonly history: Pick<History, 'blind'>;
  readonly message: Message;
  readonly person: Person;
  readonly device: Device;
  readonly span: Span;
};

/** What one rule says of a span: it lets the message pass all the time, it stops it all the time, or nobody can say. */
type Says = 'passes' | 'stops' | 'unclear';

const saying = <T>(timeline: Timeline<T>, span: Span, stops: (value: T) => boolean): Says => {
  const values = [...possible(timeline, span)].map(stops);
  if (values.every((value) => value)) return 'stops';
  return values.some((value) => value) ? 'unclear' : 'passes';
};

const isReply = ({ message, person }: Asked) => message.repliesTo === person.userId;

const stopsBy = (level: Level, isAReply: boolean) =>
  level === 'NOTHING' || (level === 'REPLIES' && !isAReply);

type Rule = (asked: Asked, seat: Seat) => Says;

const rules: { readonly [name: string]: Rule } = {
  sender: ({ message, person }) => (message.authorId === person.userId ? 'stops' : 'passes'),
  blocked: ({ message, person, span }) => {
    const blocks = person.blocks.get(message.authorId);
    return blocks === undefined ? 'passes' : saying(blocks, span, (isBlocked) => isBlocked);
  },
  member: ({ message, span }, { isMember }) => {
    const now = saying(isMember, span, (value) => !value);
    // Who joins later is not told of what was said before.
    const then = saying(isMember, { from: message.sentAt, to: message.ackedAt }, (value) => !value);
    return then === 'passes' ? now : then === 'stops' || now === 'stops' ? 'stops' : 'unclear';
  },
  deleted: ({ message, span }) => saying(message.isDeleted, span, (value) => value),
  read: ({ message, span }, { read }) => {
    if (leastIn(read, span) >= message.number) return 'stops';
    return mostIn(read, span) >= message.number ? 'unclear' : 'passes';
  },
  active: whileActive,
  muted: ({ person, span, ...rest }, { isMuted, isArchived }) => {
    const archived = saying(isArchived, span, (value) => value);
    const muted = saying(isMuted, span, (value) => value);
    const comesThrough = isReply({ person, span, ...rest })
      ? saying(person.mutedReplies, span, (value) => !value)
      : 'stops';
    const byMuting = muted === 'passes' || comesThrough === 'passes' ? 'passes' : bothOf(muted, comesThrough);
    return eitherOf(archived, byMuting);
  },
  doNotDisturb: ({ person, span }) => saying(person.doNotDisturb, span, (value) => value),
  level: (asked, { level }) => {
    const { person, span } = asked;
    const byChannel = possible(level, span);
    const byPerson = possible(person.level, span);
    const wanted = new Set([...byChannel].flatMap((value) => (value === null ? [...byPerson] : [value])));
    const stops = [...wanted].map((value) => stopsBy(value, isReply(asked)));
    if (stops.every((value) => value)) return 'stops';
    return stops.some((value) => value) ? 'unclear' : 'passes';
  },
  endpoint: ({ message, device, span }) => {
    const since = { from: message.sentAt, to: span.to };
    if (isCertainly(device.isRegistered, since, true)) return 'passes';
    return saying(device.isRegistered, span, (value) => !value);
  },
};

/** Both stop: it is stopped. */
const bothOf = (one: Says, other: Says): Says => (one === 'stops' && other === 'stops' ? 'stops' : 'unclear');
/** One stops: it is stopped. */
const eitherOf = (one: Says, other: Says): Says => {
  if (one === 'stops' || other === 'stops') return 'stops';
  return one === 'passes' && other === 'passes' ? 'passes' : 'unclear';
};

/** Who is active on some device that is known to have the message is not told; who is active on none, is. */
function whileActive({ history, message, person, span }: Asked, { delivered }: Seat): Says {
  if (history.blind.some(({ from, to }) => from <= span.to && to >= span.from)) return 'unclear';
  const each = person.devices.map(({ activity }) => [...possible(activity, span)]);
  if (each.every((values) => values.every((value) => value !== 'active'))) {
    return isCertainly(person.quietSeconds, span, 0) ? 'passes' : 'unclear';
  }
  const isSurelyThere = each.some((values) => values.every((value) => value === 'active'));
  return isSurelyThere && leastIn(delivered, span) >= message.number ? 'stops' : 'unclear';
}

/** The first reason that stops it, for whoever looks into a verdict; undefined when none does for certain. */
export function stoppedBy(asked: Asked): string | undefined {
  const seat = asked.person.seats.get(asked.message.channelId);
  if (seat === undefined) return 'stranger';
  return Object.entries(rules).find(([, rule]) => rule(asked, seat) === 'stops')?.[0];
}

export function duenessOf(asked: Asked): Dueness {
  const seat = asked.person.seats.get(asked.message.channelId);
  if (seat === undefined) return 'never';
  const said = Object.values(rules).map((rule) => rule(asked, seat));
  if (said.includes('stops')) return 'never';
  return said.every((one) => one === 'passes') ? 'always' : 'unclear';
}
