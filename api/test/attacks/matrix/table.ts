import { attemptsAtNotifications } from './attempts-at-notifications.ts';
import { attemptsAtPresence } from './attempts-at-presence.ts';
import { attemptsAtPush } from './attempts-at-push.ts';
import { attemptsAtReading } from './attempts-at-reading.ts';
import { attemptsInGroups } from './attempts-in-groups.ts';
import { attemptsOnAccounts } from './attempts-on-accounts.ts';
import { attemptsOnContacts } from './attempts-on-contacts.ts';
import { attemptsWithMessages } from './attempts-with-messages.ts';
import { rightsOfChannels } from './rights-of-channels.ts';
import { rightsOfDecisions } from './rights-of-decisions.ts';
import { rightsOfEvents } from './rights-of-events.ts';
import { rightsOfMessages } from './rights-of-messages.ts';
import { rightsOfPages } from './rights-of-pages.ts';
import { rightsOfPeople } from './rights-of-people.ts';
import { rightsOfPresence } from './rights-of-presence.ts';
import { rightsOfRoots } from './rights-of-roots.ts';
import type { Attempt, Section } from './section.ts';

/** The table of rights: who gets what, by every way that leads to it. A new type is a section in one of these files. */
export const sections: readonly Section[] = [
  ...rightsOfRoots,
  ...rightsOfPeople,
  ...rightsOfPresence,
  ...rightsOfChannels,
  ...rightsOfMessages,
  ...rightsOfDecisions,
  ...rightsOfPages,
  ...rightsOfEvents,
];

/** Who may do what. A new mutation is an attempt in one of these files. */
export const attempts: readonly Attempt[] = [
  // While everybody's session stands: those on accounts end them.
  ...attemptsAtPush,
  ...attemptsAtNotifications,
  ...attemptsOnAccounts,
  ...attemptsOnContacts,
  ...attemptsInGroups,
  ...attemptsWithMessages,
  ...attemptsAtReading,
  ...attemptsAtPresence,
];
