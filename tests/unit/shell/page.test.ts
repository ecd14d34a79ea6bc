// The page's own files and nothing else (N2): no way out of the folder, no foreign address, no missing policy.
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CONTENT_SECURITY_POLICY, isOurs, PAGE_HEADERS, readPageFile } from '../../../src-main/shell/page.ts';

const ORIGIN = 'https://console.holdfast.invalid';
const folder = mkdtempSync(join(tmpdir(), 'holdfast-page-'));
const root = join(folder, 'page');
mkdirSync(join(root, 'assets'), { recursive: true });
writeFileSync(join(root, 'index.html'), '<!doctype html>');
writeFileSync(join(root, 'assets', 'main.js'), 'export {};');
writeFileSync(join(root, 'notes.txt'), 'not for a page');
writeFileSync(join(folder, 'secret.json'), '{}');
mkdirSync(join(folder, 'page-other'));
writeFileSync(join(folder, 'page-other', 'x.js'), '');
symlinkSync(join(folder, 'secret.json'), join(root, 'link.json'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the page', () => {
  it('is served from its folder with the type that the browser must believe', async () => {
    expect((await readPageFile(root, `${ORIGIN}/`))?.type).toBe('text/html; charset=utf-8');
    expect((await readPageFile(root, `${ORIGIN}/assets/main.js?v=1#x`))?.body.toString()).toBe('export {};');
  });

  it.each([
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/%2e%2e%2fsecret.json',
    '/..%2fsecret.json',
    '/assets/..%5c..%5csecret.json',
    '/assets/%2e%2e/%2e%2e/secret.json',
    '/..%2fpage-other/x.js',
    '//secret.json',
    '/link.json',
    '/%00/index.html',
    '/%zz',
    '/notes.txt',
    '/.git/config.json',
    '/assets',
    '/missing.js',
    '/C:/x.js',
    `/${'a'.repeat(5_000)}.js`,
  ])('has no %s', async (path) => {
    expect(await readPageFile(root, ORIGIN + path)).toBeUndefined();
  });

  it('is ours by its whole origin, not by its beginning', () => {
    expect(isOurs(`${ORIGIN}/index.html`, ORIGIN)).toBe(true);
    for (const foreign of [
      `${ORIGIN}.evil.example/`,
      `${ORIGIN}@evil.example/`,
      `${ORIGIN}:8443/`,
      'http://console.holdfast.invalid/',
      'about:blank',
    ])
      expect(isOurs(foreign, ORIGIN)).toBe(false);
  });

  it('may load nothing by default, connect nowhere and be framed by nobody', () => {
    expect(CONTENT_SECURITY_POLICY).toMatch(/^default-src 'none';/);
    expect(CONTENT_SECURITY_POLICY).toContain("frame-ancestors 'none'");
    expect(CONTENT_SECURITY_POLICY).not.toMatch(/connect-src|unsafe|\*/);
    expect(PAGE_HEADERS['x-content-type-options']).toBe('nosniff');
  });
});
