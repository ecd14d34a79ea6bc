// A1: the environment counts as it was when the process started. What sets it later, within the process or from without, sets nothing.
import { expect, test } from 'vitest';
import { MAINNET_CONFIRMATION } from '../../src-main/settings/mode.ts';
import { startTestConsole } from '../support/console.ts';

test('ALLOW_MAINNET_TRADING that comes after the start is missing', async () => {
  const console = await startTestConsole({});
  process.env['ALLOW_MAINNET_TRADING'] = 'true';
  try {
    const answer = await console.api.handlers.switchMode(
      { mode: 'mainnet', confirmation: MAINNET_CONFIRMATION },
      { from: 'window', user: 'test' },
    );
    expect(answer.ok ? 'granted' : answer.error.text).toContain('ALLOW_MAINNET_TRADING=true in the environment when the console starts');
    expect(console.view().status.console?.mode).toBe('practice');
  } finally {
    delete process.env['ALLOW_MAINNET_TRADING'];
    await console.close();
    console.remove();
  }
});
