// A console with no engine: the control socket in front of handlers that a test sets, and a view that it moves.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { runCommandLine } from '../../../src-main/control/command-line.ts';
import { claimHome, startControlServer, type ControlServer } from '../../../src-main/control/server.ts';
import { contract, type Handlers, type Push } from '../../../src-shared/contract/contract.ts';
import {
  applyDelta,
  EMPTY_VIEW,
  type Change,
  type OrderView,
  type PositionView,
  type ProtectionView,
  type Snapshot,
} from '../../../src-shared/contract/view.ts';
import type { DecimalText } from '../../../src-shared/domain/money.ts';

export interface FakeConsole {
  readonly home: string;
  readonly server: ControlServer;
  readonly faults: string[];
  move(...changes: Change[]): void;
  push(push: Push): void;
  /** How many replicas follow. */
  listeners(): number;
}

export const freshHome = (): string => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-home-'));
  onTestFinished(() => fs.rmSync(home, { recursive: true, force: true }));
  return home;
};

export const startFake = async (handlers: Partial<Handlers> = {}, home = freshHome()): Promise<FakeConsole> => {
  const claim = claimHome(home);
  if (!claim.ok) throw new Error(claim.error);
  const listeners = new Set<(push: Push) => void>();
  let snapshot: Snapshot = { n: 0, seq: 0, view: EMPTY_VIEW };
  const faults: string[] = [];
  const missing = (name: string) => () => Promise.reject(new Error(`the test has no handler for ${name}: secret detail`));
  const all = Object.fromEntries(Object.keys(contract).map((name) => [name, missing(name)])) as unknown as Handlers;
  const server = await startControlServer({
    home,
    claim: claim.value,
    handlers: { ...all, ...handlers },
    subscribe: (listener) => {
      listeners.add(listener);
      return { snapshot, close: () => listeners.delete(listener) };
    },
    onFault: (call) => faults.push(call),
  });
  if (!server.ok) throw new Error(server.error);
  onTestFinished(async () => {
    await server.value.close();
    claim.value.release();
  });
  const push = (message: Push) => listeners.forEach((listener) => listener(message));
  const move = (...changes: Change[]) => {
    const delta = { n: snapshot.n + 1, seq: snapshot.seq + 1, changes };
    snapshot = applyDelta(snapshot, delta) ?? snapshot;
    push({ kind: 'deltas', deltas: [delta] });
  };
  return { home, server: server.value, faults, move, push, listeners: () => listeners.size };
};

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process against a home; `interrupt` is its Ctrl+C, `typed` the lines on its standard input. */
export const run = async (
  home: string,
  words: readonly string[],
  interrupted: Promise<void> = new Promise(() => undefined),
  onOut: (text: string) => void = () => undefined,
  typed: readonly string[] = [],
): Promise<Ran> => {
  let out = '';
  let err = '';
  const exit = await runCommandLine(words, {
    stdout: (text) => {
      out += text;
      onOut(text);
    },
    stderr: (text) => (err += text),
    environment: { HOLDFAST_HOME: home },
    lines: async function* () {
      yield* typed;
    },
    interrupted,
  });
  return { exit, out, err };
};

export const order = (fields: Partial<OrderView>): OrderView => ({
  clientOrderId: 'hf-abc123-000000000001',
  venueOrderId: null,
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  qty: '0.001' as DecimalText,
  quoteQty: null,
  price: '60000' as DecimalText,
  stopPrice: null,
  trailingDeltaBps: null,
  list: null,
  pending: false,
  replaces: null,
  retry: null,
  status: 'ACCEPTED',
  filledQty: '0' as DecimalText,
  averagePrice: null,
  feesUsdt: '0' as DecimalText,
  reduceOnly: false,
  origin: 'cli',
  cancelRequested: false,
  reason: '',
  createdAtMs: 1,
  updatedAtMs: 1,
  unknownSinceMs: null,
  doubt: null,
  fills: [],
  ...fields,
});

export const position = (protection: Partial<ProtectionView> | null): PositionView => ({
  symbol: 'BTCUSDT',
  side: 'LONG',
  qty: '0.5' as DecimalText,
  sellableQty: '0.5' as DecimalText,
  entryPrice: '60000' as DecimalText,
  breakEvenPrice: '60060' as DecimalText,
  mark: null,
  valueUsdt: null,
  unrealisedUsdt: null,
  realisedUsdt: '0' as DecimalText,
  feesUsdt: '1' as DecimalText,
  dust: protection === null,
  protection: protection && {
    status: 'working',
    stopPrice: null,
    takeProfit: null,
    trailingDeltaBps: null,
    coversQty: '0.5' as DecimalText,
    by: 'exchange',
    planOrigin: 'cli',
    text: '',
    missingSinceMs: null,
    lastGapMs: null,
    ...protection,
  },
  openedAtMs: 0,
});
