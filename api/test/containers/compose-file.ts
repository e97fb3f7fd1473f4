import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../../../prisma/package-root.ts';

const healthcheck = z.object({ test: z.union([z.string(), z.array(z.string())]) });
const mounted = z.union([z.string(), z.object({ source: z.string(), target: z.string().optional() })]);

/** As far as tests look at one. */
const service = z.object({
  image: z.string(),
  user: z.string().optional(),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  deploy: z.object({ replicas: z.number() }).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  secrets: z.array(mounted).default([]),
  configs: z.array(mounted).default([]),
  networks: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  profiles: z.array(z.string()).default([]),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  read_only: z.boolean().default(false),
  privileged: z.boolean().default(false),
  depends_on: z
    .record(z.string(), z.object({ condition: z.string(), required: z.boolean().default(true) }))
    .default({}),
  healthcheck: healthcheck.optional(),
  stop_grace_period: z.string().optional(),
  logging: z.unknown().optional(),
  restart: z.string().optional(),
});
export type Service = z.output<typeof service>;

const file = z.object({ file: z.string() });
const network = z
  .object({
    internal: z.boolean().default(false),
    ipam: z.object({ config: z.array(z.object({ subnet: z.string() })) }).optional(),
  })
  .nullable();

const composeFile = z.object({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), network),
  volumes: z.record(z.string(), z.unknown()),
  configs: z.record(z.string(), file),
  secrets: z.record(z.string(), file),
});

/** docker-compose.yml with its anchors resolved: as it stands for the schema, and as tests look at it. */
export function readComposeFile() {
  const text = readFileSync(join(packageRoot, 'docker-compose.yml'), 'utf8');
  const raw = z.record(z.string(), z.unknown()).parse(parse(text, { merge: true }));
  return { raw, compose: composeFile.parse(raw) };
}

export const sourceOf = (one: z.output<typeof mounted>): string =>
  typeof one === 'string' ? one : one.source;
