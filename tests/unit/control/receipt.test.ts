// A stop's receipt and the drill on the command line (E5, E7): shown, kept as a file, and a file that was changed is found out.
import { hash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DrillResult } from '../../../src-shared/domain/drill.ts';
import { receiptText } from '../../../src-shared/domain/receipt-text.ts';
import type { StopReceipt } from '../../../src-shared/domain/stop.ts';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import { freshHome, run, startFake } from './fake-console.ts';

const BARE: StopReceipt = {
  tripId: 4,
  trigger: 'hotkey',
  reason: 'fat finger',
  policy: 'keep-positions',
  trippedAtMs: 0,
  orders: [{ clientOrderId: 'hf-x-1', symbol: 'BTCUSDT' as never, venueOrderId: '9', outcome: 'canceled', ackMs: 61.2 }],
  positions: [],
  buckets: { orders: 'empty', algo: 'not-on-spot' },
  cancelsOnWireMs: 1,
  allAcknowledgedMs: 61.2,
  verifiedEmptyMs: 118,
  flatMs: null,
  complete: true,
};
const sealed = (change: Partial<StopReceipt> = {}): StopReceipt => {
  const receipt = { ...BARE, ...change };
  return { ...receipt, hash: hash('sha256', receiptText(receipt)) };
};
const withReceipt = async (receipt: StopReceipt | null, drill?: DrillResult) => {
  const fake = await startFake();
  fake.move(['safety', 'stop', { phase: 'TRIPPED', tripId: 4, receipt }]);
  if (drill !== undefined) fake.move(['safety', 'drill', drill]);
  return fake;
};
const drillOf = (passed: boolean): DrillResult => ({
  startedAtMs: 0,
  orders: 1,
  symbols: 1,
  receipt: sealed({ trigger: 'drill', tripId: 1 }),
  passed,
  text: passed ? 'Passed: 1 orders' : 'NOT PASSED: 1 orders',
});

describe('receipt', () => {
  test('E5: is shown with every order and its hash, in words and as JSON', async () => {
    const receipt = sealed();
    const fake = await withReceipt(receipt);
    const shown = await run(fake.home, ['receipt']);
    expect(shown).toMatchObject({ exit: 0, err: '' });
    expect(shown.out).toMatch(/hf-x-1 +BTCUSDT +canceled +61\.2 ms/);
    expect(shown.out).toContain(receipt.hash);
    expect(JSON.parse((await run(fake.home, ['receipt', '--json'])).out)).toEqual(receipt);
  });

  test('E5: its file matches its hash with no console at all, and one that was changed by a letter does not', async () => {
    const fake = await withReceipt(sealed());
    const file = path.join(fake.home, 'receipt.json');
    expect(await run(fake.home, ['receipt', '--export', file])).toMatchObject({ exit: 0, out: expect.stringContaining(file) });
    expect(fs.readdirSync(fake.home)).not.toContain('receipt.json.part');
    const text = fs.readFileSync(file, 'utf8');
    expect(JSON.parse(text)).toEqual(sealed());

    const elsewhere = freshHome();
    expect(await run(elsewhere, ['receipt', '--check', file])).toMatchObject({
      exit: 0,
      out: expect.stringContaining('It matches its hash'),
    });
    expect(JSON.parse((await run(elsewhere, ['receipt', '--check', file, '--json'])).out)).toMatchObject({ matches: true, tripId: 4 });
    for (const [from, to] of [
      ['"canceled"', '"filled"'],
      ['fat finger', 'fat fingers'],
      ['118', '117'],
      ['"hash"', '"hush"'],
    ] as const) {
      fs.writeFileSync(file, text.replace(from, to));
      expect(await run(elsewhere, ['receipt', '--check', file]), from).toMatchObject({
        exit: 4,
        err: expect.stringContaining('does not match'),
      });
    }
  });

  test('what is no receipt, cannot be read or written, or makes no sense together is said', async () => {
    const fake = await withReceipt(sealed());
    const file = path.join(fake.home, 'other.json');
    expect(await run(fake.home, ['receipt', '--check', file])).toMatchObject({ exit: 2, err: expect.stringContaining('cannot be read') });
    for (const text of ['7', 'null', '{']) {
      fs.writeFileSync(file, text);
      expect(await run(fake.home, ['receipt', '--check', file]), text).toMatchObject({ exit: 2 });
    }
    expect(await run(fake.home, ['receipt', '--check', file, '--export', file])).toMatchObject({ exit: 2 });
    const nowhere = path.join(fake.home, 'missing', 'receipt.json');
    expect(await run(fake.home, ['receipt', '--export', nowhere])).toMatchObject({
      exit: 2,
      err: expect.stringContaining('Nothing is written'),
    });
  });

  test('of a stop that is not proven names what is left, and says so by its exit code', async () => {
    const left = { ...(BARE.orders[0] as StopReceipt['orders'][number]), outcome: 'not-canceled' } as const;
    const fake = await withReceipt(sealed({ complete: false, orders: [left] }));
    expect(await run(fake.home, ['receipt'])).toMatchObject({ exit: 4, err: expect.stringContaining('BTCUSDT hf-x-1') });
  });

  test('where there is none, or one from before they had a hash, it says that', async () => {
    const none = await withReceipt(null);
    expect(await run(none.home, ['receipt'])).toMatchObject({ exit: 1, err: expect.stringContaining('No stop has left a receipt yet') });
    expect(await run(none.home, ['receipt', '--drill'])).toMatchObject({ exit: 1, err: expect.stringContaining('no drill yet') });
    const old = await withReceipt(BARE);
    expect(await run(old.home, ['receipt'])).toMatchObject({ exit: 0, out: expect.stringContaining('from before receipts had one') });
  });
});

describe('drill', () => {
  test('E7: runs one, tells how it went, and fails by its exit code where it did not pass', async () => {
    let drill = drillOf(true);
    const fake = await startFake({ drill: () => Promise.resolve(ok(drill)) });
    expect(await run(fake.home, ['drill'])).toMatchObject({ exit: 0, out: expect.stringContaining('Passed: 1 orders') });
    expect(JSON.parse((await run(fake.home, ['drill', '--json'])).out)).toEqual(drill);
    drill = drillOf(false);
    expect(await run(fake.home, ['drill'])).toMatchObject({
      exit: 4,
      out: expect.stringContaining('NOT PASSED'),
      err: 'The drill did not pass.\n',
    });
  });

  test('E7: that could not be run says why; the newest one’s receipt is shown and exported as any other', async () => {
    const fake = await startFake({
      drill: () => Promise.resolve(fail({ code: 'UNAVAILABLE' as const, text: 'A drill is under way already.' })),
    });
    expect(await run(fake.home, ['drill'])).toMatchObject({ exit: 1, err: 'A drill is under way already.\n' });
    const shown = await withReceipt(null, drillOf(true));
    expect(JSON.parse((await run(shown.home, ['receipt', '--drill', '--json'])).out)).toEqual(drillOf(true).receipt);
  });
});
