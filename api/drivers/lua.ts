import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { packageRoot } from '../../prisma/package-root.ts';

/** The script of `api/drivers/lua/<name>.lua`: the compiler does not copy it, so it is read from there by `dist/`, too. */
export const luaOf = (name: string): string =>
  readFileSync(join(packageRoot, 'api', 'drivers', 'lua', `${name}.lua`), 'utf8');

/**
 * Makes scripts commands of a connection: `touch-lease-1` is `touchLease`, with one key before its arguments. Redis keeps them;
 * one that has lost its memory is sent them again.
 */
export function defineScripts(redis: Redis, names: readonly string[]): void {
  for (const name of names) {
    const [, words = '', keys = ''] = /^([a-z-]+)-(\d+)$/.exec(name) ?? [];
    const command = words.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    redis.defineCommand(command, { numberOfKeys: Number(keys), lua: luaOf(name) });
  }
}
