// Stands between a console and its exchange and writes down every request and every message that the console sends, as it was sent.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

export interface Tap {
  readonly url: string;
  close(): void;
}

/** Stops a relay at the first thing that fails: an end is an end on both sides. */
const relay = (from: WebSocket, to: WebSocket, seen: (text: string) => void): void => {
  const waiting: [Buffer, boolean][] = [];
  from.on('message', (data: Buffer, isBinary: boolean) => {
    seen(data.toString('latin1'));
    if (to.readyState === WebSocket.OPEN) to.send(data, { binary: isBinary });
    else waiting.push([data, isBinary]);
  });
  to.on('open', () => waiting.splice(0).forEach(([data, isBinary]) => to.send(data, { binary: isBinary })));
  for (const [one, other] of [
    [from, to],
    [to, from],
  ] as const) {
    one.on('close', () => other.terminate());
    one.on('error', () => other.terminate());
  }
};

/** @param target http or ws address of the exchange's side; what is given back is the console's */
export const tap = async (target: string, seen: (text: string) => void): Promise<Tap> => {
  const to = new URL(target);
  const sockets = new WebSocketServer({ noServer: true });
  const server = http.createServer((request, response) => {
    const body: Buffer[] = [];
    request.on('data', (chunk: Buffer) => body.push(chunk));
    request.on('end', () => {
      const sent = Buffer.concat(body);
      seen(`${request.method} ${request.url}\n${request.rawHeaders.join('\n')}\n${sent.toString('latin1')}`);
      const onward = http.request(
        { host: to.hostname, port: to.port, method: request.method, path: request.url, headers: request.headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      onward.on('error', () => response.destroy());
      onward.end(sent);
    });
  });
  server.on('upgrade', (request, socket, head) => {
    seen(`UPGRADE ${request.url}\n${request.rawHeaders.join('\n')}`);
    sockets.handleUpgrade(request, socket, head, (near) => {
      const far = new WebSocket(`ws://${to.host}${request.url}`);
      relay(near, far, seen);
      far.on('message', (data: Buffer, isBinary: boolean) => near.readyState === WebSocket.OPEN && near.send(data, { binary: isBinary }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${to.protocol}//127.0.0.1:${port}${to.pathname === '/' ? '' : to.pathname}`,
    close: () => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      server.close();
    },
  };
};
