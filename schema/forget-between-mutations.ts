import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      forgetBetweenMutations: ForgetBetweenMutationsPlugin<Types>;
    }
    export interface SchemaBuilderOptions<Types extends SchemaTypes> {
      /** Lets go of all that was read for a scope. */
      forgetKept: (scope: Types['Context']) => void;
    }
  }
}

/**
 * What an operation has read is kept for the rest of it. One operation can hold several mutations, which run in turn: each must
 * see what those before it did (an edit after leaving is refused), and its payload what it did itself.
 */
class ForgetBetweenMutationsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    field: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    if (field.parentType !== 'Mutation') return resolver;
    const { forgetKept } = this.builder.options;
    return async (parent, args, scope, info) => {
      forgetKept(scope);
      const answer = await resolver(parent, args, scope, info);
      forgetKept(scope);
      return answer;
    };
  }
}
SchemaBuilder.registerPlugin('forgetBetweenMutations', ForgetBetweenMutationsPlugin);
