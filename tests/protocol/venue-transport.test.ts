// The HTTP under the adapter over real sockets: what nobody waits for any more never leaves, and what left is said to have left (B8).
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTransport, type Transport } from '../../src-main/venue/transport.ts';

let server: Server;
let transport: Transport;
let origin: string;
/** Requests that arrived, in order; each waits for the test's answer. */
let arrived: { readonly path: string; readonly response: ServerResponse }[];

beforeEach(async () => {
  arrived = [];
  server = createServer((request, response) => void arrived.push({ path: request.url ?? '', response }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  transport = createTransport({ origin, connections: { normal: 1, emergency: 1 } });
});
afterEach(async () => {
  await transport.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const send = (path: string, deadlineMs: number, unsent?: Set<() => void>) =>
  transport.send({ url: `${origin}${path}`, method: 'POST' }, 'normal', deadlineMs, unsent);
const paths = (): readonly string[] => arrived.map(({ path }) => path);

it('a request that is still waiting for a connection at its deadline was not written, and never is', async () => {
  const first = send('/first', 20_000);
  await expect.poll(paths).toEqual(['/first']);
  expect(await send('/second', 50)).toMatchObject({ kind: 'late', written: false });
  arrived[0]?.response.end('{}');
  expect(await first).toMatchObject({ kind: 'answer', status: 200, body: '{}' });
  const third = send('/third', 20_000);
  await expect.poll(paths).toEqual(['/first', '/third']);
  arrived[1]?.response.end();
  expect(await third).toMatchObject({ kind: 'answer' });
});

it('what waits can be taken back; what is on the wire can not', async () => {
  const unsent = new Set<() => void>();
  const first = send('/first', 20_000, unsent);
  await expect.poll(paths).toEqual(['/first']);
  const second = send('/second', 20_000, unsent);
  expect(unsent.size).toBe(1);
  for (const takeBack of unsent) takeBack();
  expect(await second).toMatchObject({ kind: 'broken', written: false });
  expect(unsent.size).toBe(0);
  arrived[0]?.response.end();
  expect(await first).toMatchObject({ kind: 'answer' });
  expect(paths()).toEqual(['/first']);
});

it('a connection that breaks under a request leaves it written, for it may have been read', async () => {
  const first = send('/first', 20_000);
  await expect.poll(paths).toEqual(['/first']);
  arrived[0]?.response.destroy();
  expect(await first).toMatchObject({ kind: 'broken', written: true });
});

it('a lane of its own does not wait for the other', async () => {
  void send('/first', 20_000);
  await expect.poll(paths).toEqual(['/first']);
  const stop = transport.send({ url: `${origin}/stop`, method: 'DELETE' }, 'emergency', 20_000);
  await expect.poll(paths).toEqual(['/first', '/stop']);
  arrived[1]?.response.end();
  expect(await stop).toMatchObject({ kind: 'answer' });
});
