// What Electron's window may reach: our own page and nothing else (REQUIREMENTS N2). Each refusal stands here once, and a test asks
// for every one.
import type { App, Protocol, Session, WebContents } from 'electron';
import { isOurs, PAGE_HEADERS, readPageFile } from '../page.ts';

export const SCHEME = 'app';
export const ORIGIN = `${SCHEME}://holdfast`;

/** Hosts that a link may open in the person's own browser: by exact name, over https only. */
export const EXTERNAL_HOSTS: ReadonlySet<string> = new Set(['www.binance.com', 'developers.binance.com', 'testnet.binance.vision']);

/** The address to open in the person's browser, or undefined when it must not be opened. */
export const externalAddress = (address: string): string | undefined => {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const plain = url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '';
  return plain && EXTERNAL_HOSTS.has(url.hostname) ? url.href : undefined;
};

/** Before `ready`: our scheme is a real origin; the browser part looks up no name and gives no address away. */
export const prepare = (app: Pick<App, 'commandLine' | 'enableSandbox'>, protocol: Pick<Protocol, 'registerSchemesAsPrivileged'>): void => {
  app.enableSandbox();
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
  app.commandLine.appendSwitch('force-webrtc-ip-handling-policy', 'disable_non_proxied_udp');
  app.commandLine.appendSwitch('disable-background-networking');
  // Wayland gives global shortcuts through its portal alone.
  app.commandLine.appendSwitch('enable-features', 'GlobalShortcutsPortal');
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: { standard: true, secure: true, codeCache: true } }]);
};

/** Once, after `ready`: serves the page and refuses every permission, device, download and foreign request. */
export const guardSession = (session: Session, pageRoot: string): void => {
  session.protocol.handle(SCHEME, async (request) => {
    const file = request.method === 'GET' && isOurs(request.url, ORIGIN) ? await readPageFile(pageRoot, request.url) : undefined;
    if (file === undefined) return new Response('Not found', { status: 404, headers: PAGE_HEADERS });
    return new Response(new Uint8Array(file.body), { status: 200, headers: { ...PAGE_HEADERS, 'content-type': file.type } });
  });
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event) => event.preventDefault());
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !isAllowedRequest(details.url) }));
};

/** Our own page; and the developer tools' own files, which exist only in an unpackaged run. */
const isAllowedRequest = (address: string): boolean => isOurs(address, ORIGIN) || address.startsWith('devtools://');

/** For every web contents there ever is: it stays on our page, opens no window and hosts no guest. */
export const guardContents = (contents: WebContents, openExternal: (address: string) => void): void => {
  const stay = (event: { readonly url: string; preventDefault(): void }): void => {
    if (!isOurs(event.url, ORIGIN)) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    const address = externalAddress(url);
    if (address !== undefined) openExternal(address);
    return { action: 'deny' };
  });
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
};
