import { Prisma } from '../../prisma/generated/client/client.ts';
import { type PersonRow, personIn, type User, userOf } from '../account/users.ts';
import { chatError } from '../errors.ts';
import { rowIdOf } from '../ids.ts';
import { problemOfLine } from '../one-line.ts';
import { edgeCursor, keyOfCursor, type Page, type PageArgs, pageFrom, pageWanted } from '../page.ts';
import type { RateRule } from '../ports/limiter.ts';
import type { ViewerScope } from '../scope.ts';
import { type Sought, soughtIn } from './search-text.ts';

export type UserSearch = Pick<PageArgs, 'first' | 'after'> & { readonly text: string };

/** As long as a display name can be. */
const maxTextLength = 64;
/** Those whose handle begins like the text, then those whose name has a word that does. */
type Rank = 'handle' | 'name';
/** A place in the list: `0:ada`, `1:bob`. */
const keyForm = /^[01]:[a-z0-9][a-z0-9_.-]{2,31}$/;
/** What is behind it, in the order of handles; each rank begins before all handles. */
type Behind = { readonly rank: Rank; readonly handleKey: string };

/**
 * People whose handle begins like the text, then people of whose name each word of the text begins a word; both in the order of
 * their handles, without the viewer, whom they have blocked, and who has blocked them. Rejects with `BAD_USER_INPUT` for a text
 * that is empty, too long or not printable, and with `RATE_LIMITED` for who searches too often, or for what takes too long.
 */
export async function searchUsers(
  scope: ViewerScope,
  { text, first, after }: UserSearch,
): Promise<Page<User>> {
  const problem = problemOfLine(text, maxTextLength);
  if (problem) throw chatError('BAD_USER_INPUT', `\`text\` is one line of 1 to ${maxTextLength} characters.`);
  const wanted = pageWanted({ first, after }, 'first');
  const behind = behindOf(wanted.after);
  await takeSearch(scope);
  const found = await inTime(scope, (tx) =>
    find(tx, scope, { sought: soughtIn(text), behind, limit: wanted.limit + 1 }),
  );
  const edges = found.slice(0, wanted.limit);
  const around = {
    hasMore: found.length > wanted.limit,
    isBeforeAfter: behind.handleKey !== '',
    isAfterBefore: false,
  };
  return pageFrom(edges, 'first', around);
}

function behindOf(after: string | undefined): Behind {
  if (after === undefined) return { rank: 'handle', handleKey: '' };
  const key = keyOfCursor(after, keyForm);
  return { rank: key.startsWith('0') ? 'handle' : 'name', handleKey: key.slice(2) };
}

async function takeSearch({ limiter, rateLimits, viewer, clock }: ViewerScope): Promise<void> {
  const rule: RateRule = { name: 'search', most: rateLimits.searchesPerMinute, windowMs: 60_000 };
  const { isGranted, freshAt } = await limiter.take(rule, viewer.id);
  if (!isGranted)
    throw chatError('RATE_LIMITED', undefined, { retryAfterMs: Math.max(1, freshAt - clock.now()) });
}

type Wanted = { readonly sought: Sought; readonly behind: Behind; readonly limit: number };
type Edge = Page<User>['edges'][number];

async function find(tx: Prisma.TransactionClient, scope: ViewerScope, wanted: Wanted): Promise<Edge[]> {
  const { behind, limit } = wanted;
  if (behind.rank === 'name') return findByName(tx, scope, wanted);
  const byHandle = await findByHandle(tx, scope, wanted);
  if (byHandle.length === limit) return byHandle;
  const rest = {
    ...wanted,
    behind: { rank: 'name', handleKey: '' } as const,
    limit: limit - byHandle.length,
  };
  return [...byHandle, ...(await findByName(tx, scope, rest))];
}

/** A stretch of an index: costs what it finds, however many there are. */
async function findByHandle(
  tx: Prisma.TransactionClient,
  scope: ViewerScope,
  wanted: Wanted,
): Promise<Edge[]> {
  const { handles } = wanted.sought;
  return handles ? select(tx, scope, { ...wanted, rank: '0', where: Prisma.sql`(${inside(handles)})` }) : [];
}

/**
 * The planner knows how frequent words are. Rare ones it takes from their index and sorts; for frequent ones it walks along the
 * handles until the page is full. So neither is ever more than about the square root of `limit` times the number of people:
 * with two million of them about 30 ms for one letter, and at worst 0.3 s for two, when nothing of it was in memory.
 */
function findByName(tx: Prisma.TransactionClient, scope: ViewerScope, wanted: Wanted): Promise<Edge[]> {
  const { handles, words } = wanted.sought;
  const others = handles ? Prisma.sql`AND NOT (${inside(handles)})` : Prisma.empty;
  const where = Prisma.sql`to_tsvector('simple', u.display_name) @@ lower(${words})::tsquery ${others}`;
  return select(tx, scope, { ...wanted, rank: '1', where });
}

const inside = ({ from, to }: { readonly from: string; readonly to: string }) =>
  Prisma.sql`lower(u.handle) ~>=~ ${from} AND lower(u.handle) ~<~ ${to}`;

async function select(
  tx: Prisma.TransactionClient,
  scope: ViewerScope,
  {
    where,
    rank,
    behind,
    limit,
  }: Omit<Wanted, 'sought'> & { readonly where: Prisma.Sql; readonly rank: '0' | '1' },
): Promise<Edge[]> {
  const { columns, joins } = personIn(scope);
  const viewerId = rowIdOf.user(scope.viewer.id);
  // `~>~` and its like compare byte by byte, whatever the language of the database: as the index does. How the viewer stands
  // to people is joined to the page alone: before the limit, the planner would rather read all there is of that.
  const rows = await tx.$queryRaw<(PersonRow & { readonly key: string })[]>`
    SELECT lower(u.handle) AS key, ${columns} FROM (
      SELECT * FROM user_account u
      WHERE ${where} AND lower(u.handle) ~>~ ${behind.handleKey} AND u.id <> ${viewerId}
        AND NOT EXISTS (SELECT 1 FROM contact k WHERE k.is_blocked AND k.user_id = ${viewerId} AND k.other_id = u.id)
        AND NOT EXISTS (SELECT 1 FROM contact k WHERE k.is_blocked AND k.other_id = ${viewerId} AND k.user_id = u.id)
      ORDER BY lower(u.handle) USING ~<~ LIMIT ${limit}
    ) u ${joins} ORDER BY lower(u.handle) USING ~<~`;
  return rows.map(({ key, ...row }) => ({ cursor: edgeCursor(`${rank}:${key}`), node: userOf(scope, row) }));
}

/** For each of the two statements. Three times the worst that was measured: what takes longer costs others more than it is worth. */
const patienceMs = 1_000;

async function inTime<T>(
  { prisma }: ViewerScope,
  work: (tx: Prisma.TransactionClient) => Promise<T>,
): Promise<T> {
  try {
    return await prisma.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT set_config('statement_timeout', ${String(patienceMs)}, true)`;
      return work(tx);
    });
  } catch (error) {
    if (!isTimedOut(error)) throw error;
    throw chatError('RATE_LIMITED', 'This search takes too long: give more of the name.', {
      retryAfterMs: patienceMs,
    });
  }
}

/** What PostgreSQL says of a statement that it gave up. */
const queryCanceled = '57014';

function isTimedOut(error: unknown): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  const failure = error.meta?.driverAdapterError;
  const cause = failure instanceof Error ? failure.cause : undefined;
  return (
    typeof cause === 'object' &&
    cause !== null &&
    'originalCode' in cause &&
    cause.originalCode === queryCanceled
  );
}
