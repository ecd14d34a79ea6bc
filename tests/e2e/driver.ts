// One built console under test, the same in every shell: its window through the page, its engine's picture through the control socket.
// It adds nothing to the product and takes nothing out.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import { connectControl } from '../../src-main/control/client.ts';
import type { AccountState, DeskOperation } from '../../src-main/practice/protocol/desk.ts';
import { controlAddress, policyPath } from '../../src-main/settings/home.ts';
import type { CallInput, CallName, CallOutput } from '../../src-shared/contract/contract.ts';
import type { ConsoleView } from '../../src-shared/contract/view.ts';
import type { ShellUnderTest } from './shells.ts';

const DIST = new URL('../../dist/', import.meta.url);
const PICTURES = fileURLToPath(new URL('../../test-output/screenshots/', import.meta.url));

export interface App {
  readonly page: Page;
  /** Where the page comes from; no request of its may go anywhere else. */
  readonly origin: string;
  /** Every address that the page asked for since it was opened. */
  readonly requests: readonly string[];
  /** What the page's console complained about: errors, and policy violations among them. */
  readonly complaints: readonly string[];
  /** The engine's picture now, past the window. */
  view(): Promise<ConsoleView>;
  /** Calls the console as the window does. */
  call<K extends CallName>(name: K, input: CallInput<K>): Promise<CallOutput<K>>;
  /** Does something to the practice exchange that no trader of this console does. */
  desk(operation: DeskOperation): Promise<void>;
  /** The exchange's own books. */
  exchange(): Promise<AccountState>;
  text(testId: string): Promise<string>;
  /** Waits until the element shows a text. */
  shows(testId: string, pattern: RegExp): Promise<void>;
  picture(name: string): Promise<void>;
  /** Ends window and console; the home stays for a next start. */
  close(): Promise<void>;
}

/** `policy`: what the home's policy file says; absent as on a first start. */
export const makeHome = (policy?: object): { readonly home: string; remove(): void } => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-home-'));
  if (policy !== undefined) writeFileSync(policyPath(home), JSON.stringify(policy));
  return { home, remove: () => rmSync(home, { recursive: true, force: true }) };
};

/** Runs in the page. */
const callFromPage = ([name, input]: readonly [string, unknown]): Promise<unknown> => {
  const { holdfast } = globalThis as unknown as { readonly holdfast: Readonly<Record<string, (input: unknown) => Promise<unknown>>> };
  return holdfast[name]?.(input) ?? Promise.reject(new Error(`window.holdfast has no ${name}`));
};

const askDesk = async (shell: ShellUnderTest, url: string | undefined, init?: RequestInit): Promise<unknown> => {
  if (url === undefined) throw new Error(`The ${shell.name} shell does not say where the fault desk is`);
  const answer = await fetch(url, init);
  const body: unknown = await answer.json();
  if (!answer.ok) throw new Error(`fault desk: ${JSON.stringify(body)}`);
  return body;
};

/** Starts the built console on a home and opens its window. Needs a desktop (`startDesktop`) and a build (`npm test` makes one). */
export const startApp = async (shell: ShellUnderTest, home: string): Promise<App> => {
  if (!existsSync(new URL('src-main/console.js', DIST))) throw new Error('dist is not built: npm run build');
  const opened = await shell.open(home);
  const { page, faultDeskUrl } = opened;
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content Security Policy/i.test(message.text())) complaints.push(message.text());
  });
  // Once more with the listeners on: the first load was over before they could be.
  await page.reload();
  const control = await connectControl(controlAddress(home));
  return {
    page,
    origin: await page.evaluate(() => globalThis.origin),
    requests,
    complaints,
    async view() {
      const answer = await control.call('subscribe', {});
      if (!answer.ok) throw new Error(answer.error.text);
      return answer.value.view;
    },
    call: async <K extends CallName>(name: K, input: CallInput<K>) =>
      (await page.evaluate(callFromPage, [name, input] as const)) as CallOutput<K>,
    async desk(operation) {
      await askDesk(shell, faultDeskUrl && `${faultDeskUrl}/desk`, { method: 'POST', body: JSON.stringify(operation) });
    },
    exchange: async () => (await askDesk(shell, faultDeskUrl && `${faultDeskUrl}/state`)) as AccountState,
    text: (testId) => page.getByTestId(testId).innerText(),
    shows: (testId, pattern) => page.getByTestId(testId).getByText(pattern).first().waitFor({ timeout: 20_000 }),
    async picture(name) {
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({ path: join(PICTURES, `${shell.name === 'chromium' ? '' : `${shell.name}-`}${name}.png`) });
    },
    async close() {
      control.close();
      await opened.close();
    },
  };
};
