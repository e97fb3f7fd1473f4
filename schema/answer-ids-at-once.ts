import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      answerIdsAtOnce: AnswerIdsAtOncePlugin<Types>;
    }
  }
}

/**
 * The relay plugin answers every `id` of a node with a promise, in case it has to be encoded. Ours are as they are. A promise
 * in an object makes a promise of the whole object, and so of everything above it: a first screen took a sixth longer.
 */
class AnswerIdsAtOncePlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    field: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    if (field.name !== 'id' || field.kind !== 'Object') return resolver;
    const { pothosOptions } = this.buildCache.getTypeConfig(field.parentType, 'Object');
    return idResolverIn(pothosOptions) ?? resolver;
  }
}
SchemaBuilder.registerPlugin('answerIdsAtOnce', AnswerIdsAtOncePlugin);

type IdResolver = GraphQLFieldResolver<unknown, object, object>;

/** Pothos keeps what a node was made with; its types say that of any object, which has no `id` there. */
const idResolverIn = (options: object) =>
  (options as { readonly id?: { readonly resolve?: IdResolver } }).id?.resolve;
