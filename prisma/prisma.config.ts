import { defineConfig } from 'prisma/config';

/** Read by Prisma's own command line (`npx prisma … --config prisma/prisma.config.ts`) and by generate.mjs; paths are relative to this file. */
export default defineConfig({ schema: 'schema.prisma', migrations: { path: 'migrations' } });
