// The circuit breaker from the trader's chair (REQUIREMENTS D, E1, O): a whole console, real sockets, the command line.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPractice } from '../../src-main/practice/practice.ts';
import type { PracticeHandle } from '../../src-main/practice/practice.ts';
import { customVenueOf, holdfast, startConsoleProcess, temporaryHome } from '../support/console-process.ts';
import type { ConsoleProcess } from '../support/console-process.ts';

const place = temporaryHome();
let practice: PracticeHandle;
let running: ConsoleProcess;

beforeAll(async () => {
  practice = await startPractice({ seed: 31, eventsPerSecond: 20 });
  running = startConsoleProcess(place.home, ['--custom-venue', customVenueOf(practice)]);
  await running.ready();
}, 60_000);
afterAll(async () => {
  await running.kill('SIGTERM');
  await practice.close();
  place.remove();
});

const cli = (line: string) => holdfast(place.home, line);

it('three failed calls open it, it says why, denies what opens, and closes only for a person who names what broke', async () => {
  await practice.addFault({
    match: { channel: 'rest', method: 'GET', path: '/api/v3/account' },
    action: { type: 'status', stage: 'before', status: 503 },
  });
  // Each comparison that fails is a failed call; the exchange is asked again by itself as well.
  for (let count = 0; count < 3; count += 1) await cli('reconcile');
  await running.until('the breaker is open', ({ safety }) => safety.breaker?.phase === 'OPEN');
  await practice.heal();
  const shown = await cli('safety');
  expect(shown.out).toContain('api-errors');
  expect(shown.out).toContain('STOP TRIPS BY ITSELF');
  await running.until('nothing else forbids', ({ safety }) => safety.trading?.causes.every(({ code }) => code === 'BREAKER') === true);
  expect(await cli('order place BUY BTCUSDT --market --quote 150')).toMatchObject({
    exit: 1,
    err: expect.stringContaining('The circuit breaker is open (api-errors)') as string,
  });
  expect((await cli('reset --breaker daily-drawdown --why looked')).exit).toBe(1);
  expect(await cli('reset --breaker api-errors --why looked')).toMatchObject({ exit: 0 });
  await running.until('it may trade', ({ safety }) => safety.trading?.level === 'ACTIVE');
  expect(await cli('order place BUY BTCUSDT --market --quote 150 --wait')).toMatchObject({ exit: 0 });
}, 120_000);
