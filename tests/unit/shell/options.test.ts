// The command line of a console: what is not understood starts nothing and exits with 2.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseCommandLine } from '../../../src-main/shell/options.ts';

const parse = (...args: readonly string[]) => parseCommandLine(args, { shell: 'headless', seed: 99 });
const venue = { restUrl: 'http://127.0.0.1:1', streamUrl: 'ws://127.0.0.1:2', wsApiUrl: 'ws://127.0.0.1:3', apiKey: 'k', secret: 's' };

describe('the command line', () => {
  it('may be empty', () => {
    expect(parse()).toEqual({
      kind: 'start',
      options: {
        shell: 'headless',
        home: null,
        seed: 99,
        feed: { kind: 'synthetic' },
        account: 'conservative',
        mode: null,
        profile: null,
        customVenue: null,
        gpu: true,
        watchdog: true,
      },
    });
  });

  it('takes every option', () => {
    const args = [
      '--shell',
      'chromium',
      '--home',
      'h',
      '--seed',
      '7',
      '--feed',
      'replay:a.gz,b.gz',
      '--account',
      'high-volume',
      '--mode',
      'testnet',
      '--profile',
      'DEFENSIVE',
      '--no-gpu',
    ];
    expect(parse(...args)).toEqual({
      kind: 'start',
      options: {
        shell: 'chromium',
        home: 'h',
        seed: 7,
        feed: { kind: 'replay', files: ['a.gz', 'b.gz'] },
        account: 'high-volume',
        mode: 'testnet',
        profile: 'DEFENSIVE',
        customVenue: null,
        gpu: false,
        watchdog: true,
      },
    });
    expect(parse('--headless', '--custom-venue', JSON.stringify(venue))).toMatchObject({ options: { customVenue: venue } });
  });

  it('takes a custom venue, with its secret, out of a file or the environment', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-venue-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'venue.json');
    writeFileSync(file, `${JSON.stringify(venue)}\n`);
    vi.stubEnv('HOLDFAST_TEST_VENUE', JSON.stringify(venue));
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const where of [`@${file}`, 'env:HOLDFAST_TEST_VENUE'])
      expect(parse('--headless', '--custom-venue', where)).toMatchObject({ kind: 'start', options: { customVenue: venue } });
    expect(process.env['HOLDFAST_TEST_VENUE'], 'nothing that is started later inherits the secret (L2)').toBeUndefined();
  });

  it.each([
    [['--custom-venue', '@/nonexistent/venue.json'], /file cannot be read/],
    [['--custom-venue', 'env:HOLDFAST_NOT_SET'], /no HOLDFAST_NOT_SET/],
    [['--seed', 'x'], /seed/],
    [['--seed', '-1'], /seed/],
    [['--seed', '1.5'], /seed/],
    [['--seed', '2147483648'], /seed/],
    [['--feed', 'live'], /feed/],
    [['--feed', 'replay:'], /feed/],
    [['--feed', 'replay:a,,b'], /feed/],
    [['--account', 'rich'], /account/],
    [['--mode', 'real'], /mode/],
    [['--shell', 'firefox'], /shell/],
    [['--headless', '--shell', 'chromium'], /exclude/],
    [['--home'], /home/],
    [['--allow-mainnet'], /unknown option/],
    [['stray'], /argument/],
    [['--custom-venue', '{'], /not JSON/],
    [['--custom-venue', JSON.stringify({ ...venue, restUrl: 'file:///etc/passwd' })], /restUrl/],
    [['--custom-venue', JSON.stringify({ ...venue, more: 1 })], /more/],
    [['--shell', 'chromium', '--custom-venue', JSON.stringify(venue)], /A4/],
    [['--mode', 'mainnet', '--custom-venue', JSON.stringify(venue)], /mainnet/],
    [['--mode', 'practice', '--custom-venue', JSON.stringify(venue)], /is testnet/],
  ])('%j starts nothing and says why', (args, words) => {
    expect(parse(...args)).toMatchObject({ kind: 'stop', exitCode: 2, text: expect.stringMatching(words) as string });
  });

  it('explains itself', () => {
    expect(parse('--help')).toMatchObject({ kind: 'stop', exitCode: 0, text: expect.stringContaining('--feed') as string });
  });
});
