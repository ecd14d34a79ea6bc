// Runs inside a session with a real secret service: two vaults in a row, as before and after a restart. Prints one JSON line.
import { openVault } from '../../src-main/vault/vault.ts';

const [home = '', secret = ''] = [process.argv[2], process.env['TEST_SECRET']];
const before = await openVault(home);
const steps = {
  empty: await before.status(),
  proved: await before.prove(),
  set: await before.set('mainnet', 'publicpublicpublicpublic', secret),
  tested: await before.test('mainnet'),
};
const after = await openVault(home);
const credentials = await after.credentials('mainnet');
const again = {
  status: await after.status(),
  same: credentials.ok && credentials.value.secret === secret,
  deleted: await after.delete('mainnet'),
};
process.stdout.write(`${JSON.stringify({ ...steps, ...again })}\n`);
