import { UserRef } from '../account/account.graphql.ts';
import { builder } from '../builder.ts';
import { pageComplexity } from '../page.ts';
import { searchUsers } from './search-users.ts';

const UserSearchEdge = builder.edgeObject({
  name: 'UserSearchEdge',
  description: 'A person who was found.',
  type: UserRef,
});
const UserSearchConnection = builder.connectionObject(
  { name: 'UserSearchConnection', description: 'A page of people who were found.', type: UserRef },
  UserSearchEdge,
);

builder.queryField('searchUsers', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: UserSearchConnection,
    description:
      'People whose handle begins like the text, then people whose name has it at the beginning of words; both in the order of ' +
      'their handles, in any case, without the viewer, and without those of whom one has blocked the other. Of several words ' +
      'each must be found. `RATE_LIMITED` for who searches too often.',
    args: {
      text: t.arg.string({ required: true, description: 'One line of 1 to 64 characters.' }),
      first: t.arg.int({ description: 'The first so many: at most 100, 50 when not said.' }),
      after: t.arg.string({ description: 'Only what is behind this cursor of an edge.' }),
    },
    complexity: pageComplexity,
    resolve: (_, args, scope) => searchUsers(scope, args),
  }),
);
