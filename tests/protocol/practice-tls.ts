// A TLS door in front of a plain loopback port, for clients that refuse http:// and ws:// (the official connector does).
// Encrypted with a pre-shared key, so that no certificate lies in the project; it forwards bytes and understands none of them.
import { Agent } from 'node:https';
import { connect, type Socket } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import type { AddressInfo } from 'node:net';

const PSK = Buffer.from('0123456789abcdef');
const CIPHERS: TlsOptions = { ciphers: 'PSK', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' };

export interface TlsDoor {
  /** host:port, to be put behind https:// or wss://. */
  readonly host: string;
  /** The agent that holds the key. */
  readonly agent: Agent;
  close(): Promise<void>;
}

export async function openTlsDoor(plainUrl: string): Promise<TlsDoor> {
  const port = Number(new URL(plainUrl).port);
  const open = new Set<Socket>();
  const server = createServer({ ...CIPHERS, pskCallback: () => PSK }, (outer) => {
    const inner = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const agent = new Agent({
    ...CIPHERS,
    keepAlive: true,
    pskCallback: () => ({ psk: PSK, identity: 'test' }),
    checkServerIdentity: () => undefined,
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    agent,
    close: () => {
      agent.destroy();
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
