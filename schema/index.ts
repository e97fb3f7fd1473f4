import { builder } from './builder.ts';
// Slices in dependency order: each may import those above it, never those below (the architecture test reads this list).
import './refusal.graphql.ts';
import './server/server.graphql.ts';

/** The executable schema. */
export const schema = builder.toSchema();
