// The endpoint alone, with a console that only remembers what it was asked, and a client that signs as it is told to.
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { startKillSwitch, type KillSwitchActions } from '../../../src-main/control/kill-switch.ts';
import type { KillSwitchRecord } from '../../../src-main/control/kill-switch-audit.ts';
import { openNonces, type Nonces } from '../../../src-main/control/kill-switch-nonces.ts';
import { ok } from '../../../src-shared/errors/result.ts';

export const SECRET = 'a-secret-of-more-than-32-characters';
export const BASE = '/api/v1/safety/kill-switch';

export const freshFile = (): string => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-kill-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, 'nonces.json');
};

export const startRig = async (actions: Partial<KillSwitchActions> = {}, nonces: Nonces = openNonces(freshFile(), Date.now())) => {
  const trips: { reason: string; positions: string | null }[] = [];
  const resets: { by: string; why: string; tripId: number }[] = [];
  const asked: KillSwitchRecord[] = [];
  const faults: unknown[] = [];
  const clock = { nowMs: Date.now() };
  const started = await startKillSwitch({
    port: 0,
    secret: () => SECRET,
    nonces,
    nowMs: () => clock.nowMs,
    onFault: (error) => faults.push(error),
    actions: {
      trip: (reason, positions) => {
        trips.push({ reason, positions });
        return { tripId: ok(trips.length), durable: Promise.resolve() };
      },
      reset: (by, why, tripId) => {
        resets.push({ by, why, tripId });
        return Promise.resolve(ok({ coolDownUntilMs: 1 }));
      },
      isResetAllowed: () => true,
      status: () => ({ phase: 'ARMED' }),
      asked: (record) => asked.push(record),
      ...actions,
    },
  });
  if (!started.ok) throw new Error(started.error);
  onTestFinished(() => started.value.close());
  return { port: started.value.port, close: () => started.value.close(), trips, resets, asked, faults, clock, nonces };
};

export interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  readonly timestamp?: string;
  readonly nonce?: string;
  readonly secret?: string;
  /** Signs the request as it is, then changes it so; undefined leaves a header out. */
  readonly altered?: {
    readonly method?: string;
    readonly path?: string;
    readonly body?: string;
    readonly headers?: Record<string, string | undefined>;
  };
}

let nonces = 0;
export const freshNonce = (): string => `nonce-of-a-test-${process.pid}-${(nonces += 1)}`;

/** The signature as the guide says, written anew: it shares no code with the server. */
export const sign = (secret: string, ...parts: readonly string[]): string =>
  createHmac('sha256', secret).update(parts.join('\n')).digest('hex');

export interface Answered {
  readonly code: number;
  readonly headers: string;
  readonly text: string;
}

export const ask = (port: number, wish: Ask = {}): Promise<Answered> => {
  const { method = 'POST', body = '', nonce = freshNonce(), secret = SECRET } = wish;
  const { path: target = `${BASE}/trigger`, timestamp = String(Date.now()) } = wish;
  const headers: Record<string, string | undefined> = {
    'X-HMAC-Signature': sign(secret, method, target, body, timestamp, nonce),
    'X-Timestamp': timestamp,
    'X-Nonce': nonce,
    ...wish.altered?.headers,
  };
  return request(port, wish.altered?.method ?? method, wish.altered?.path ?? target, wish.altered?.body ?? body, headers);
};

const request = (
  port: number,
  method: string,
  target: string,
  body: string,
  given: Record<string, string | undefined>,
): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const headers = Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
    const sent = http.request({ host: '127.0.0.1', port, method, path: target, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('end', () => resolve({ code: response.statusCode ?? 0, headers: response.rawHeaders.join('|'), text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });

/** A raw connection: what came back until it was closed, and how long that took. */
export const raw = (port: number) => {
  const socket = net.connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (part: Buffer) => (text += part.toString()));
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
  return { socket, closed, send: (part: string | Buffer) => socket.write(part) };
};
