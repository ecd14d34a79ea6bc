// The application's own version, and ccxt's as pinned and as installed (ccxt's exported `version` lags its package by a release, so it
// is read from the packages' own files).
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const manifest = z.object({ version: z.string(), dependencies: z.object({ ccxt: z.string() }) });
const installed = z.object({ version: z.string() });

const ROOT = new URL(import.meta.url.endsWith('.ts') ? '../../' : '../../../', import.meta.url);
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, ROOT), 'utf8'));

/** Throws when a package.json is missing or says no version: such an installation is not whole. */
export const versions = (): { readonly app: string; readonly ccxtPinned: string; readonly ccxtInstalled: string } => {
  const { version, dependencies } = manifest.parse(read('package.json'));
  return { app: version, ccxtPinned: dependencies.ccxt, ccxtInstalled: installed.parse(read('node_modules/ccxt/package.json')).version };
};
