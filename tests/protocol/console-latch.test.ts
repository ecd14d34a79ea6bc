// The latch through a disk that takes nothing more (E6, L1): the whole console trips on a full disk, is killed hard, and comes back
// tripped; and a latch file that cannot be read is taken for a trip.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startPractice } from '../../src-main/practice/practice.ts';
import type { PracticeHandle } from '../../src-main/practice/practice.ts';
import { customVenueOf, startConsoleProcess, temporaryHome } from '../support/console-process.ts';
import type { ConsoleProcess } from '../support/console-process.ts';

let practice: PracticeHandle;
beforeAll(async () => {
  practice = await startPractice({ seed: 11, eventsPerSecond: 20 });
});
afterAll(() => practice.close());

let place: ReturnType<typeof temporaryHome>;
let running: ConsoleProcess;
/** A limit on file sizes stands for the full disk; unlike a disk's refusal it also sends a signal, which is not to end the console. */
const DEAF_TO_THE_LIMIT = { NODE_OPTIONS: `--import=data:text/javascript,process.on('SIGXFSZ',()=>{})` };
const start = async (): Promise<void> => {
  running = startConsoleProcess(place.home, ['--custom-venue', customVenueOf(practice)], DEAF_TO_THE_LIMIT);
  await running.ready();
};
beforeEach(async () => {
  place = temporaryHome();
  await start();
});
afterEach(async () => {
  if (running.child.exitCode === null && running.child.signalCode === null) await running.kill('SIGTERM');
  place.remove();
});

const latchFile = (): string => {
  const folder = path.join(place.home, 'journals');
  const name = fs.readdirSync(folder).find((one) => one.endsWith('.latch'));
  if (name === undefined) throw new Error('no latch file');
  return path.join(folder, name);
};

const trip = async (reason: string): Promise<unknown> => {
  const client = await running.client();
  try {
    return await client.call('tripStop', { reason });
  } finally {
    client.close();
  }
};

/** Resets once the receipt is there; the cool-down's end. */
const reset = async (tripId: number): Promise<number> => {
  await running.until('the receipt', (view) => view.safety.stop?.receipt?.complete === true);
  const client = await running.client();
  try {
    const answer = await client.call('resetStop', { why: 'looked at it', readBackTripId: tripId });
    if (!answer.ok) throw new Error(answer.error.text);
    return answer.value.coolDownUntilMs;
  } finally {
    client.close();
  }
};

const isActive = (view: Awaited<ReturnType<ConsoleProcess['view']>>): boolean => view.safety.trading?.level === 'ACTIVE';

describe.skipIf(process.platform !== 'linux')('a stop on a full disk', () => {
  /** From now on no file of the console can grow, as on a disk without room: the kernel refuses, and what has its place can be rewritten. */
  const fillDisk = (): void => {
    execFileSync('prlimit', ['--pid', String(running.child.pid), '--fsize=8192']);
  };

  it('E6: is acknowledged, and stands after kill -9 and restart although the journal lost it', async () => {
    await running.until('ACTIVE', isActive);
    fillDisk();
    expect(await trip('the disk is full')).toMatchObject({ ok: true, value: { tripId: 1 } });
    await running.kill('SIGKILL');

    await start();
    const found = await running.view();
    expect(found.safety.stop).toMatchObject({ phase: 'TRIPPED', tripId: 1, trigger: 'cli' });
    // The journal did not have it: the latch file alone remembered.
    expect(found.safety.stop?.reason).toBe('the disk is full (remembered by the latch file, the journal had lost it)');
    expect(Object.values(found.alerts).map(({ title }) => title)).toContain('The emergency stop is tripped again');

    const coolDownUntilMs = await reset(1);
    await running.kill('SIGKILL');
    await start();
    expect((await running.view()).safety.stop).toMatchObject({ phase: 'COOLING_DOWN', tripId: 1, coolDownUntilMs });
  });
});

describe('a latch file', () => {
  it('E6: that cannot be read trips, says how to clear it, and is whole again after the reset', async () => {
    await running.until('ACTIVE', isActive);
    await running.kill('SIGKILL');
    fs.writeFileSync(latchFile(), Buffer.alloc(8192, 'x'));

    await start();
    const found = await running.view();
    expect(found.safety.stop).toMatchObject({ phase: 'TRIPPED', tripId: 1, trigger: 'watchdog' });
    expect(
      Object.values(found.alerts)
        .map(({ text }) => text)
        .join(),
    ).toContain(`${latchFile()} cannot be read`);
    await reset(1);
    await running.kill('SIGTERM');

    await start();
    expect((await running.view()).safety.stop).toMatchObject({ phase: 'COOLING_DOWN', tripId: 1 });
  });

  it('an older home has none: it is made with what the journal knows, and trips nothing', async () => {
    await running.until('ACTIVE', isActive);
    await running.kill('SIGTERM');
    fs.rmSync(latchFile());
    await start();
    await running.until('ACTIVE', isActive);
    expect(fs.statSync(latchFile()).size).toBe(8192);
  });
});
