import { type Client, types } from 'cassandra-driver';
import { startError } from './start-error.ts';

/** As many copies as a keyspace gets that is made here: a majority of three survives the loss of one. */
const mostReplicas = 3;
/** What is asked here stands on every node. */
const readTimeout = 10_000;

type Wanted = {
  readonly contactPoints: readonly string[];
  readonly datacenter: string;
  readonly keyspace: string;
};

/** A keyspace that is there is taken as it is; one that has fewer copies than it could have is told of. */
export async function makeKeyspace(
  client: Client,
  wanted: Wanted,
  onNotice: (notice: string) => void,
): Promise<void> {
  const { keyspace, datacenter } = wanted;
  const hosts = client.hosts.values();
  const nodes = hosts.filter((host) => host.datacenter === datacenter).length;
  const found = await client.execute(
    'SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?',
    [keyspace],
    { readTimeout, consistency: types.consistencies.localOne },
  );
  if (found.rows.length > 0) {
    const problem = copiesProblem({
      keyspace,
      nodes,
      copies: copiesIn(found.rows[0]?.replication, datacenter),
    });
    if (problem !== undefined) onNotice(problem);
    return;
  }
  checkNodes(hosts.length, wanted);
  const replicas = Math.max(1, Math.min(mostReplicas, nodes));
  await client.execute(
    `CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication =
      {'class': 'NetworkTopologyStrategy', '${datacenter.replaceAll("'", "''")}': ${replicas}}`,
    [],
    { readTimeout, prepare: false },
  );
  onNotice(`The keyspace ${keyspace} was made, with ${inWords(replicas)} of everything.`);
}

/**
 * How many copies there are follows from the nodes that there are, and stays so when others come: of three that are just being
 * started the first one alone would keep everything.
 */
function checkNodes(nodes: number, { contactPoints, keyspace }: Wanted): void {
  if (nodes >= contactPoints.length) return;
  throw startError(
    `Cassandra has ${nodes} of the ${contactPoints.length} nodes in CASSANDRA_CONTACT_POINTS, and the others would get no copy in the keyspace ${keyspace}: start all of them first, or name only those that there are.`,
  );
}

const inWords = (copies: number) => `${copies} ${copies === 1 ? 'copy' : 'copies'}`;

/** In a datacenter: of a strategy that does not know of datacenters, in all of it. */
const copiesIn = (replication: Readonly<Record<string, string>> | undefined, datacenter: string): number =>
  Number.parseInt(replication?.[datacenter] ?? replication?.replication_factor ?? '0', 10);

type Copies = { readonly keyspace: string; readonly nodes: number; readonly copies: number };

/** What to do about a keyspace of which more copies could be there; undefined when that is nothing. */
export function copiesProblem({ keyspace, nodes, copies }: Copies): string | undefined {
  const possible = Math.min(mostReplicas, nodes);
  if (copies >= possible) return undefined;
  return `The keyspace ${keyspace} has ${inWords(copies)} of everything on ${nodes} nodes: give it ${possible} (ALTER KEYSPACE), and then repair all nodes.`;
}
