import type { ObjectRef } from '@pothos/core';
import { builder } from './builder.ts';
import {
  type Denied,
  type InvalidInput,
  isDenied,
  isInvalidInput,
  type Refusal,
  refusals,
  type Verdict,
} from './verdict.ts';

const UserErrorRef = builder.interfaceRef<Refusal>('UserError').implement({
  description: 'An expected refusal. Select it in every mutation.',
  fields: (t) => ({
    code: t.string({ description: 'Stable, from the published list.', resolve: (refusal) => refusal.code }),
    explanation: t.string({
      description: 'For people, in English; clients translate by `code`.',
      resolve: (refusal) => ('explanation' in refusal ? refusal.explanation : refusals[refusal.code]),
    }),
  }),
});

export const DeniedRef = builder.objectRef<Denied>('Denied').implement({
  description: 'A rule said no.',
  interfaces: [UserErrorRef],
  isTypeOf: (value) => typeof value === 'object' && value !== null && isDenied(value),
  fields: (t) => ({
    until: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When trying again makes sense; null when it does not by itself.',
      resolve: (refusal) => refusal.until ?? null,
    }),
  }),
});

export const InvalidInputRef = builder.objectRef<InvalidInput>('InvalidInput').implement({
  description: 'What was given cannot be used.',
  interfaces: [UserErrorRef],
  isTypeOf: (value) => typeof value === 'object' && value !== null && isInvalidInput(value),
  fields: (t) => ({
    field: t.stringList({ description: 'Path inside `input`.', resolve: (refusal) => [...refusal.field] }),
  }),
});

/** What a policy says, as `viewerCan` shows it: the same that the mutation would answer. */
export const VerdictRef = builder.objectRef<Verdict>('Verdict').implement({
  description:
    'May the viewer do it, now? Select it always whole, or let the cache merge it: it is a value, not an entity.',
  fields: (t) => ({
    isAllowed: t.boolean({ description: 'Yes or no.', resolve: ({ allowed }) => allowed }),
    code: t.string({
      nullable: true,
      description: 'Null when allowed; otherwise the code that the mutation would answer.',
      resolve: (verdict) => (verdict.allowed ? null : verdict.code),
    }),
    explanation: t.string({
      nullable: true,
      description: 'For people, in English; null when allowed.',
      resolve: (verdict) => (verdict.allowed ? null : refusals[verdict.code]),
    }),
    until: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When trying again makes sense; null when allowed, and when it does not by itself.',
      resolve: (verdict) => (verdict.allowed ? null : (verdict.until ?? null)),
    }),
  }),
});

/** The result union of one mutation: its payload, or why not. No member is ever added later; variety goes into `code`. */
export function resultOf<Payload extends object>(
  name: `${string}Result`,
  payload: ObjectRef<typeof builder.$inferSchemaTypes, Payload, Payload>,
) {
  return builder.unionType(name, {
    description: `What \`${name.charAt(0).toLowerCase()}${name.slice(1, -'Result'.length)}\` answers.`,
    types: [payload, DeniedRef, InvalidInputRef],
    resolveType: (value) =>
      isDenied(value) ? 'Denied' : isInvalidInput(value) ? 'InvalidInput' : payload.name,
  });
}
