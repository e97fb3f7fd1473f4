import { builder } from '../builder.ts';
import type { ServerLimits } from '../limits.ts';
import type { SocketEndpoint } from './best-first.ts';
import { featureLevel, version } from './version.ts';

const ServerLimitsRef = builder.objectRef<ServerLimits>('ServerLimits').implement({
  description: 'What this server accepts at most.',
  fields: (t) => ({
    membersPerGroup: t.exposeInt('membersPerGroup', { description: 'People in one group.' }),
    channelsPerUser: t.exposeInt('channelsPerUser', { description: 'Channels that one person can be in.' }),
    charactersPerMessage: t.exposeInt('charactersPerMessage', {
      description: 'Unicode characters in one text.',
    }),
    bytesPerMessage: t.exposeInt('bytesPerMessage', { description: 'Bytes of one text in UTF-8.' }),
    operationsPerSocket: t.exposeInt('operationsPerSocket', {
      description: 'Operations, subscriptions included, that run at once on one socket.',
    }),
    pageSize: t.exposeInt('pageSize', { description: 'The largest `first` or `last` of a connection.' }),
    presenceWatch: t.exposeInt('presenceWatch', {
      description: 'People that one `presence`, and channels that one `typing` may name.',
    }),
  }),
});

const SocketEndpointRef = builder.objectRef<SocketEndpoint>('SocketEndpoint').implement({
  description: 'A place to open a socket at.',
  fields: (t) => ({
    url: t.expose('url', { type: 'URL', description: 'Speaks `graphql-transport-ws`.' }),
    zone: t.exposeString('zone', {
      nullable: true,
      description: 'Where it stands, when the operator says so.',
    }),
  }),
});

/** What is offered is said by the slices that offer it. */
export const ServerRef = builder.objectRef<Record<never, never>>('Server').implement({
  description: 'The server that answers.',
  fields: (t) => ({
    version: t.string({ description: 'The release, as in CHANGELOG.md.', resolve: () => version }),
    featureLevel: t.int({
      description: 'Grows by one with every change of this schema; CHANGELOG.md lists them.',
      resolve: () => featureLevel,
    }),
    limits: t.field({
      type: ServerLimitsRef,
      description: 'What it accepts at most.',
      resolve: (_, __, scope) => scope.limits,
    }),
    socketEndpoints: t.field({
      type: [SocketEndpointRef],
      description: 'Where to open the socket now, best first.',
      resolve: (_, __, scope) => scope.fleet.endpoints(),
    }),
  }),
});

builder.queryField('server', (t) =>
  t.field({
    type: ServerRef,
    description: 'The server that answers: release, limits, where its sockets are.',
    resolve: () => ({}),
  }),
);
