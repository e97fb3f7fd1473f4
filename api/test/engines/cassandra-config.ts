import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where one instance has everything, and where it listens: for clients, and for other nodes. */
export type CassandraPlace = {
  readonly folder: string;
  readonly port: number;
  readonly storagePort: number;
  /** Where nodetool asks, for who wants that. */
  readonly jmxPort?: number | undefined;
};

export type CassandraOptions = {
  /** When the commit log is written to disk: `batch` before a write is answered, `periodic` now and then. */
  readonly commitLog?: 'batch' | 'periodic';
  /** Only users with passwords, who may do what they were granted. The first one is `cassandra`, and so is its password. */
  readonly knowsUsers?: boolean;
};

const folders = ['conf', 'data', 'commitlog', 'hints', 'saved_caches', 'cdc_raw', 'logs', 'tmp'] as const;

const commitLogs = {
  batch: 'commitlog_sync: batch',
  periodic: 'commitlog_sync: periodic\ncommitlog_sync_period: 10000ms',
} as const;

/** Little memory, and one disk. */
const sizes = `
# Left out, these would go on after a disk has failed.
disk_failure_policy: die
commit_failure_policy: die
commitlog_segment_size: 16MiB
commitlog_total_space: 256MiB
memtable_heap_space: 96MiB
memtable_offheap_space: 96MiB
key_cache_size: 8MiB
row_cache_size: 0MiB
counter_cache_size: 0MiB
file_cache_size: 32MiB
networking_cache_size: 16MiB
concurrent_reads: 16
concurrent_writes: 32
concurrent_compactors: 1
`;

/** What is not named here is as Cassandra has it, its timeouts among the rest. Rights that are given hold at once, not two seconds later. */
const configOf = (
  { folder, port, storagePort }: CassandraPlace,
  { commitLog = 'batch', knowsUsers = false }: CassandraOptions,
) => `
cluster_name: parley-test
num_tokens: 1
initial_token: 0
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{ seeds: "127.0.0.1:${storagePort}" }]
listen_address: 127.0.0.1
rpc_address: 127.0.0.1
start_native_transport: true
native_transport_port: ${port}
storage_port: ${storagePort}
authenticator: ${knowsUsers ? 'PasswordAuthenticator' : 'AllowAllAuthenticator'}
authorizer: ${knowsUsers ? 'CassandraAuthorizer' : 'AllowAllAuthorizer'}
permissions_validity: 0ms
data_file_directories: ["${folder}/data"]
commitlog_directory: ${folder}/commitlog
hints_directory: ${folder}/hints
saved_caches_directory: ${folder}/saved_caches
cdc_raw_directory: ${folder}/cdc_raw
${commitLogs[commitLog]}
hinted_handoff_enabled: false
auto_snapshot: false
auto_bootstrap: false
paxos_variant: v2
paxos_state_purging: gc_grace
${sizes}`;

const loggingConfig = `
<configuration scan="false">
  <appender name="file" class="ch.qos.logback.core.FileAppender">
    <file>\${cassandra.logdir}/system.log</file>
    <encoder><pattern>%-5level [%thread] %date{ISO8601} %F:%L - %msg%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="file"/></root>
</configuration>
`;

/** Makes the folders of an instance, and writes what it reads at its start. */
export async function writeConfig(place: CassandraPlace, options: CassandraOptions): Promise<void> {
  for (const name of folders) await mkdir(join(place.folder, name), { recursive: true });
  await writeFile(join(place.folder, 'conf', 'cassandra.yaml'), configOf(place, options));
  await writeFile(join(place.folder, 'conf', 'logback.xml'), loggingConfig);
}

/** What Java 17 keeps to itself unless it is told, as in Cassandra's own `conf/jvm17-server.options`. */
const exported = [
  'java.base/jdk.internal.misc',
  'java.base/java.lang.ref',
  'java.management.rmi/com.sun.jmx.remote.internal.rmi',
  'java.rmi/sun.rmi.registry',
  'java.rmi/sun.rmi.server',
  'java.sql/java.sql',
  'jdk.unsupported/sun.misc',
  'jdk.attach/sun.tools.attach',
];
const openedUp = [
  'java.base/java.lang.module',
  'java.base/jdk.internal.loader',
  'java.base/jdk.internal.ref',
  'java.base/jdk.internal.reflect',
  'java.base/jdk.internal.math',
  'java.base/jdk.internal.module',
  'java.base/jdk.internal.util.jar',
  'java.base/sun.nio.ch',
  'java.base/java.io',
  'java.base/java.lang',
  'java.base/java.lang.reflect',
  'java.base/java.util',
  'jdk.management/com.sun.management.internal',
];

const settingsIn = ({ folder, jmxPort }: CassandraPlace) => ({
  ...(jmxPort !== undefined && { 'cassandra.jmx.local.port': String(jmxPort) }),
  'jdk.attach.allowAttachSelf': 'true',
  'java.net.preferIPv4Stack': 'true',
  'java.io.tmpdir': `${folder}/tmp`,
  'jna.tmpdir': `${folder}/tmp`,
  'io.netty.tryReflectionSetAccessible': 'true',
  'cassandra-foreground': 'yes',
  'cassandra.config': `file://${folder}/conf/cassandra.yaml`,
  'logback.configurationFile': `${folder}/conf/logback.xml`,
  'cassandra.logdir': `${folder}/logs`,
  'cassandra.storagedir': folder,
  // One node has nobody to wait for.
  'cassandra.skip_wait_for_gossip_to_settle': '0',
  'cassandra.ring_delay_ms': '1',
  'cassandra.shutdown_announce_in_ms': '0',
  'cassandra.superuser_setup_delay_ms': '0',
  'cassandra.allow_unsafe_join': 'true',
  'cassandra.disable_tcactive_openssl': 'true',
});

const moduleFlags = [
  ...exported.flatMap((name) => ['--add-exports', `${name}=ALL-UNNAMED`]),
  ...openedUp.flatMap((name) => ['--add-opens', `${name}=ALL-UNNAMED`]),
];
const classPath = (jars: string, { folder }: CassandraPlace) => ['-cp', `${folder}/conf:${jars}/*`];

/** The command line behind `java`: a small heap, and a compiler that is quick to be ready. */
export async function argumentsOf(jars: string, place: CassandraPlace): Promise<string[]> {
  const agent = (await readdir(jars)).find((name) => /^jamm-.*\.jar$/.test(name));
  if (agent === undefined) throw new Error(`There is no jamm-*.jar in ${jars}.`);
  return [
    ...moduleFlags,
    ...['-Xms512m', '-Xmx512m', '-Xss512k', '-XX:+UseG1GC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'],
    ...['-XX:MaxDirectMemorySize=256m', '-XX:+ExitOnOutOfMemoryError', '-Xshare:auto'],
    `-javaagent:${join(jars, agent)}`,
    ...Object.entries(settingsIn(place)).map(([name, value]) => `-D${name}=${value}`),
    ...[...classPath(jars, place), 'org.apache.cassandra.service.CassandraDaemon'],
  ];
}

/** The same for nodetool, which does one thing and ends. */
export const nodetoolArguments = (jars: string, place: CassandraPlace, words: readonly string[]) => [
  ...[...moduleFlags, '-Xmx128m', '-XX:TieredStopAtLevel=1', `-Dcassandra.storagedir=${place.folder}`],
  ...[`-Duser.home=${place.folder}`, ...classPath(jars, place), 'org.apache.cassandra.tools.NodeTool'],
  ...['-h', '127.0.0.1', '-p', String(place.jmxPort), ...words],
];
