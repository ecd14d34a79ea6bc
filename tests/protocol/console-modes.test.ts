// A1 and A2 on the whole console process: a first start is practice, testnet needs a key, and no path leads to mainnet: not an option,
// not the environment, not the contract, not a file, not a restart.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAINNET_CONFIRMATION } from '../../src-main/settings/mode.ts';
import { startConsoleProcess, temporaryHome } from '../support/console-process.ts';
import type { ConsoleProcess } from '../support/console-process.ts';

/** Where no keychain answers, whatever the machine has. */
const NO_KEYCHAIN = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' };
const ALLOWED = { ...NO_KEYCHAIN, ALLOW_MAINNET_TRADING: 'true' };

let place: ReturnType<typeof temporaryHome>;
let running: ConsoleProcess | undefined;
beforeEach(() => {
  place = temporaryHome();
});
afterEach(async () => {
  if (running !== undefined && running.child.exitCode === null) await running.kill('SIGTERM');
  running = undefined;
  place.remove();
});
const start = (args: readonly string[], environment: NodeJS.ProcessEnv = NO_KEYCHAIN): ConsoleProcess => {
  running = startConsoleProcess(place.home, args, environment);
  return running;
};

describe('A1: which mode a console may run in', () => {
  it('a first start without keys is practice, and says so when it may trade', async () => {
    const ready = await start([]).ready();
    expect(ready).toMatchObject({ mode: 'practice', tradingState: 'ACTIVE', stop: 'ARMED' });
  });

  it('testnet without a key starts nothing and says where to set one', async () => {
    const ended = await start(['--mode', 'testnet']).ended;
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/testnet key/i);
  });

  it('the mainnet option starts nothing, with or without the environment that allows it', async () => {
    for (const environment of [NO_KEYCHAIN, ALLOWED]) {
      const ended = await start(['--mode', 'mainnet'], environment).ended;
      expect(ended.code).toBe(1);
      expect(ended.stderr).toMatch(/Mainnet is refused/);
    }
  });

  it('the mainnet option does not go with a custom venue', async () => {
    const venue = { restUrl: 'http://127.0.0.1:9', streamUrl: 'ws://127.0.0.1:9', wsApiUrl: 'ws://127.0.0.1:9', apiKey: 'k', secret: 's' };
    const ended = await start(['--mode', 'mainnet', '--custom-venue', JSON.stringify(venue)], ALLOWED).ended;
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/never goes with mainnet/);
  });

  it('the contract refuses the switch even with the environment and the right words, and a restart is practice again', async () => {
    const first = start([], ALLOWED);
    await first.ready();
    const client = await first.client();
    const answer = await client.call('switchMode', { mode: 'mainnet', confirmation: MAINNET_CONFIRMATION });
    expect(answer).toMatchObject({ ok: false, error: { code: 'REFUSED' } });
    expect(answer.ok ? '' : answer.error.text).toMatch(/certificate/);
    const setting = await client.call('setKey', { mode: 'mainnet', apiKey: 'k', secret: 's' });
    expect(setting).toMatchObject({ ok: false, error: { code: 'REFUSED' } });
    client.close();
    expect((await first.view()).status.console?.mode).toBe('practice');
    await first.kill('SIGTERM');
    expect(await start([], ALLOWED).ready()).toMatchObject({ mode: 'practice' });
  });

  it('no file can set it: a policy that names a mode is refused whole, preferences that name one are ignored', async () => {
    const first = start([], ALLOWED);
    await first.ready();
    await first.kill('SIGTERM');
    const policy = join(place.home, 'policy.json');
    writeFileSync(policy, JSON.stringify({ ...(JSON.parse(readFileSync(policy, 'utf8')) as object), mode: 'mainnet' }));
    writeFileSync(join(place.home, 'preferences.json'), JSON.stringify({ theme: 'dark', palette: 'standard', mode: 'mainnet' }));
    const second = start([], ALLOWED);
    expect(await second.ready()).toMatchObject({ mode: 'practice' });
    expect((await second.view()).status.console).toMatchObject({ mode: 'practice', policyName: 'NORMAL', policyVersion: 1 });
  });
});

describe('one console a home', () => {
  it('a second console on the same home is refused, and the first goes on', async () => {
    const first = start([]);
    await first.ready();
    const second = await startConsoleProcess(place.home, [], NO_KEYCHAIN).ended;
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/Another console runs on this home/);
    expect((await first.view()).safety.trading?.level).toBe('ACTIVE');
  });

  it('a bad option starts nothing and exits with 2', async () => {
    expect((await start(['--seed', 'NaN']).ended).code).toBe(2);
    expect((await startConsoleProcess(place.home, ['--nonsense'], NO_KEYCHAIN).ended).code).toBe(2);
  });
});
