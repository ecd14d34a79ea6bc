// L2: nothing secret in a log, whatever way it came in.
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactLine, redactText } from '../../../src-main/alerts/redact.ts';

// Made here, shaped like Binance's: 64 letters and digits, and 64 hex digits.
const KEY = 'vmPUZE6m'.repeat(8);
const HMAC = 'c8db5682'.repeat(8);
const SHORT = 'practice-secret-17';

describe('a log line', () => {
  it.each([
    `https://api.binance.com/api/v3/order?symbol=BTCUSDT&timestamp=1&signature=${HMAC}`,
    `GET /api/v3/order?symbol=BTCUSDT&signature=iQ%2Fx${'a%2B'.repeat(20)}%3D%3D HTTP/1.1`,
    `X-MBX-APIKEY: ${KEY}`,
    `{"headers":{"X-MBX-APIKEY":"${KEY}"}}`,
    `{"apiKey":"${SHORT}","secret":"${SHORT}"}`,
    `{"msg":"{\\"apiKey\\":\\"${SHORT}\\",\\"secret\\": \\"${SHORT}\\"}"}`,
    `wss://stream.binance.com/ws/${KEY.slice(0, 60)}`,
    `listenKey=${SHORT}`,
    `{"listenKey":"${SHORT}"}`,
    `no field at all: ${KEY}`,
    `password: ${SHORT}, then more`,
    `{"error":"cannot reach https://hooks.slack.com/services/T0/B0/${SHORT}"}`,
    `https://ptb.discord.com/api/webhooks/1/${SHORT}?wait=true is gone`,
  ])('%s has lost its secret', (line) => {
    const out = redactLine(line);
    expect(out).toContain('[redacted]');
    for (const secret of [KEY, KEY.slice(0, 60), HMAC, SHORT, 'a%2Ba%2B']) expect(out).not.toContain(secret);
  });

  it('has lost a private key, also one escaped in JSON and one cut short', () => {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const body = pem.split('\n')[1] ?? '';
    for (const line of [pem, JSON.stringify({ note: pem }), `cut: ${pem.slice(0, 70)}`])
      expect(redactLine(line) + redactText(line)).not.toContain(body.slice(0, 20));
  });

  it('keeps what a person needs to read', () => {
    const line =
      '{"event":"order-accepted","symbol":"BTCUSDT","clientOrderId":"hf-abc123-000000000017","price":"61837.63","text":"signature not valid"}';
    expect(redactLine(line)).toBe(`${line}\n`);
  });

  it('stays valid JSON, with the planted secret gone, wherever it was planted', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('secret', 'apiKey', 'signature', 'listenKey', 'x-mbx-apikey', 'password'),
        fc.string({ minLength: 1 }),
        fc.jsonValue(),
        (field, around, rest) => {
          const line = JSON.stringify({ around, nested: [{ [field]: `${SHORT}${around}`, rest }] });
          const out = redactLine(line);
          expect(() => JSON.parse(out) as unknown).not.toThrow();
          expect(out).not.toContain(SHORT);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
