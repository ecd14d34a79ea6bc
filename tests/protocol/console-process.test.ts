// The console as a process whose surroundings fail: it goes on trading, stops when told, and ends when told.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startConsoleProcess, temporaryHome } from '../support/console-process.ts';

test('a terminal that goes away (stdout and stderr closed) is no fault: nothing trips, the stop works, SIGTERM ends it with 0', async () => {
  const place = temporaryHome();
  onTestFinished(() => place.remove());
  const console = startConsoleProcess(place.home, ['--seed', '5']);
  onTestFinished(async () => {
    if (console.child.exitCode === null && console.child.signalCode === null) await console.kill('SIGKILL');
  });
  await console.ready();
  console.child.stdout?.destroy();
  console.child.stderr?.destroy();
  const client = await console.client();
  expect(await client.call('tripStop', { reason: 'the terminal is gone' })).toMatchObject({ value: { tripId: 1 } });
  expect(await client.call('awaitReceipt', { tripId: 1, timeoutMs: 10_000 }, 15_000)).toMatchObject({ value: { complete: true } });
  expect(await client.call('resetStop', { why: 'seen', readBackTripId: 1 })).toMatchObject({ ok: true });
  client.close();
  expect((await console.view()).safety.stop).toMatchObject({ tripId: 1, phase: 'COOLING_DOWN' });
  expect((await console.kill('SIGTERM')).code).toBe(0);
  expect(readFileSync(join(place.home, 'logs', 'holdfast.log'), 'utf8')).not.toContain('"fault"');
}, 60_000);
