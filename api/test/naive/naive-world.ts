import { openDatabase } from '../../../prisma/open-database.ts';
import { openTestDatabase } from '../../../prisma/test/test-database.ts';
import type { EventDraft } from '../../../schema/stream/event.ts';
import { openStream } from '../../../schema/stream/open-stream.ts';
import { readConfig } from '../../config.ts';
import { createLog } from '../../log.ts';
import { type OpenStream, openPlatform } from '../../platform.ts';
import { openServer } from '../../server.ts';
import { check } from '../chaos/check/check.ts';
import type { Line } from '../chaos/history.ts';
import { createGroup, type SignedIn, signUp } from '../client/people.ts';
import { closeAtEnd } from '../e2e/running.ts';
import { doOverHttp, mutations, type Sent } from '../e2e/talk.ts';
import { type RedisServer, startRedis } from '../engines/redis.ts';
import { type Counts, countsOf } from './counts.ts';
import { createDevice, type Device, placed, type Server } from './device.ts';
import { readStore } from './found.ts';
import { openNaiveStream } from './open-naive-stream.ts';

export const designs = ['parley', 'naive'] as const;
export type Design = (typeof designs)[number];

/** Two servers of one design with a group of two people, of whom one listens. Closed at the end of the test. */
export type NaiveWorld = {
  readonly here: Server;
  readonly there: Server;
  readonly redis: RedisServer;
  readonly owner: SignedIn;
  /** Listens to the server there; only what is said from now on. */
  readonly reader: Device;
  readonly channelId: string;
  /** A server stands still before it writes this, until it is released; `isReached` resolves when it does. */
  hold(isMeant: (draft: EventDraft) => boolean): { readonly isReached: Promise<void>; release(): void };
  /** The owner says this. `nonce`: as when it is said again. */
  say(server: Server, text: string, nonce?: string): Promise<void>;
  removeReader(server: Server): Promise<void>;
  /** What all this comes to, beside the store as it is now; and which rows of the checker of the fault run are not 0. */
  found(): Promise<Counts & { readonly rows: readonly string[] }>;
};

/** How many connections to PostgreSQL a server has. */
const poolSize = 8;
/** Nobody here is real. */
const passwordCost = { memoryKib: 8, passes: 1 } as const;

export async function openNaiveWorld(design: Design): Promise<NaiveWorld> {
  const { url: databaseUrl } = closeAtEnd(await openTestDatabase());
  const redis = closeAtEnd(await startRedis());
  const gate = createGate();
  const settings = { databaseUrl, redisUrl: redis.url, openStream: designOf(design, gate.pass) };
  const [here, there] = [await openOne(settings), await openOne(settings)];
  const [owner, other] = [await signUp(here.httpUrl, 'owner'), await signUp(here.httpUrl, 'reader')];
  const channelId = await createGroup(here.httpUrl, owner, { name: 'group', members: [other] });
  const lines: Line[] = [];
  const reader = createDevice('reader', other, (line) => lines.push(line));
  closeAtEnd({ close: reader.goAway });
  await reader.comeTo(there);
  return {
    ...{ here, there, redis, owner, reader, channelId, hold: gate.hold },
    async say({ httpUrl }, text, nonce = text) {
      const op = lines.length;
      const t = performance.now();
      const by = { t, op, device: `owner of ${httpUrl}` }; // one device says one thing after the other
      const what = { type: 'send', channelId, nonce, text } as const;
      lines.push({ kind: 'invoke', ...by, attempt: 1, userId: owner.userId, what });
      const operation = mutations.sendMessage({ channelId, text, nonce });
      const { message } = await doOverHttp<Sent>(httpUrl, owner, operation);
      lines.push({ kind: 'ok', ...by, t: performance.now(), message: placed(message) });
    },
    async removeReader({ httpUrl }) {
      await doOverHttp(httpUrl, owner, mutations.removeMember({ channelId, userId: other.userId }));
    },
    async found() {
      const all = [...lines, ...(await readStore(databaseUrl))];
      const { counts } = check(all);
      const rows = Object.entries(counts).flatMap(([row, count]) => (count > 0 ? [row] : []));
      return { ...countsOf(all), rows };
    },
  };
}

type Opening = { readonly databaseUrl: string; readonly redisUrl: string; readonly openStream: OpenStream };

async function openOne({ databaseUrl, redisUrl, openStream: open }: Opening): Promise<Server> {
  const config = readConfig({ PORT: '0', DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, WEB_DEMO: 'off' });
  const database = closeAtEnd(await openDatabase(databaseUrl, { poolSize }));
  const settings = { ...config, passwordCost, openStream: open };
  const opened = closeAtEnd(await openPlatform(settings, database, createLog('silent')));
  const server = closeAtEnd(await openServer(opened, config));
  return { httpUrl: server.url, socketUrl: server.socketUrl };
}

/** Each stands still where it has what it needs, and the row is not there yet. */
const designOf = (design: Design, pass: (draft: EventDraft) => Promise<void>): OpenStream =>
  design === 'naive'
    ? (settings, engines) => openNaiveStream(settings, engines, { beforeInsert: pass })
    : ({ log, ...settings }) => {
        const append: typeof log.append = async (channelId, drafts, now) => {
          for (const draft of drafts) await pass(draft);
          return log.append(channelId, drafts, now);
        };
        return openStream({ ...settings, log: { ...log, append } });
      };

const nothing = () => {};
type Held = { readonly isMeant: (draft: EventDraft) => boolean; readonly pass: () => Promise<void> };

function createGate() {
  const held = new Set<Held>();
  return {
    async pass(draft: EventDraft): Promise<void> {
      for (const one of held) if (one.isMeant(draft)) await one.pass();
    },
    hold(isMeant: (draft: EventDraft) => boolean) {
      let [reach, letGo] = [nothing, nothing];
      const isReached = new Promise<void>((resolve) => {
        reach = resolve;
      });
      const isReleased = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      const one: Held = {
        isMeant,
        pass() {
          reach();
          return isReleased;
        },
      };
      held.add(one);
      const release = () => {
        held.delete(one);
        letGo();
      };
      return { isReached, release };
    },
  };
}
