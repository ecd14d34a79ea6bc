// The watchdog's report and its words on the pipe (E8): whole on disk, strict when they are read, in a person's words.
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lineOf, readToConsole, readToWatchdog } from '../../../src-main/watchdog/messages.ts';
import type { ToWatchdog } from '../../../src-main/watchdog/messages.ts';
import { readReport, removeReport, reportPathOf, wordsOf, writeReport } from '../../../src-main/watchdog/report.ts';
import type { WatchdogReport } from '../../../src-main/watchdog/report.ts';

const report: WatchdogReport = {
  version: 1,
  atMs: 1_700_000_000_000,
  why: 'the console hung',
  canceled: [{ symbol: 'BTCUSDT', clientOrderId: 'hf-1' }],
  kept: [],
  left: [],
  problem: '',
  emptyAfterMs: 120,
};

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-report-'));
  path = reportPathOf(join(folder, 'practice-x.sqlite'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the report', () => {
  it('is read as it was written, for this user alone, and is gone once it is taken away', async () => {
    expect(readReport(path)).toEqual({ ok: true, value: null });
    await writeReport(path, { ...report, left: null });
    await writeReport(path, report);
    expect(readReport(path)).toEqual({ ok: true, value: report });
    expect(readdirSync(folder)).toHaveLength(1);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    removeReport(path);
    removeReport(path);
    expect(readReport(path)).toEqual({ ok: true, value: null });
  });

  it.each([
    ['half a file', '{"version":1,'],
    ['another version', JSON.stringify({ ...report, version: 2 })],
    ['no report', '[]'],
    ['a number that is none', JSON.stringify({ ...report, emptyAfterMs: 'soon' })],
  ])('%s is an error, never "nothing happened"', (_what, text) => {
    writeFileSync(path, text);
    expect(readReport(path)).toMatchObject({ ok: false });
  });

  it('what cannot be written is a rejection', async () => {
    await expect(writeReport(join(folder, 'missing', 'x'), report)).rejects.toThrow('ENOENT');
  });

  it('says what was done, what is left, and why', () => {
    expect(wordsOf(report)).toBe('It cancelled 1 order (BTCUSDT hf-1); the exchange showed nothing open after 0.1 s.');
    expect(wordsOf({ ...report, canceled: [], left: null, problem: 'No answer', emptyAfterMs: null })).toBe(
      'It cancelled nothing; what is still open is not known: No answer.',
    );
    const left = [{ symbol: 'ETHUSDT', clientOrderId: 'b' }];
    expect(wordsOf({ ...report, left, emptyAfterMs: null })).toBe('It cancelled 1 order (BTCUSDT hf-1); 1 still open (ETHUSDT b).');
    expect(wordsOf({ ...report, emptyAfterMs: null })).toBe('It cancelled 1 order (BTCUSDT hf-1); it was not done yet.');
    const kept = [{ symbol: 'BTCUSDT', clientOrderId: 'stop' }];
    expect(wordsOf({ ...report, kept })).toContain('showed only what protects positions (BTCUSDT stop) after 0.1 s.');
    const many = Array.from({ length: 25 }, (_, index) => ({ symbol: 'BTCUSDT', clientOrderId: `o${index}` }));
    expect(wordsOf({ ...report, canceled: many })).toContain('It cancelled 25 orders (BTCUSDT o0, ');
    expect(wordsOf({ ...report, canceled: many })).toContain('BTCUSDT o19 and 5 more)');
  });
});

describe('the pipe', () => {
  const arm: ToWatchdog = {
    kind: 'arm',
    venue: { restUrl: 'http://127.0.0.1:1', apiKey: 'k', secret: 's', signature: 'hmac', endsWithConsole: false },
    symbols: ['BTCUSDT'],
    keepProtection: true,
    patienceMs: 10_000,
    giveUpAfterMs: 60_000,
    home: 'h',
    reportPath: 'r',
  };

  it('carries what it was given', () => {
    const beat: ToWatchdog = { kind: 'beat', n: 3, offsetMs: -12.5, debugged: false };
    for (const message of [arm, beat, { kind: 'goodbye' } as const]) expect(readToWatchdog(lineOf(message))).toEqual(message);
    expect(readToConsole(lineOf({ kind: 'acting', why: 'it hung' }))).toEqual({ kind: 'acting', why: 'it hung' });
  });

  it.each(['', 'x', '{}', '{"kind":"beat"}', '{"kind":"arm"}', '{"kind":"goodbye","more":1}', JSON.stringify({ ...arm, patienceMs: 0 })])(
    'what makes no sense is nothing: %s',
    (line) => {
      expect(readToWatchdog(line)).toBeUndefined();
      expect(readToConsole(line)).toBeUndefined();
    },
  );
});
