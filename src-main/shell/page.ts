// The window's own page, served from the built files and nothing else: which address is ours, what the page may load, and how a path
// becomes a file. A request that leads anywhere else has no answer. Both shells with a window use this.
import { readFile, realpath } from 'node:fs/promises';
import { extname, resolve, sep } from 'node:path';

/**
 * N2: nothing but our own files, no connections at all (`connect-src` falls back to `'none'`), no frames, no forms.
 * WebRTC is the one channel that no policy covers in Chromium; the shells switch it off (`disable_non_proxied_udp`).
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
  'permissions-policy': ['camera', 'geolocation', 'hid', 'microphone', 'midi', 'payment', 'serial', 'usb', 'bluetooth', 'display-capture']
    .map((feature) => `${feature}=()`)
    .join(', '),
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.wav': 'audio/wav',
};

export interface PageFile {
  readonly body: Buffer;
  readonly type: string;
}

/** True when `address` is a page of `origin` (`https://host` or `scheme://host`). */
export const isOurs = (address: string, origin: string): boolean => address === origin || address.startsWith(`${origin}/`);

/**
 * The file that an address of our origin names, or undefined: outside the root (also through `..`, escapes or a link), of a type that
 * a page does not need, or not there. `/` is index.html.
 */
export const readPageFile = async (root: string, address: string): Promise<PageFile | undefined> => {
  const path = pathOf(address);
  if (path === undefined) return undefined;
  const type = TYPES[extname(path)];
  if (type === undefined) return undefined;
  try {
    const base = await realpath(root);
    const file = await realpath(resolve(base, `.${path}`));
    return file.startsWith(base + sep) ? { body: await readFile(file), type } : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

const pathOf = (address: string): string | undefined => {
  try {
    const path = decodeURIComponent(new URL(address).pathname);
    if (path === '/' || path === '') return '/index.html';
    return /[\\\0:]|\/\.|\/\//.test(path) ? undefined : path;
  } catch (error) {
    if (error instanceof URIError || error instanceof TypeError) return undefined;
    throw error;
  }
};

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes(String(error.code));
