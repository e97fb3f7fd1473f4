import SchemaBuilder, { type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import { PothosComplexityPlugin } from '@pothos/plugin-complexity';
import type { GraphQLFieldResolver } from 'graphql';

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      refuseDearSubscriptions: RefuseDearSubscriptionsPlugin<Types>;
    }
  }
}

type Resolver<Types extends SchemaTypes> = GraphQLFieldResolver<unknown, Types['Context'], object>;

/**
 * The complexity plugin judges where something is resolved: a subscription that asks for too much would open, and every event
 * of it would be the same refusal. This one judges by the same figures, once, when it is opened.
 */
class RefuseDearSubscriptionsPlugin<Types extends SchemaTypes> extends PothosComplexityPlugin<Types> {
  override wrapResolve(resolver: Resolver<Types>): Resolver<Types> {
    return resolver;
  }

  override wrapSubscribe(
    subscribe: Resolver<Types> | undefined,
    { parentType }: PothosOutputFieldConfig<Types>,
  ): Resolver<Types> | undefined {
    if (subscribe === undefined || parentType !== 'Subscription') return subscribe;
    return (parent, args, scope, info) => {
      this.checkComplexity(scope, info);
      return subscribe(parent, args, scope, info);
    };
  }
}
SchemaBuilder.registerPlugin('refuseDearSubscriptions', RefuseDearSubscriptionsPlugin);
