// A whole console on a home of its own, as a test's trader sees it: the replica that its subscription keeps, and the contract's calls.
// Waiting is for a change of that picture, never for a time.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Caller, Push } from '../../src-shared/contract/contract.ts';
import { applyDelta, type ConsoleView, type MarketFrame, type Snapshot } from '../../src-shared/contract/view.ts';
import type { OrderRequest } from '../../src-shared/domain/order.ts';
import { fail } from '../../src-shared/errors/result.ts';
import type { Alert } from '../../src-main/alerts/port.ts';
import { startConsole } from '../../src-main/console.ts';
import { policyPath } from '../../src-main/settings/home.ts';
import { createHeadlessShell } from '../../src-main/shell/headless.ts';
import type { ConsoleApi, ConsoleOptions } from '../../src-main/shell/port.ts';

export const CALLER: Caller = { from: 'socket', user: 'test' };

export interface TestConsole {
  readonly api: ConsoleApi;
  readonly home: string;
  readonly alerts: readonly Alert[];
  view(): ConsoleView;
  quotes(): MarketFrame['quotes'];
  /** Looks at every change of the picture until `holds` gives something; rejects in the claim's words when the time is over. */
  until<T>(claim: string, holds: () => T | undefined | false, withinMs?: number): Promise<T>;
  /** The client order id of an order that was let through; throws what the gate said otherwise. */
  place(request: OrderRequest): Promise<string>;
  /** Ends the console; its home stays until `remove`. */
  close(): Promise<void>;
  remove(): void;
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Starts a console in practice mode that is ready to trade. `policy` is what the home's policy file says; the rest is by default. */
export const startTestConsole = async (options: Partial<ConsoleOptions>, policy: object = {}): Promise<TestConsole> => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-console-'));
  writeFileSync(policyPath(home), JSON.stringify(policy));
  const alerts: Alert[] = [];
  const shell = createHeadlessShell({ register: () => Promise.resolve(fail('A test has no keyboard.')) });
  const api = await startConsole(
    {
      home,
      seed: 7,
      feed: { kind: 'synthetic' },
      account: 'conservative',
      mode: 'practice',
      profile: null,
      customVenue: null,
      watchdog: null,
      log: silent,
      ...options,
      alerts: { raise: (alert) => alerts.push(alert) },
    },
    shell,
  );
  const picture = new Picture(api);
  let closing: Promise<void> | undefined;
  const console: TestConsole = {
    api,
    home,
    alerts,
    view: () => picture.at.view,
    quotes: () => picture.quotes,
    until: (claim, holds, withinMs) => picture.until(claim, holds, withinMs),
    place: async (request) => {
      const placed = await api.handlers.placeOrder(request, CALLER);
      if (!placed.ok) throw new Error(placed.error.text);
      return placed.value.clientOrderId;
    },
    close: () => (closing ??= api.close()),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
  await console.until('the console may trade', () => console.view().safety.trading?.level === 'ACTIVE', 20_000);
  return console;
};

/** One replica of the console, as the window keeps it. */
class Picture {
  at: Snapshot;
  quotes: MarketFrame['quotes'] = {};
  readonly #looks = new Set<() => void>();

  constructor(api: ConsoleApi) {
    this.at = api.subscribe((push) => this.#take(push)).snapshot;
  }

  #take(push: Push): void {
    if (push.kind === 'market') this.quotes = { ...this.quotes, ...push.frame.quotes };
    else {
      for (const delta of push.deltas) {
        const next = applyDelta(this.at, delta);
        if (next === undefined) throw new Error(`a gap between delta ${this.at.n} and ${delta.n}`);
        this.at = next;
      }
    }
    for (const look of this.#looks) look();
  }

  until<T>(claim: string, holds: () => T | undefined | false, withinMs = 10_000): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        this.#looks.delete(look);
        settle();
      };
      const look = (): void => {
        const held = holds();
        if (held !== undefined && held !== false) end(() => resolve(held));
      };
      const timer = setTimeout(() => {
        const { trading } = this.at.view.safety;
        end(() => reject(new Error(`not within ${withinMs} ms: ${claim} (trading: ${JSON.stringify(trading)})`)));
      }, withinMs);
      this.#looks.add(look);
      look();
    });
  }
}
