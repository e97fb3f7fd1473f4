import type { GraphQLSchema } from 'graphql';
import type { Product } from '../schema/scope.ts';
import type { Config } from './config.ts';
import { createDocuments, type Documents } from './documents.ts';
import { createExecutor, type Executor } from './execute-operation.ts';
import type { Manifest } from './manifest.ts';
import { createErrorMask } from './mask-errors.ts';
import type { Metrics } from './metrics/metrics.ts';
import { type Admission, createAdmission, type SocketLimits } from './socket/admission.ts';

/** What every operation has to pass, whichever way it comes. One of each for a server. */
export type Gates = {
  readonly documents: Documents;
  readonly executor: Executor;
  readonly admission: Admission;
};

type Parts = {
  readonly schema: GraphQLSchema;
  readonly product: Pick<Product, 'logger' | 'presence' | 'clock'>;
  readonly manifest?: Manifest | undefined;
  readonly metrics?: Metrics | undefined;
};

/** They are counted when somebody wants to know. */
export function createGates(
  { schema, product, manifest, metrics }: Parts,
  config: Pick<Config, 'INTROSPECTION' | 'PERSISTED_ONLY'>,
  limits: SocketLimits,
): Gates {
  const { INTROSPECTION: isIntrospectionOpen, PERSISTED_ONLY: isManifestOnly } = config;
  const documents = createDocuments({ schema, isIntrospectionOpen, manifest, isManifestOnly });
  const executor = createExecutor(schema, createErrorMask({ logger: product.logger, isIntrospectionOpen }));
  const admission = createAdmission(limits, product);
  if (metrics === undefined) return { documents, executor, admission };
  return {
    documents: metrics.documents(documents),
    executor: metrics.executor(executor),
    admission: metrics.admission(admission),
  };
}
