// `npm run crash-test -- --kills 200 --seed 7`: the test that kills a trading console hard, as often and with what seed one likes.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: '2026' } } });
const wrong = Object.entries(values).find(([, text]) => !/^[1-9]\d{0,6}$/.test(text));
if (wrong !== undefined) {
  process.stderr.write(`--${wrong[0]} takes a whole number from 1 on; "${wrong[1]}" is none.\n`);
  process.exit(2);
}
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'tests/protocol/console-kills.test.ts'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  stdio: 'inherit',
  env: { ...process.env, KILLS: values.kills, SEED: values.seed },
});
process.exitCode = status ?? 1;
