// Builds the window, serves it under the content security policy that the shells set, and opens it in a real Chromium with the
// scripted stand-in behind it. No network: every address but the window's own is refused.
import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import type { Browser, Page } from 'playwright';
import { build } from 'vite';
import { fakePolicy } from './fake-policy.ts';

const ORIGIN = 'http://holdfast.test';
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.map': 'application/json',
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export interface WindowOptions {
  readonly width?: number;
  readonly height?: number;
  readonly reducedMotion?: boolean;
  readonly fake?: Readonly<Record<string, unknown>>;
}

export interface Opened {
  readonly page: Page;
  /** Uncaught errors, console errors and policy violations: a test ends with none. */
  readonly problems: string[];
}

export interface Harness {
  readonly open: (options?: WindowOptions) => Promise<Opened>;
  readonly close: () => Promise<void>;
}

/** Builds once and starts one browser. */
export const startHarness = async (): Promise<Harness> => {
  const out = mkdtempSync(join(tmpdir(), 'holdfast-window-'));
  await build({ configFile: join(ROOT, 'vite.renderer.config.ts'), logLevel: 'error', build: { outDir: out, emptyOutDir: true } });
  const fake = [new URL('./fake-safety.ts', import.meta.url), new URL('./fake.ts', import.meta.url)]
    .map((file) => stripTypeScriptTypes(readFileSync(file, 'utf8')))
    .join('\n');
  const browser: Browser = await chromium.launch({
    executablePath:
      ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? 'chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });

  const open = async ({
    width = 1280,
    height = 800,
    reducedMotion = true,
    fake: fakeOptions = {},
  }: WindowOptions = {}): Promise<Opened> => {
    const context = await browser.newContext({
      viewport: { width, height },
      reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
      timezoneId: 'UTC',
    });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await context.route('**/*', async (route) => {
      const url = new URL(route.request().url());
      const path = normalize(url.pathname === '/' ? '/index.html' : url.pathname);
      const file = join(out, path);
      if (url.origin !== ORIGIN || !existsSync(file)) return route.abort();
      return route.fulfill({
        body: readFileSync(file),
        headers: { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': POLICY },
      });
    });
    const policy: Readonly<Record<string, (input: never) => unknown>> = { ...fakePolicy(Date.now) };
    await page.exposeFunction('policyCall', (name: string, input: never) => policy[name]?.(input));
    await page.addInitScript({ content: `window.harnessOptions = ${JSON.stringify(fakeOptions)};\n${fake}` });
    await page.goto(`${ORIGIN}/`);
    return { page, problems };
  };
  return {
    open,
    close: async () => {
      await browser.close();
      rmSync(out, { recursive: true, force: true });
    },
  };
};
