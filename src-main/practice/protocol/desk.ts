// The fault desk: what a test or a drill may do to the exchange besides trading on it. Rules for faults, the network's and the
// market's mishaps, the account's outside life, and a dump for auditors. Never reachable through the Binance protocol itself.
import { z } from 'zod';
import type { AccountSnapshot, AccountTrade, Exchange, NewOco, NewOto, NewOtoco, QueriedOrder } from '../core/types.ts';
import { REGIMES, type Regime } from '../feeds/feed.ts';
import type { EventGate } from './event-gate.ts';
import { faultRuleSchema, type Faults } from './faults.ts';
import type { KeyRing } from './keys.ts';
import { SIDES, STP_MODES, TIMES_IN_FORCE, ORDER_TYPES } from './params.ts';
import type { UserStreams } from './user-streams.ts';
import type { Wire } from './wire.ts';

const amount = z.string().regex(/^[0-9]{1,20}(\.[0-9]{1,8})?$/, 'a plain decimal with at most 8 places');
const account = z.string().min(1).default('main');
const symbol = z.string().min(1);
const id = z.number().int().nonnegative();
const permissions = z.strictObject({ reading: z.boolean(), trading: z.boolean(), withdrawals: z.boolean() });

const foreignOrder = z.strictObject({
  symbol,
  side: z.enum(SIDES),
  type: z.enum(ORDER_TYPES),
  timeInForce: z.enum(TIMES_IN_FORCE).exactOptional(),
  quantity: amount.exactOptional(),
  quoteOrderQty: amount.exactOptional(),
  price: amount.exactOptional(),
  stopPrice: amount.exactOptional(),
  trailingDelta: z.number().int().positive().exactOptional(),
  newClientOrderId: z.string().exactOptional(),
  selfTradePreventionMode: z.enum(STP_MODES).exactOptional(),
});

/** A leg of a list, as core/types.ts has it. */
const leg = z.strictObject({
  type: z.enum(ORDER_TYPES),
  clientOrderId: z.string().exactOptional(),
  timeInForce: z.enum(TIMES_IN_FORCE).exactOptional(),
  price: amount.exactOptional(),
  stopPrice: amount.exactOptional(),
  trailingDelta: z.number().int().positive().exactOptional(),
});
const sized = leg.extend({ side: z.enum(SIDES), quantity: amount });
const foreignList = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('OCO'), symbol, side: z.enum(SIDES), quantity: amount, above: leg, below: leg }),
  z.strictObject({ kind: z.literal('OTO'), symbol, working: sized, pending: sized }),
  z.strictObject({
    kind: z.literal('OTOCO'),
    symbol,
    working: sized,
    pendingSide: z.enum(SIDES),
    pendingQuantity: amount,
    pendingAbove: leg,
    pendingBelow: leg,
  }),
]);

export const deskOperationSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('addFault'), rule: faultRuleSchema }),
  z.strictObject({ op: z.literal('listFaults') }),
  z.strictObject({ op: z.literal('clearFaults') }),
  /** Everything well again: no rules, no partition, no silence, no clock skew, the feed running. */
  z.strictObject({ op: z.literal('heal') }),
  z.strictObject({ op: z.literal('clockSkew'), skewMs: z.number().int().min(-86_400_000).max(86_400_000) }),
  z.strictObject({ op: z.literal('partition'), on: z.boolean() }),
  z.strictObject({ op: z.literal('silence'), on: z.boolean() }),
  z.strictObject({ op: z.literal('disconnect'), channel: z.enum(['stream', 'user', 'wsapi', 'all']) }),
  z.strictObject({ op: z.literal('terminateUserStream') }),
  /** Requests and connections are counted from zero again: for tests that start consoles more often than an address may ask. */
  z.strictObject({ op: z.literal('forgetRequests') }),
  z.strictObject({ op: z.literal('pauseFeed'), on: z.boolean() }),
  z.strictObject({ op: z.literal('setRegime'), regime: z.enum(REGIMES) }),
  z.strictObject({ op: z.literal('symbolStatus'), symbol, status: z.enum(['TRADING', 'HALT', 'BREAK', 'CANCEL_ONLY']) }),
  z.strictObject({ op: z.literal('deposit'), account, asset: z.string().min(1), amount }),
  z.strictObject({ op: z.literal('withdraw'), account, asset: z.string().min(1), amount }),
  z.strictObject({ op: z.literal('bnbDiscount'), account, on: z.boolean() }),
  /** An order that somebody else with the account's key placed. */
  z.strictObject({ op: z.literal('placeOrder'), account, order: foreignOrder }),
  z.strictObject({ op: z.literal('placeList'), account, list: foreignList }),
  z.strictObject({ op: z.literal('cancelOrder'), account, symbol, orderId: id }),
  z.strictObject({ op: z.literal('cancelAll'), account, symbol }),
  z.strictObject({ op: z.literal('addAccount'), id: z.string().min(1), balances: z.record(z.string(), amount) }),
  /** `secret`: the HMAC secret, or the PEM of the Ed25519 or RSA public key. */
  z.strictObject({
    op: z.literal('addKey'),
    kind: z.enum(['HMAC', 'ED25519', 'RSA']),
    secret: z.string().min(1),
    apiKey: z.string().optional(),
    account,
    permissions: permissions.optional(),
  }),
  z.strictObject({ op: z.literal('setPermissions'), apiKey: z.string(), permissions }),
  z.strictObject({ op: z.literal('state'), account }),
]);
export type DeskOperation = z.input<typeof deskOperationSchema>;
type Parsed = z.output<typeof deskOperationSchema>;

/** What an auditor needs to recompute an account from the outside. */
export interface AccountState {
  readonly serverTimeMs: number;
  readonly account: AccountSnapshot;
  readonly openOrders: readonly QueriedOrder[];
  readonly orders: readonly QueriedOrder[];
  readonly trades: readonly AccountTrade[];
  /** Exceptions inside the exchange. Anything here is a bug of ours, and a test should say so. */
  readonly internalErrors: readonly string[];
}

export interface DeskContext {
  readonly core: Exchange;
  readonly keys: KeyRing;
  readonly faults: Faults;
  readonly wire: Wire;
  readonly gate: EventGate;
  readonly users: UserStreams;
  readonly internalErrors: readonly string[];
  nowMs(): number;
  setClockSkew(skewMs: number): void;
  pauseFeed(on: boolean): void;
  /** False when the feed has no regimes (a replay). */
  setRegime(regime: Regime): boolean;
  disconnect(channel: 'stream' | 'user' | 'wsapi' | 'all'): void;
  forgetRequests(): void;
}

export type DeskAnswer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string };

const done = (value: unknown = null): DeskAnswer => ({ ok: true, value });
const refused = (reason: string): DeskAnswer => ({ ok: false, reason });

/** Carries out one operation. Bad input (of whatever shape) and what the core refuses come back as a reason. */
export function performDesk(desk: DeskContext, input: unknown): DeskAnswer {
  const parsed = deskOperationSchema.safeParse(input);
  if (!parsed.success) return refused(z.prettifyError(parsed.error));
  const operation = parsed.data;
  if ('account' in operation && !desk.core.hasAccount(operation.account)) return refused(`no account '${operation.account}'`);
  if ('symbol' in operation && !desk.core.hasSymbol(operation.symbol)) {
    return refused(`no symbol '${operation.symbol}'`);
  }
  return perform(desk, operation);
}

function perform(desk: DeskContext, operation: Parsed): DeskAnswer {
  switch (operation.op) {
    case 'addFault':
    case 'listFaults':
    case 'clearFaults':
    case 'heal':
      return performFaults(desk, operation);
    case 'clockSkew':
      return done(desk.setClockSkew(operation.skewMs));
    case 'partition':
      return done(desk.wire.setPartitioned(operation.on));
    case 'silence':
      return done(desk.gate.setSilent(operation.on));
    case 'disconnect':
      return done(desk.disconnect(operation.channel));
    case 'terminateUserStream':
      return done(desk.users.terminate(desk.nowMs()));
    case 'forgetRequests':
      return done(desk.forgetRequests());
    case 'pauseFeed':
      return done(desk.pauseFeed(operation.on));
    case 'setRegime':
      return desk.setRegime(operation.regime) ? done() : refused('this feed has no regimes');
    case 'symbolStatus':
      return done(desk.core.setSymbolStatus(operation.symbol, operation.status));
    default:
      return performAccount(desk, operation);
  }
}

function performFaults(desk: DeskContext, operation: Parsed & { op: 'addFault' | 'listFaults' | 'clearFaults' | 'heal' }): DeskAnswer {
  switch (operation.op) {
    case 'addFault':
      return done(desk.faults.add(operation.rule));
    case 'listFaults':
      return done(desk.faults.list());
    case 'clearFaults':
      return done(desk.faults.clear());
    case 'heal':
      desk.faults.clear();
      desk.gate.setSilent(false);
      desk.setClockSkew(0);
      desk.pauseFeed(false);
      return done(desk.wire.setPartitioned(false));
  }
}

type AccountOperation = Extract<
  Parsed,
  {
    op:
      | 'deposit'
      | 'withdraw'
      | 'bnbDiscount'
      | 'placeOrder'
      | 'placeList'
      | 'cancelOrder'
      | 'cancelAll'
      | 'addAccount'
      | 'addKey'
      | 'setPermissions'
      | 'state';
  }
>;

function performAccount(desk: DeskContext, operation: AccountOperation): DeskAnswer {
  const { core } = desk;
  const nowMs = desk.nowMs();
  switch (operation.op) {
    case 'deposit':
      return done(core.deposit(operation.account, operation.asset, operation.amount, nowMs));
    case 'withdraw':
      return coreAnswer(core.withdraw(operation.account, operation.asset, operation.amount, nowMs));
    case 'bnbDiscount':
      return done(core.setBnbDiscount(operation.account, operation.on));
    case 'placeOrder':
      return coreAnswer(core.placeOrder(operation.account, operation.order, nowMs));
    case 'placeList':
      return coreAnswer(placeList(core, operation.account, operation.list, nowMs));
    case 'cancelOrder':
      return coreAnswer(core.cancelOrder(operation.account, { symbol: operation.symbol, orderId: operation.orderId }, nowMs));
    case 'cancelAll':
      return coreAnswer(core.cancelAllOpen(operation.account, operation.symbol, nowMs));
    case 'addAccount':
      if (core.hasAccount(operation.id)) return refused(`account '${operation.id}' exists`);
      return done(core.addAccount({ id: operation.id, balances: operation.balances }));
    case 'addKey':
      return addKey(desk, operation);
    case 'setPermissions': {
      const key = desk.keys.find(operation.apiKey);
      if (key === undefined) return refused('no such key');
      key.permissions = operation.permissions;
      return done();
    }
    case 'state':
      return done(accountState(desk, operation.account));
  }
}

function placeList(core: Exchange, account: string, { kind, ...list }: z.output<typeof foreignList>, nowMs: number) {
  if (kind === 'OCO') return core.placeOco(account, list as NewOco, nowMs);
  return kind === 'OTO' ? core.placeOto(account, list as NewOto, nowMs) : core.placeOtoco(account, list as NewOtoco, nowMs);
}

const coreAnswer = (result: { ok: true; value: unknown } | { ok: false; error: { code: number; msg: string } }): DeskAnswer =>
  result.ok ? done(result.value) : refused(`${result.error.code} ${result.error.msg}`);

function addKey(desk: DeskContext, operation: Parsed & { op: 'addKey' }): DeskAnswer {
  const { kind, secret, apiKey, account: accountId, permissions: allowed } = operation;
  try {
    return done(desk.keys.add({ kind, secret, apiKey, accountId, permissions: allowed }, desk.nowMs()).apiKey);
  } catch (error) {
    return refused(error instanceof Error ? error.message : 'not a key');
  }
}

function accountState(desk: DeskContext, accountId: string): AccountState {
  const { core, internalErrors } = desk;
  const everything = { limit: Number.MAX_SAFE_INTEGER };
  return {
    serverTimeMs: desk.nowMs(),
    account: core.account(accountId),
    openOrders: core.openOrders(accountId),
    orders: core.symbols().flatMap((each) => core.allOrders(accountId, each, everything)),
    trades: core.symbols().flatMap((each) => core.myTrades(accountId, each, everything)),
    internalErrors,
  };
}
