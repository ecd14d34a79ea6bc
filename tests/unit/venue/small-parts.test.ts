// The small pure parts: back-off, clock, signatures.
import { generateKeyPairSync, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { waitBeforeDialMs } from '../../../src-main/venue/backoff.ts';
import { createServerClock, sampleOf } from '../../../src-main/venue/clock.ts';
import { signerOf } from '../../../src-main/venue/signer.ts';

describe('back-off', () => {
  it('dials at once after a good connection, then waits 0.5 s doubled up to 10 s, jittered by at most half', () => {
    expect(waitBeforeDialMs(0, 0.7)).toBe(0);
    expect([1, 2, 3, 4, 5, 6, 60].map((failures) => waitBeforeDialMs(failures, 1))).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, random) => {
        const wait = waitBeforeDialMs(failures, random);
        expect(wait).toBeGreaterThanOrEqual(250);
        expect(wait).toBeLessThanOrEqual(10_000);
      }),
    );
  });
});

describe('server clock', () => {
  it('puts the server time in the middle of the round trip', () => {
    expect(sampleOf(10_500, 10_100, 200)).toEqual({ offsetMs: 500, roundTripMs: 200 });
  });
  it('believes the shortest round trip and knows how far it may be off', () => {
    let nowMs = 1000;
    const clock = createServerClock(() => nowMs);
    expect([clock.nowMs(), clock.uncertaintyMs]).toEqual([1000, 0]);
    clock.adopt([{ offsetMs: 90, roundTripMs: 80 }, { offsetMs: 50, roundTripMs: 9 }, { offsetMs: 10, roundTripMs: 70 }]); // prettier-ignore
    nowMs = 2000;
    expect([clock.nowMs(), clock.offsetMs, clock.uncertaintyMs]).toEqual([2050, 50, 5]);
    expect(clock.adopt([])).toBeUndefined();
    expect(clock.offsetMs).toBe(50);
  });
});

describe('signatures (N1)', () => {
  const payload = Buffer.from('symbol=BTCUSDT&timestamp=1');
  const signed = (credentials: Parameters<typeof signerOf>[0]): string => {
    const signer = signerOf(credentials);
    if (!signer.ok) throw new Error(signer.error);
    return signer.value(payload);
  };

  it('HMAC-SHA256 in hex, as RFC 4231 case 2 has it', () => {
    const signer = signerOf({ apiKey: 'a', secret: 'Jefe', kind: 'hmac' });
    const digest = signer.ok ? signer.value(Buffer.from('what do ya want for nothing?')) : '';
    expect(digest.slice(0, 16)).toBe('5bdcc146bf60754e');
    expect(digest).toHaveLength(64);
  });

  it.each([
    ['ed25519', null],
    ['rsa', 'sha256'],
  ] as const)('%s in base64, also from a PEM with CRLF line ends', (kind, digest) => {
    const pair = kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
    const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const signature = signed({ apiKey: 'a', secret: ` ${pem.replaceAll('\n', '\r\n')}\r\n`, kind });
    expect(verify(digest, payload, pair.publicKey, Buffer.from(signature, 'base64'))).toBe(true);
  });

  it('a key that cannot sign is refused in words that hold nothing of it', () => {
    const ed25519 = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    for (const credentials of [
      { apiKey: 'a', secret: '', kind: 'hmac' },
      { apiKey: '', secret: 'a-good-secret', kind: 'hmac' },
      { apiKey: 'a', secret: 'not-a-pem-at-all', kind: 'ed25519' },
      { apiKey: 'a', secret: ed25519, kind: 'rsa' },
    ] as const) {
      const signer = signerOf(credentials);
      expect(signer.ok).toBe(false);
      if (!signer.ok && credentials.secret !== '') expect(signer.error).not.toContain(credentials.secret.slice(0, 10));
    }
  });
});
