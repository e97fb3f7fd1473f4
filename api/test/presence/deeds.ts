import type { Person } from '../../../schema/test/world.ts';
import { read } from '../client/ask.ts';
import type { Cast } from './cast.ts';
import { type Connection, connects, deviceOf } from './connections.ts';
import type { Fleet } from './fleet.ts';
import type { FleetServer } from './fleet-server.ts';
import { untilTrue } from './patience.ts';
import type { Line, noticedMs, Truth } from './truth.ts';

const changeOf = (name: string) => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return `mutation ($input: ${type}Input!) { result: ${name}(input: $input) { __typename } }`;
};

/** Asks a server to change something, as a client does. */
async function change(name: string, input: object, who: { readonly by: Person; readonly at: FleetServer }) {
  const operation = { query: changeOf(name), variables: { input }, token: who.by.session.accessToken };
  const { result } = await read<{ result: { __typename: string } }>(who.at.url, operation);
  if (!result.__typename.endsWith('Payload')) throw new Error(`${name} answers ${result.__typename}.`);
}

/** A device at a server. */
type Link = Connection & { readonly line: Line; readonly device: Person; readonly server: FleetServer };

type Stage = {
  readonly fleet: Fleet;
  readonly cast: Cast;
  readonly truth: Truth;
  readonly pick: <T>(list: readonly T[]) => T;
};

/** What can happen to people, their devices and the servers; all of it is written down as it happens. */
export function createDeeds({ fleet, cast: { people, channelId }, truth, pick }: Stage) {
  const links = new Set<Link>();
  const frozen = new Set<Link>();
  /** Who was signed out has signed in again. */
  const devices: Person[] = people.flat();
  const anyServer = () => pick([...fleet.servers]);
  const anyDevice = () => pick(devices);
  const linksOf = ({ viewer }: Person) =>
    [...links].filter(({ device }) => device.viewer.deviceId === viewer.deviceId);

  /** The server has heard what the network had to bring. */
  const arrived = ({ server, device }: Pick<Link, 'server' | 'device'>, count: number) =>
    untilTrue(
      'a server has noticed who comes or goes',
      () => server.connectionsOf(device.viewer.deviceId) === count,
    );
  async function end(link: Link, how: keyof typeof noticedMs): Promise<void> {
    truth.end(link.line, how);
    links.delete(link);
    link.leave();
    if (link.server.isAlive() && !frozen.has(link)) await arrived(link, 0);
  }
  async function open(device: Person, server: FleetServer): Promise<void> {
    const connection = await pick(connects)(device, server);
    await arrived({ server, device }, 1);
    links.add({ ...connection, device, server, line: truth.connect(deviceOf(device)) });
    await say(device);
  }
  /** Says, wherever, whether anybody looks at the device. */
  async function say(device: Person): Promise<void> {
    const isIdle = pick([true, false]);
    await change('setActivity', { isIdle }, { by: device, at: anyServer() });
    truth.setIdle(device.viewer.deviceId, isIdle);
  }
  async function endServer(how: 'killed' | 'stopped'): Promise<void> {
    if (fleet.servers.size < 2) return;
    const server = anyServer();
    const own = [...links].filter((link) => link.server === server);
    if (how === 'killed') server.kill();
    else server.stop();
    truth.postpone(how);
    for (const link of own) await end(link, how);
  }

  return {
    /** All that the servers have asked for is answered, and who polls has asked again. */
    async settle(): Promise<void> {
      for (const link of links) if (!frozen.has(link)) await link.settle();
      for (const link of links) if (!frozen.has(link)) await arrived(link, 1);
    },
    deeds: {
      async connect() {
        const [device, server] = [anyDevice(), anyServer()];
        if (linksOf(device).length < 2 && linksOf(device).every((link) => link.server !== server))
          await open(device, server);
      },
      async close() {
        const [link] = linksOf(anyDevice());
        if (link) await end(link, 'closed');
      },
      /** Gone, and back at once, perhaps elsewhere: nobody is told. */
      async flap() {
        const [link] = linksOf(anyDevice());
        if (!link) return;
        await end(link, 'closed');
        const server = anyServer();
        if (linksOf(link.device).every((other) => other.server !== server)) await open(link.device, server);
      },
      /** Neither side hears of the other any more, and neither knows. */
      async freeze() {
        const link = linksOf(anyDevice()).find(({ freeze }) => freeze);
        if (!link) return;
        link.freeze?.();
        frozen.add(link);
        truth.end(link.line, 'frozen');
      },
      kill: () => endServer('killed'),
      stop: () => endServer('stopped'),
      async start() {
        if (fleet.servers.size < 3) await fleet.openServer();
      },
      async setActivity() {
        const device = anyDevice();
        if (linksOf(device).length > 0) await say(device);
      },
      async hide() {
        const device = anyDevice();
        const isInvisible = !truth.isHidden(device.userId);
        await change('updateSettings', { isInvisible }, { by: device, at: anyServer() });
        truth.hide(device.userId, isInvisible);
      },
      async setTyping() {
        const [device, isTyping] = [anyDevice(), pick([true, true, false])];
        await change('setTyping', { channelId, isTyping }, { by: device, at: anyServer() });
        truth.setTyping(device.userId, isTyping);
      },
      /** Signed out by the other device of the same person, and in again. */
      async revoke() {
        const device = anyDevice();
        const other = devices.find(
          ({ userId, viewer }) => userId === device.userId && viewer !== device.viewer,
        );
        const own = linksOf(device);
        if (!other || own.some((link) => frozen.has(link))) return;
        const { deviceId } = device.viewer;
        await change('revokeSession', { deviceId }, { by: other, at: anyServer() });
        for (const link of own) await end(link, 'revoked');
        devices[devices.indexOf(device)] = await fleet.world.signIn(device.handle, { id: deviceId });
      },
    },
    async leaveAll(): Promise<void> {
      for (const link of [...links]) await end(link, 'closed');
    },
  };
}
export type Deeds = ReturnType<typeof createDeeds>;
export type Deed = keyof Deeds['deeds'];
