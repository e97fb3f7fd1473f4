import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { httpLimits } from '../api/http/listening.ts';
import { socketLimits as limits } from '../api/socket/admission.ts';
import { createHeartbeat, createPulse } from '../api/socket/heartbeat.ts';
import { systemClock } from '../schema/ports/clock.ts';

/**
 * A program of its own: what a server of sockets costs that does nothing but answer `connection_init` and ping, with the options and the
 * heartbeat of ours. Less is not to be had with `ws` on Node.
 */
const webSockets = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: limits.maxPayloadBytes,
  handleProtocols: () => 'graphql-transport-ws',
});
const heartbeat = createHeartbeat(systemClock, limits.heartbeatMs);
const http = createServer(httpLimits);
http.on('upgrade', (request, socket, head) => {
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    const pulse = createPulse(webSocket, () => true);
    const stop = heartbeat.add(pulse);
    webSocket.on('message', () => webSocket.send('{"type":"connection_ack"}'));
    webSocket.on('pong', pulse.onPong);
    webSocket.on('close', stop);
    webSocket.on('error', () => undefined); // its close tells
  });
});
http.listen(0, '127.0.0.1', () => {
  const address = http.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  process.stdout.write(`listens on port ${port}\n`);
});
