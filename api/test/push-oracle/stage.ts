import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import type { LogName } from '../cluster/log-name.ts';
import { type Cluster, openCluster } from '../cluster/open-cluster.ts';
import { type ApnsService, openApnsService } from '../push/apns-service.ts';
import { openWebPushService, type WebPushService } from '../push/web-push-service.ts';

/** Everything that runs: servers and workers over real engines, and push services with devices behind them. */
export type Stage = {
  readonly httpUrl: string;
  readonly socketUrl: string;
  readonly cluster: Cluster;
  readonly web: WebPushService;
  readonly apns: ApnsService;
};

export type StageOptions = {
  readonly from: 'dist' | 'source';
  readonly log: LogName;
  readonly servers: number;
  readonly workers: number;
  readonly onProgress: (words: string) => void;
  /** Called at the end, the last one first. */
  readonly closers: (() => Promise<unknown>)[];
};

/** Hundreds of people act from one address, all the time. */
const noLimits = {
  SIGN_UPS_PER_ADDRESS: '1000000',
  SIGN_IN_TRIES_PER_ADDRESS: '1000000',
  FIELDS_PER_MINUTE_PER_ADDRESS: '1000000000',
  MESSAGES_PER_MINUTE: '1000000',
  PEOPLE_PER_HOUR: '1000000',
  CHANGES_PER_MINUTE: '1000000',
  PENDING_SOCKETS_PER_ADDRESS: '10000',
  SOCKETS_PER_ADDRESS: '10000',
  ACCESS_TOKEN_SECONDS: '7200',
};

export async function openStage({ closers, ...options }: StageOptions): Promise<Stage> {
  const folder = await makeTempFolder();
  closers.push(folder.remove);
  const web = await openWebPushService();
  closers.push(web.close);
  const apns = await openApnsService();
  closers.push(apns.close);
  const believed = join(folder.path, 'believed.pem');
  await writeFile(believed, `${web.certificate}\n${apns.identity.certificate.cert}\n`);
  const cluster = await openCluster({
    ...options,
    isRedis: true,
    settings: {
      ...noLimits,
      NODE_EXTRA_CA_CERTS: believed,
      PUSH_HOSTS: `localhost:${web.port}`,
      VAPID_SUBJECT: 'mailto:operator@chat.example',
      APNS_ORIGIN: apns.origin,
      APNS_KEY: apns.identity.key,
      APNS_KEY_ID: apns.identity.keyId,
      APNS_TEAM_ID: apns.identity.teamId,
    },
  });
  closers.push(cluster.close);
  const httpUrl = `${cluster.url}graphql`;
  return { cluster, web, apns, httpUrl, socketUrl: httpUrl.replace(/^http/, 'ws') };
}
