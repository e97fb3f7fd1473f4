import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../embedded-postgres.ts';
import { migrate } from '../migrate.ts';
import { makeTempFolder } from '../temp-folder.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where tests make and drop their own databases, and the name of the migrated one that they copy. */
    testDatabases: { readonly adminUrl: string; readonly template: string };
    /** The URL of a PostgreSQL to use instead of the embedded one; empty for the embedded one. See vitest.config.ts. */
    ownPostgres: string;
  }
}

/** Every worker of the run has pools of its own. */
const maxConnections = 200;

/** One real PostgreSQL for the whole run, with one migrated database that each test copies in milliseconds. */
export default async function setup(project: TestProject) {
  const own = project.config.provide.ownPostgres;
  return own ? setUpOwn(project, own) : setUpEmbedded(project);
}

async function setUpOwn(project: TestProject, adminUrl: string) {
  const template = `template_${randomBytes(4).toString('hex')}`;
  await createTemplate(adminUrl, template);
  project.provide('testDatabases', { adminUrl, template });
  return () => asAdmin(adminUrl, `DROP DATABASE ${template}`);
}

async function setUpEmbedded(project: TestProject) {
  const folder = await makeTempFolder();
  let postgres: EmbeddedPostgres | undefined;
  const teardown = async () => {
    await postgres?.close();
    if (postgres) await rm(postgres.dataDir, { recursive: true, force: true }); // it may not be in the folder
    await folder.remove();
  };
  try {
    const onNotice = (notice: string) => project.vitest.logger.log(notice);
    postgres = await openEmbeddedPostgres({
      dataDir: folder.path,
      onNotice,
      isDurable: false,
      maxConnections,
    });
    const template = `template_${randomBytes(4).toString('hex')}`;
    await createTemplate(postgres.url, template);
    project.provide('testDatabases', { adminUrl: postgres.url, template });
    return teardown;
  } catch (error) {
    await teardown();
    throw error;
  }
}

async function asAdmin(adminUrl: string, statement: string) {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function createTemplate(adminUrl: string, template: string) {
  await asAdmin(adminUrl, `CREATE DATABASE ${template}`);
  const url = new URL(adminUrl);
  url.pathname = template;
  await migrate(url.href);
}
