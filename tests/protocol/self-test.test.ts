// The self-test of a whole console over real sockets (REQUIREMENTS J): every row measured, any red halts with the fix in words, and the
// command line says so by its exit code.
import { afterEach, expect, test } from 'vitest';
import type { SelfTestItem } from '../../src-shared/domain/self-test.ts';
import { startPractice, type PracticeHandle } from '../../src-main/practice/practice.ts';
import { customVenueOf, holdfast, startConsoleProcess, temporaryHome, type ConsoleProcess } from '../support/console-process.ts';

const place = temporaryHome();
let running: ConsoleProcess | undefined;
let practice: PracticeHandle | undefined;
afterEach(async () => {
  if (running !== undefined && running.child.signalCode === null && running.child.exitCode === null) await running.kill('SIGKILL');
  await practice?.close();
  place.remove();
});

const selfTest = async (): Promise<{
  readonly exit: number;
  readonly rows: Readonly<Record<string, SelfTestItem>>;
  readonly err: string;
}> => {
  const { exit, out, err } = await holdfast(place.home, 'selftest --json');
  const { items } = JSON.parse(out) as { readonly items: readonly SelfTestItem[] };
  return { exit, err, rows: Object.fromEntries(items.map((item) => [item.id, item])) };
};

test('every row is measured; a key that may withdraw, and a stream that does not answer, halt with the fix in words, until mended', async () => {
  practice = await startPractice({ seed: 11, balances: { USDT: '10000' } });
  running = startConsoleProcess(place.home, ['--custom-venue', customVenueOf(practice)]);
  await running.ready();
  await running.until('it may trade', (view) => view.safety.trading?.level === 'ACTIVE');

  const sound = await selfTest();
  expect(sound.exit, sound.err).toBe(0);
  const verdicts = Object.values(sound.rows).map(({ id, verdict }) => `${id} ${verdict}`);
  expect(verdicts).toEqual([
    'reachability pass',
    'account pass',
    'permissions pass',
    'user-stream pass',
    'market-stream pass',
    'clock pass',
    'exchange-info pass',
    'journal pass',
    'disk pass',
    'policy pass',
    'keychain not-needed',
    'hotkey not-needed',
    'watchdog not-needed',
    'kill-switch not-needed',
    'versions pass',
  ]);
  expect(sound.rows['user-stream']?.text).toMatch(/^Live: asked and answered over it in \d+ ms\.$/);
  expect(sound.rows['hotkey']?.text).toContain('holdfast stop');

  const { apiKey } = practice.key;
  await practice.perform({ op: 'setPermissions', apiKey, permissions: { reading: true, trading: true, withdrawals: true } });
  const red = await selfTest();
  expect(red.exit).toBe(1);
  expect(red.err).toContain('Key permissions');
  expect(red.rows['permissions']?.text).toContain('Switch withdrawals off');
  const halted = await running.until('it is halted', (view) => view.safety.trading?.level === 'HALTED');
  expect(halted.safety.trading?.causes.map(({ code }) => code)).toContain('SELF_TEST');
  const order = await holdfast(place.home, 'order place BUY BTCUSDT --market --qty 0.001 --json');
  expect(order.exit).toBe(1);

  await practice.perform({ op: 'setPermissions', apiKey, permissions: { reading: true, trading: true, withdrawals: false } });
  expect((await selfTest()).exit).toBe(0);
  await running.until('it may trade again', (view) => view.safety.trading?.level === 'ACTIVE');

  // The stream is up as far as anybody can see, and answers nothing.
  await practice.addFault({ match: { channel: 'wsapi', method: 'ping' }, action: { type: 'drop', stage: 'before', how: 'silent' } });
  const mute = await selfTest();
  expect(Object.values(mute.rows).filter(({ verdict }) => verdict === 'fail')).toMatchObject([
    { id: 'user-stream', text: expect.stringContaining('did not answer ping') as string },
  ]);
  await practice.heal();
  expect((await selfTest()).exit).toBe(0);

  await practice.perform({ op: 'partition', on: true });
  const cut = await selfTest();
  expect(cut.exit).toBe(1);
  expect(cut.rows['reachability']?.verdict).toBe('fail');
  expect(cut.rows['user-stream']?.verdict).toBe('fail');
  expect(cut.rows['user-stream']?.text.length).toBeGreaterThan(20);
}, 120_000);
