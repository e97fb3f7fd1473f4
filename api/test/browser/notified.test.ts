import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { signUp } from '../client/people.ts';
import { openWebPushService } from '../push/web-push-service.ts';
import {
  click,
  notificationsOf,
  openDelivery,
  subscribeAt,
  turnOnNotifications,
  workerOf,
} from './notifying.ts';
import { chooseFor, logOf, openChannel, signIn } from './screen.ts';
import { befriend, openDirectChannel, openSender } from './seed.ts';
import { stageOfAll } from './stage.ts';

const service = await openWebPushService();
const folder = await makeTempFolder();
const certificate = join(folder.path, 'push-service.pem');
await writeFile(certificate, service.certificate);
afterAll(async () => {
  await service.close();
  await folder.remove();
});

const stage = stageOfAll(
  { PUSH_HOSTS: `localhost:${service.port}`, NODE_EXTRA_CA_CERTS: certificate },
  { isWhole: true },
);
/** Who has just gone counts as there for a while; and then it is looked at again only some time later. */
const enoughMs = 180_000;
const away = { timeout: 90_000 };

describe('what somebody writes', () => {
  it('is on the screen of who is away, leads to its channel, and says why it came', {
    timeout: enoughMs,
  }, async () => {
    const { httpUrl, socketUrl } = stage.server();
    const [ada, bob] = [await signUp(httpUrl, 'ada'), await signUp(httpUrl, 'bob')];
    await befriend(httpUrl, [ada, bob]);
    const channelId = await openDirectChannel(httpUrl, ada, bob);
    const adas = await stage.openBrowser({ permissions: ['notifications'], allows: /favicon\.ico/ });
    await subscribeAt(adas.context, service.subscribe());
    const page = await adas.openTab();
    await signIn(page, 'ada');
    await turnOnNotifications(page);
    // A page of the same origin that is not the app: to look at the screen, and nothing else.
    const aside = await adas.context.newPage();
    await aside.goto('/icon.svg');
    const deliver = await openDelivery(aside);
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('The push service has taken it (201).').waitFor();
    await page.close();

    const sender = openSender(socketUrl, bob);
    await sender.sendAll(channelId, ['Are you there?']);
    await sender.close();
    const notes = () => service.received.map(({ note }) => note);
    await expect.poll(() => notes().map(({ kind }) => kind), away).toEqual(['test', 'message']);
    for (const note of notes()) await deliver(note);
    await expect
      .poll(() => notificationsOf(aside))
      .toContainEqual({ title: 'bob', body: 'Are you there?', tag: channelId });
    const [address = ''] = await click(workerOf(adas), { tag: channelId });

    const back = await adas.context.newPage();
    await back.goto(address);
    await logOf(back).getByText('Are you there?', { exact: true }).waitFor();
    await chooseFor(back, 'Are you there?', 'Why was I (not) notified?');
    const why = back.getByRole('dialog', { name: 'Why was I (not) notified?' });
    await why.getByText('You were told').waitFor();
    await why.getByText('You were active on no device.').waitFor();
    await why.getByText('The push service has taken it (201).').waitFor();
    // It is read here now, so what stands on the screens is taken away.
    await expect.poll(() => notes().at(-1), away).toMatchObject({ kind: 'clear', channelId, badge: 0 });
    expect(service.problems).toEqual([]);
    await back.getByRole('button', { name: 'Close' }).click();
    await openChannel(back, 'bob');
  });
});
