// The endpoint follows the policy: on, off, another port, another secret; and a policy that is gone takes nothing away (F).
import net from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { KillSwitch } from '../../../src-main/console/kill-switch.ts';
import type { Core } from '../../../src-main/console/core.ts';
import type { Input } from '../../../src-main/engine/inputs.ts';
import type { KillSwitchView } from '../../../src-shared/contract/view.ts';
import { fail, ok, type Result } from '../../../src-shared/errors/result.ts';
import { freshHome } from '../control/fake-console.ts';
import { ask, SECRET } from '../control/kill-switch-rig.ts';

type Settings = { enabled: boolean; resetAllowed: boolean; port: number };

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });

const setUp = async (enabled = true) => {
  const settings: Settings = { enabled, resetAllowed: false, port: await freePort() };
  const state: { policy: { killSwitch: Settings } | null } = { policy: { killSwitch: settings } };
  const market: { killSwitch: KillSwitchView | null } = { killSwitch: null };
  const inputs: Input[] = [];
  const stored: { read: Result<{ secret: string; from: string }, string> } = { read: ok({ secret: SECRET, from: 'the keychain' }) };
  const dispatch = (input: Input) => {
    inputs.push(input);
    if (input.kind === 'kill-switch') market.killSwitch = input.view;
    return input.kind === 'trip' ? { kind: 'tripped', tripId: 1 } : { kind: 'none' };
  };
  const core = { engine: { state, market, dispatch }, latchDurable: () => Promise.resolve(true) } as unknown as Core;
  const clock = { monoMs: 0 };
  const killSwitch = new KillSwitch({
    home: freshHome(),
    core: () => core,
    clock: { nowMs: Date.now, monoMs: () => clock.monoMs },
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    secret: {
      read: () => Promise.resolve(stored.read),
      set: (secret) => Promise.resolve(ok(void (stored.read = ok({ secret, from: 'the keychain' })))),
      delete: () => Promise.resolve(ok(void (stored.read = fail('It has no secret yet.')))),
    },
  });
  onTestFinished(() => killSwitch.close());
  /** Looks as the console's pulse does, until the view is as claimed. */
  const becomes = (status: KillSwitchView['status'], text = '') =>
    expect
      .poll(() => {
        killSwitch.follow();
        return market.killSwitch?.status === status && market.killSwitch.text.includes(text);
      })
      .toBe(true);
  return { killSwitch, settings, state, market, inputs, stored, clock, becomes };
};

test('switched on it listens, switched off it does not, and again', async () => {
  const { settings, becomes } = await setUp(false);
  await becomes('off');
  await expect(ask(settings.port)).rejects.toThrow('ECONNREFUSED');
  for (let turn = 0; turn < 2; turn += 1) {
    settings.enabled = true;
    await becomes('listening', String(settings.port));
    expect((await ask(settings.port)).code).toBe(200);
    settings.enabled = false;
    await becomes('off');
    await expect(ask(settings.port)).rejects.toThrow('ECONNREFUSED');
  }
});

test('another port is another door, and the old one is shut', async () => {
  const { settings, becomes } = await setUp();
  await becomes('listening');
  const before = settings.port;
  settings.port = await freePort();
  await becomes('listening', String(settings.port));
  expect((await ask(settings.port)).code).toBe(200);
  await expect(ask(before)).rejects.toThrow('ECONNREFUSED');
});

test('with no policy at all it stays as it is', async () => {
  const { state, settings, becomes, killSwitch } = await setUp();
  await becomes('listening');
  state.policy = null;
  killSwitch.follow();
  expect((await ask(settings.port)).code).toBe(200);
});

test('a new secret counts at once and the old one no more; a deleted one ends the listening', async () => {
  const { settings, becomes, killSwitch, market } = await setUp();
  await becomes('listening');
  const fresh = 'another-secret-of-more-than-32-characters';
  expect(await killSwitch.setSecret(fresh)).toMatchObject({ ok: true });
  await expect.poll(async () => (await ask(settings.port, { secret: fresh })).code).toBe(200);
  expect((await ask(settings.port)).code).toBe(401);
  expect(await killSwitch.deleteSecret()).toMatchObject({ ok: true });
  await becomes('failed', 'no secret yet');
  expect(market.killSwitch?.text).toMatch(/^Not listening/);
  await expect(ask(settings.port)).rejects.toThrow('ECONNREFUSED');
});

test('what failed is tried again after ten seconds, not before', async () => {
  const { stored, clock, becomes, killSwitch, market } = await setUp();
  stored.read = fail('The keychain cannot be used.');
  await becomes('failed', 'keychain');
  stored.read = ok({ secret: SECRET, from: 'the keychain' });
  clock.monoMs = 9_999;
  killSwitch.follow();
  expect(market.killSwitch?.status).toBe('failed');
  clock.monoMs = 10_001;
  await becomes('listening');
});

test('what came in is told to the engine after the stop, never before', async () => {
  const { settings, becomes, inputs } = await setUp();
  await becomes('listening');
  await ask(settings.port, { body: '{"who": "ann"}' });
  expect(inputs.filter(({ kind }) => kind !== 'kill-switch').map(({ kind }) => kind)).toEqual(['trip', 'kill-switch-asked']);
});
