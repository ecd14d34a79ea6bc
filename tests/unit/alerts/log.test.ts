// L2: structured, redacted, rotated; and a disk that fails takes a log line, never the console.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOG_FILE, openLog } from '../../../src-main/alerts/log.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-log-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const never = (text: string): void => {
  throw new Error(text);
};
const linesOf = (file: string) =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('the log', () => {
  it('has one JSON object a line, for this user alone, without secrets', async () => {
    const log = openLog({ dir: join(dir, 'logs'), level: 'info', onBroken: never });
    log.info('order-accepted', { symbol: 'BTCUSDT', deep: { apiKey: 'planted-key' } });
    log.error('request-failed', { error: new Error('GET /x?signature=planted-signature') });
    log.debug('not at this level');
    await log.close();
    const file = join(dir, 'logs', LOG_FILE);
    const [first, second, ...rest] = linesOf(file);
    expect(first).toMatchObject({ event: 'order-accepted', symbol: 'BTCUSDT' });
    expect(second).toMatchObject({ event: 'request-failed', error: { type: 'Error' } });
    expect(rest).toEqual([]);
    expect(readFileSync(file, 'utf8')).not.toContain('planted');
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(statSync(join(dir, 'logs')).mode & 0o077).toBe(0);
  });

  it('is rotated by size, keeps the newest files, loses no line of them, and goes on after a restart', async () => {
    for (let round = 0; round < 9; round += 1) {
      const log = openLog({ dir, level: 'info', onBroken: never, maxFileBytes: 500 });
      for (let n = 0; n < 20; n += 1) log.info('filler', { round, n });
      await log.close();
    }
    const files = readdirSync(dir).sort();
    expect(files).toEqual([LOG_FILE, ...[1, 2, 3, 4, 5].map((n) => `${LOG_FILE}.${n}`)]);
    const rounds = files.map((file) => linesOf(join(dir, file)).map((line) => `${String(line['round'])}.${String(line['n'])}`));
    expect(rounds[0]).toEqual(Array.from({ length: 20 }, (_, n) => `8.${n}`));
    expect(rounds[5]).toEqual(Array.from({ length: 20 }, (_, n) => `3.${n}`));
  });

  it('on a disk that refuses says so once and goes on', async () => {
    writeFileSync(join(dir, 'in-the-way'), '');
    const told: string[] = [];
    const log = openLog({ dir: join(dir, 'in-the-way', 'logs'), level: 'info', onBroken: (text) => told.push(text) });
    log.info('first');
    await log.close();
    log.info('second');
    await log.close();
    expect(told).toEqual([expect.stringContaining('trading goes on')]);
  });
});
