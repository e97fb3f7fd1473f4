import SchemaBuilder, { type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import { PothosComplexityPlugin } from '@pothos/plugin-complexity';
import type { GraphQLFieldResolver, GraphQLResolveInfo, OperationDefinitionNode } from 'graphql';
import { chatError } from './errors.ts';
import { keepVerdict, takeFields, takeMutation } from './operation-limits.ts';
import type { Scope } from './scope.ts';
import type { Denied } from './verdict.ts';

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      limitOperations: LimitOperationsPlugin<Types>;
    }
  }
}

type Resolver<Types extends SchemaTypes> = GraphQLFieldResolver<unknown, Types['Context'], object>;
type Field<Types extends SchemaTypes> = PothosOutputFieldConfig<Types>;

/** What was taken for an operation, once for all its root fields. A scope can serve several operations. */
const taken = new WeakMap<Scope, WeakMap<OperationDefinitionNode, Promise<Denied | undefined>>>();

/** A process that acts by itself is not limited by where it comes from. */
const isScope = (context: object): context is Scope => 'limiter' in context && 'address' in context;
const isCounted = (context: object): context is Scope => isScope(context) && context.address !== undefined;

/**
 * Every operation is counted before any of it is done, by the fields it asks for and not by requests; mutations each by
 * themselves, too. What is too much is refused as everything else is: a mutation's result says until when, and everything else is
 * a top-level error. Fields with the extension `looksFirst` get their verdict and decide: what was done before must still
 * be answered.
 */
class LimitOperationsPlugin<Types extends SchemaTypes> extends PothosComplexityPlugin<Types> {
  private refusedFields(scope: Scope, info: GraphQLResolveInfo): Promise<Denied | undefined> {
    const ofScope = taken.get(scope) ?? new WeakMap<OperationDefinitionNode, Promise<Denied | undefined>>();
    taken.set(scope, ofScope);
    const known = ofScope.get(info.operation);
    if (known !== undefined) return known;
    const { complexity } = this.complexityCache(scope, info);
    const taking = takeFields(scope, Math.max(1, Math.ceil(complexity))).then(({ refused }) => refused);
    ofScope.set(info.operation, taking);
    return taking;
  }

  override wrapResolve(
    resolver: Resolver<Types>,
    { parentType, name, extensions }: Field<Types>,
  ): Resolver<Types> {
    if (parentType !== 'Query' && parentType !== 'Mutation') return resolver;
    const looksFirst = extensions?.looksFirst === true;
    return async (parent, args, scope, info) => {
      if (!isCounted(scope)) return resolver(parent, args, scope, info);
      if (parentType === 'Query') {
        const fields = await this.refusedFields(scope, info);
        if (fields !== undefined) throw tooMuch(scope, fields);
        return resolver(parent, args, scope, info);
      }
      // Both are asked for at once, as the limiter may be in a network: one way there and back instead of two.
      const own = takeMutation(scope, name, 'input' in args ? Object(args.input) : {});
      const [fields, mutation] = await Promise.all([this.refusedFields(scope, info), own]);
      if (fields !== undefined) await mutation.giveBack();
      const refused = fields ?? mutation.refused;
      if (refused !== undefined && !looksFirst) return refused;
      keepVerdict(scope, refused);
      return resolver(parent, args, scope, info);
    };
  }

  override wrapSubscribe(
    subscribe: Resolver<Types> | undefined,
    { parentType }: Field<Types>,
  ): Resolver<Types> | undefined {
    if (subscribe === undefined || parentType !== 'Subscription') return subscribe;
    return async (parent, args, scope, info) => {
      const refused = isCounted(scope) ? await this.refusedFields(scope, info) : undefined;
      if (isCounted(scope) && refused !== undefined) throw tooMuch(scope, refused);
      return subscribe(parent, args, scope, info);
    };
  }
}

const tooMuch = ({ clock }: Scope, { until }: Denied) =>
  chatError('RATE_LIMITED', undefined, { retryAfterMs: Math.max(1, (until?.getTime() ?? 0) - clock.now()) });

SchemaBuilder.registerPlugin('limitOperations', LimitOperationsPlugin);
