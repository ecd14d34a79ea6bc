// A scripted stand-in for the preload's `window.holdfast`, for looking at screens without an engine. Test-only: it runs inside the
// page as a plain script (types are stripped), so it imports nothing; its arithmetic is floats and proves nothing about money.
import type {
  CallError,
  CallResult,
  ExposedApi,
  OrderPreview,
  OrderRequestInput,
  Preferences,
  Push,
} from '../../../src-shared/contract/contract.ts';
import type {
  CandleView,
  Change,
  ConsoleView,
  LimitView,
  OrderView,
  PositionView,
  ProtectionView,
  StopView,
} from '../../../src-shared/contract/view.ts';
import type { MetricsView } from '../../../src-shared/contract/metrics.ts';
import type { PolicySheet } from '../../../src-shared/contract/policy.ts';
import type { BuyNow } from '../../../src-shared/contract/buy-now.ts';
import type { FakeSafety } from './fake-safety.ts';
import type { StopReceipt } from '../../../src-shared/domain/stop.ts';
import type { Denial } from '../../../src-shared/errors/denial.ts';

/** Answered outside the page, where the shared rules can be had (fake-policy.ts). */
const policyCall = (name: string, input: unknown): Promise<never> => Reflect.get(window, 'policyCall')(name, input) as Promise<never>;
/** Runs in the page before this script. */
const fakeSafety = Reflect.get(window, 'fakeSafety') as FakeSafety;

interface Harness {
  /** Loses one delta: the next one is a gap. */
  readonly gap: () => void;
  /** Makes every later `subscribe` fail, or work again. */
  readonly cut: (cut: boolean) => void;
  readonly change: (changes: readonly Change[]) => void;
  readonly calls: { readonly name: string; readonly input: unknown }[];
  /** Stops frames and deltas by themselves, for still pictures. */
  readonly freeze: () => void;
  readonly frames: () => number;
}
interface Options {
  readonly preferences: Preferences;
  readonly busy: boolean;
  readonly startMs: number;
  readonly stopStepMs: number;
  readonly manyOrders: number;
  readonly mode: 'practice' | 'testnet' | 'mainnet';
  readonly confirmOrders: boolean;
}

{
  type Writable<T> = { -readonly [K in keyof T]: T[K] };
  const page = window as unknown as { holdfast: ExposedApi; harness: Harness; harnessOptions?: Partial<Options> };
  const options: Options = {
    preferences: { theme: 'dark', palette: 'standard' },
    busy: true,
    startMs: Date.now(),
    stopStepMs: 120,
    manyOrders: 0,
    mode: 'practice',
    confirmOrders: false,
    ...page.harnessOptions,
  };
  let seed = 7;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  const text = (value: number, digits: number) => value.toFixed(digits) as never;
  const answer = <T>(value: T): Promise<CallResult<T>> => Promise.resolve({ ok: true, value });
  const refuse = (error: CallError): Promise<{ readonly ok: false; readonly error: CallError }> => Promise.resolve({ ok: false, error });

  const listeners = new Set<(push: Push) => void>();
  const calls: { name: string; input: unknown }[] = [];
  let preferences = options.preferences;
  let n = 40;
  let seq = 1204;
  let cut = false;
  let frozen = false;
  let skipNext = false;
  let frames = 0;
  let orderNumber = 0;
  let tripId = 2;
  let price = 61_837.63;
  let candles: CandleView[] = [];

  const minute = 60_000;
  const nowMs = () => Date.now();
  const buildCandles = (symbol: string, interval: string): CandleView[] => {
    seed = 11;
    const count = 320;
    let at = price * 0.992;
    const newest = Math.floor(options.startMs / minute) * minute;
    const list: CandleView[] = [];
    for (let index = count; index >= 0; index -= 1) {
      const open = at;
      const drift = (price - at) / (index + 1);
      const close = index === 0 ? price : open + drift + (random() - 0.5) * 46;
      const high = Math.max(open, close) + random() * 18;
      const low = Math.min(open, close) - random() * 18;
      list.push({
        symbol,
        interval,
        openTimeMs: newest - index * minute,
        open: text(open, 2),
        high: text(high, 2),
        low: text(low, 2),
        close: text(close, 2),
        volume: text(random() * 9, 5),
      });
      at = close;
    }
    return list;
  };

  const fill = (tradeId: string, at: number, qty: string, fee: string, atMs: number, maker = false) => ({
    tradeId,
    price: text(at, 2),
    qty: qty as never,
    fee: fee as never,
    feeAsset: 'USDT',
    maker,
    atMs,
  });
  const order = (part: Partial<Writable<OrderView>>): OrderView => {
    orderNumber += 1;
    return {
      clientOrderId: `hf-k3x9qa-${String(1100 + orderNumber).padStart(12, '0')}`,
      venueOrderId: String(88_100 + orderNumber),
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      qty: '0.01000' as never,
      quoteQty: null,
      price: text(price, 2),
      stopPrice: null,
      trailingDeltaBps: null,
      list: null,
      pending: false,
      replaces: null,
      retry: null,
      status: 'ACCEPTED',
      filledQty: '0' as never,
      averagePrice: null,
      feesUsdt: '0' as never,
      reduceOnly: false,
      origin: 'window',
      cancelRequested: false,
      reason: '',
      createdAtMs: options.startMs - 14 * minute,
      updatedAtMs: options.startMs - 14 * minute,
      unknownSinceMs: null,
      doubt: null,
      fills: [],
      ...part,
    };
  };
  const NAKED: ProtectionView = {
    status: 'none',
    stopPrice: null,
    takeProfit: null,
    trailingDeltaBps: null,
    coversQty: '0' as never,
    by: null,
    planOrigin: null,
    text: 'Nobody asked for a protection.',
    missingSinceMs: null,
    lastGapMs: null,
  };
  const position = (part: Partial<PositionView>): PositionView => ({
    symbol: 'BTCUSDT',
    side: 'LONG',
    qty: '0.01600' as never,
    sellableQty: '0.01600' as never,
    entryPrice: '61062.50' as never,
    breakEvenPrice: '61184.63' as never,
    mark: text(price, 2),
    valueUsdt: '989.40' as never,
    unrealisedUsdt: '12.40' as never,
    realisedUsdt: '0' as never,
    feesUsdt: '0.98' as never,
    dust: false,
    protection: NAKED,
    openedAtMs: options.startMs - 47 * minute,
    ...part,
  });
  const limit = (
    id: LimitView['id'],
    title: string,
    unit: LimitView['unit'],
    before: string | null,
    of: string | null,
    usedRatio: number | null,
    formula: string,
    extra = '',
  ): LimitView => ({
    id,
    title,
    unit,
    before,
    after: null,
    limit: of,
    distance:
      before === null || of === null || unit === 'list' || unit === 'price'
        ? null
        : text(Number(of) - Number(before), unit === 'USDT' ? 2 : unit === 'percent' ? 2 : 0),
    usedRatio,
    verdict: usedRatio !== null && usedRatio >= 1 ? 'deny' : 'pass',
    formula,
    scope: 'openings',
    untilMs: null,
    text: extra,
  });
  const startLimits = (): readonly LimitView[] => [
    limit('C1.maxOrderNotional', 'Order value', 'USDT', '0', '1000', 0, 'price × quantity of the order'),
    limit('C1.minOpeningNotional', 'Smallest opening', 'USDT', null, '100', null, 'price × quantity of an opening order'),
    limit('C2.priceDeviation', 'Price against mark', 'percent', '0', '2', 0, '|price − mark| ÷ mark × 100'),
    limit('C3.balance', 'Balance in use', 'USDT', '987.60', '10012.40', 0.0986, 'cost + fees + locked, of total'),
    limit('C4.dailyLoss', 'Day loss', 'USDT', '0', '500', 0, 'max(0, −(realised + unrealised − fees)) since 00:00 UTC', 'resets 00:00 UTC'),
    limit('C4.dailyLossPct', 'Day loss, of equity', 'percent', '0', '5', 0, 'day loss ÷ equity at 00:00 UTC', 'resets 00:00 UTC'),
    limit('C5.dailyTrades', 'Trades today', 'count', '86', '100', 0.86, 'orders that filled since 00:00 UTC', 'resets 00:00 UTC'),
    limit(
      'C6.positionsPerSymbol',
      'Positions a market',
      'count',
      '1',
      '1',
      1,
      'open or opening positions in this market',
      'no second position in BTCUSDT',
    ),
    limit('C6.positionsTotal', 'Positions', 'count', '3', '5', 0.6, 'open or opening positions'),
    limit('C12.percentPrice', 'Price band', 'price', '61837.63', '12367.526 – 309188.15', 0.1, 'mean price × the venue’s factors'),
    limit('C8.allowList', 'Allowed markets', 'list', 'BTCUSDT', '4 markets', null, 'the market is on the policy’s allow list'),
    limit('C9.requestWeight', 'Request weight', 'count', '182', '5000', 0.0364, 'weight used in this clock minute', 'resets each minute'),
    limit('C9.orderCount', 'Orders per 10 s', 'count', '2', '90', 0.022, 'unfilled orders of this 10 s window', 'resets each 10 s'),
    limit('C10.ordersPerSecond', 'Orders a second', 'count', '0', '5', 0, 'orders sent in the last 1000 ms'),
    limit('C10.symbolInterval', 'Pause a market', 'ms', '2200', '500', null, 'time since the last order in this market'),
    limit('C11.quoteAge', 'Quote age', 'ms', '38', '5000', 0.0076, 'now − newest quote'),
  ];
  const log = (severity: 'info' | 'good' | 'warning' | 'danger', line: string, atMs = nowMs()): Change => {
    seq += 1;
    return ['log', String(seq), { seq, atMs, severity, text: line }];
  };
  const figures: MetricsView = {
    mode: 'practice',
    journal: {
      facts: 1204,
      orders: { decided: 61, denied: 4, held: 1, sent: 60, taken: 58, refused: 2, doubted: 1, adopted: 0, traded: 44, fills: 73 },
      successPct: '96.67' as never,
      latency: {
        count: 58,
        sumMs: 522,
        meanMs: 9,
        p50Ms: 10,
        p95Ms: 20,
        p99Ms: 48,
        mostMs: 48,
        buckets: [
          { toMs: 10, count: 40 },
          { toMs: 20, count: 17 },
          { toMs: null, count: 1 },
        ],
      },
      closes: {
        wins: 12,
        losses: 7,
        netUsdt: '31.4' as never,
        wonUsdt: '62.9' as never,
        lostUsdt: '31.5' as never,
        bestUsdt: '14.2' as never,
        worstUsdt: '-9.1' as never,
        buckets: [
          { toUsdt: '-5' as never, count: 2 },
          { toUsdt: '0' as never, count: 5 },
          { toUsdt: '5' as never, count: 9 },
          { toUsdt: null, count: 3 },
        ],
      },
      realisedUsdt: '31.4' as never,
      feesUsdt: '8.25' as never,
      errors: [
        { kind: 'order refused -2010', count: 2 },
        { kind: 'cancel failed late', count: 1 },
      ],
      denials: [
        { kind: 'C1.maxOrderNotional', count: 3 },
        { kind: 'C2.priceDeviation', count: 1 },
      ],
      events: [{ kind: 'books compared', count: 31 }],
    },
    session: { keychainFailures: [], failedCalls: [{ kind: 'late', count: 1 }] },
    now: { level: 'ACTIVE', openOrders: 6, positions: 2, equityUsdt: '10031.4' as never, usedWeight: 61 },
  };

  const STEADY: StopView = {
    phase: 'ARMED',
    tripId: 2,
    trigger: null,
    reason: '',
    policy: 'keep-positions',
    trippedAtMs: null,
    coolDownUntilMs: null,
    progress: null,
    receipt: null,
  };

  const view: { [K in keyof ConsoleView]: Record<string, unknown> } = {
    status: {
      console: {
        mode: options.mode,
        account: 'conservative',
        version: '0.1.0',
        venue: 'practice exchange (synthetic feed)',
        shell: { name: 'chromium', lacks: ['tray'] },
        startedAtMs: options.startMs - 90 * minute,
        policyName: 'NORMAL',
        policyVersion: 3,
        equityUsdt: '10012.40',
        dayPnlUsdt: '12.40',
        openPositions: options.busy ? 3 : 0,
        maxPositions: 5,
        confirmOrders: options.confirmOrders,
      },
    },
    safety: {
      ...fakeSafety.views(options.startMs),
      trading: { level: 'ACTIVE', causes: [] },
      stop: STEADY,
      hotkey: { status: 'ARMED', accelerator: 'Ctrl+Shift+F12', text: 'Held by X11.', provenAtMs: options.startMs - 80 * minute },
      selfTest: {
        atMs: options.startMs - 88 * minute,
        items: [
          { id: 'reachability', title: 'Venue answers', verdict: 'pass', text: 'ping in 2 ms' },
          { id: 'account', title: 'Account', verdict: 'pass', text: 'may trade; withdrawals off' },
          { id: 'streams', title: 'Streams', verdict: 'pass', text: 'market and user stream live' },
          { id: 'clock', title: 'Clock', verdict: 'pass', text: '3 ms from the server' },
          { id: 'journal', title: 'Journal', verdict: 'pass', text: '1 204 facts, chain holds' },
          { id: 'keychain', title: 'Keychain', verdict: 'not-needed', text: 'practice uses no keys' },
        ],
      },
      alerting: {
        outlets: [
          {
            outlet: 'desktop',
            level: 'all',
            status: 'lacking',
            text: 'This shell has no desktop notifications.',
            deliveredAtMs: null,
            waiting: 0,
            lost: 0,
          },
          {
            outlet: 'sound',
            level: 'warning',
            status: 'ready',
            text: 'Played by the window while one is open.',
            deliveredAtMs: null,
            waiting: 0,
            lost: 0,
          },
          {
            outlet: 'webhook',
            level: 'warning',
            status: 'failing',
            text: 'hooks.example.org: nobody listens there.',
            deliveredAtMs: options.startMs - 30 * minute,
            waiting: 2,
            lost: 1,
          },
          {
            outlet: 'mail',
            level: 'danger',
            status: 'unset',
            text: 'Not set in the policy: alerts.mailHost.',
            deliveredAtMs: null,
            waiting: 0,
            lost: 0,
          },
        ],
      },
      reconciliation: {
        atMs: options.startMs - 12 * minute,
        failures: 0,
        text: 'as planned',
        nextAtMs: options.startMs + 3 * minute,
        history: [
          {
            atMs: options.startMs - 12 * minute,
            why: 'the account stream was away',
            tookMs: 84,
            total: 1,
            differences: [{ what: 'fill', key: 'BTCUSDT 77120', local: 'missed', venue: '0.00400 at 61055.10', action: 'recovered' }],
          },
          {
            atMs: options.startMs - 190 * minute,
            why: 'start',
            tookMs: 131,
            total: 2,
            differences: [
              { what: 'order', key: 'web_81', local: 'unknown', venue: 'BUY 0.01 BTCUSDT at 60100, NEW', action: 'adopted as foreign' },
              { what: 'balance', key: 'USDT', local: '9500.00', venue: '10000.00', action: 'booked as a deposit' },
            ],
          },
        ],
        differences: [
          {
            what: 'fill',
            key: 'BTCUSDT 77120',
            local: 'missing',
            venue: '0.00400 at 61 055.10',
            action: 'applied from the venue’s trade list',
          },
        ],
      },
    },
    orders: {},
    positions: {},
    balances: {
      USDT: { asset: 'USDT', free: '8412.61', locked: '605.10', total: '9017.71', valueUsdt: '9017.71' },
    },
    limits: Object.fromEntries(startLimits().map((each) => [each.id, each])),
    health: {
      'market stream': { name: 'market stream', verdict: 'good', text: 'newest message 38 ms ago' },
      'user stream': { name: 'user stream', verdict: 'good', text: 'live round trip 4 ms' },
      clock: { name: 'clock', verdict: 'good', text: '3 ms from the server' },
      'request weight': { name: 'request weight', verdict: 'good', text: '182 of 6 000' },
      'orders per 10 s': { name: 'orders per 10 s', verdict: 'good', text: '2 of 100' },
      journal: { name: 'journal', verdict: 'good', text: 'newest commit 0.2 ms' },
    },
    instruments: {
      BTCUSDT: { symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', tick: '0.01', stepQty: '0.00001', minQty: '0.00001', minNotionalUsdt: '5' },
      ETHUSDT: { symbol: 'ETHUSDT', base: 'ETH', quote: 'USDT', tick: '0.01', stepQty: '0.0001', minQty: '0.0001', minNotionalUsdt: '5' },
      SOLUSDT: { symbol: 'SOLUSDT', base: 'SOL', quote: 'USDT', tick: '0.01', stepQty: '0.001', minQty: '0.001', minNotionalUsdt: '5' },
      BNBUSDT: { symbol: 'BNBUSDT', base: 'BNB', quote: 'USDT', tick: '0.01', stepQty: '0.001', minQty: '0.001', minNotionalUsdt: '5' },
    },
    log: {},
    alerts: {},
  };
  const put = (changes: readonly Change[]) => {
    for (const [section, key, value] of changes)
      if (value === null) delete view[section][key];
      else view[section][key] = value;
  };
  const send = (push: Push) => listeners.forEach((listener) => listener(push));
  const change = (changes: readonly Change[]) => {
    put(changes);
    n += 1;
    if (!skipNext) send({ kind: 'deltas', deltas: [{ n, seq, changes }] });
    skipNext = false;
  };

  if (options.busy) {
    const bought = order({
      status: 'FILLED',
      qty: '0.01600' as never,
      filledQty: '0.01600' as never,
      averagePrice: '61062.50' as never,
      createdAtMs: options.startMs - 47 * minute,
    });
    const filled = {
      ...bought,
      fills: [
        fill('77120', 61_055.1, '0.00400', '0.24422', options.startMs - 47 * minute),
        fill('77121', 61_064.97, '0.01200', '0.73278', options.startMs - 46 * minute, true),
      ],
    };
    const orders = [
      filled,
      order({ price: '61500.00' as never, qty: '0.00800' as never }),
      order({
        side: 'SELL',
        price: '62300.00' as never,
        qty: '0.01600' as never,
        reduceOnly: true,
        status: 'PARTIALLY_FILLED',
        filledQty: '0.00400' as never,
        timeInForce: 'POST_ONLY',
      }),
      order({
        symbol: 'ETHUSDT',
        price: '2410.55' as never,
        qty: '0.0800' as never,
        status: 'UNKNOWN',
        unknownSinceMs: options.startMs - 6_000,
        doubt: { sinceMs: options.startMs - 6_000, provableAtMs: options.startMs + 9_000, asks: 6, text: 'The exchange was asked 6 times' },
        venueOrderId: null,
      }),
      order({
        side: 'SELL',
        type: 'STOP_LOSS',
        timeInForce: null,
        price: null,
        stopPrice: '60600.00' as never,
        qty: '0.01600' as never,
        origin: 'protection',
        reduceOnly: true,
        list: { listId: 'hf-k3x9qa-000000001090', kind: 'OCO', role: 'stop' },
      }),
      order({
        side: 'SELL',
        timeInForce: 'POST_ONLY',
        price: '63000.00' as never,
        qty: '0.01600' as never,
        origin: 'protection',
        reduceOnly: true,
        list: { listId: 'hf-k3x9qa-000000001090', kind: 'OCO', role: 'limit' },
      }),
      order({ origin: 'foreign', clientOrderId: 'web_81', price: '60100.00' as never }),
      ...Array.from({ length: options.manyOrders }, (_, index) => order({ price: text(60_000 + index, 2) })),
    ];
    put(orders.map((each): Change => ['orders', each.clientOrderId, each]));
    put([
      [
        'positions',
        'BTCUSDT',
        position({
          protection: {
            ...NAKED,
            status: 'working',
            stopPrice: '60600.00' as never,
            takeProfit: '63000.00' as never,
            coversQty: '0.01600' as never,
            by: 'exchange',
            planOrigin: 'window',
            text: 'Stop 60600.00 and target 63000.00 stand at the exchange.',
            lastGapMs: 41,
          },
        }),
      ],
      [
        'positions',
        'ETHUSDT',
        position({
          symbol: 'ETHUSDT',
          qty: '0.2400' as never,
          sellableQty: '0.2400' as never,
          entryPrice: '2431.18' as never,
          mark: '2418.90' as never,
          unrealisedUsdt: '-2.95' as never,
          realisedUsdt: '4.11' as never,
          openedAtMs: options.startMs - 190 * minute,
          protection: {
            ...NAKED,
            status: 'missing',
            planOrigin: 'window',
            stopPrice: '2380.00' as never,
            missingSinceMs: options.startMs - 9_000,
            text: 'The exchange refused the stop: it is asked again.',
          },
        }),
      ],
      [
        'positions',
        'SOLUSDT',
        position({
          symbol: 'SOLUSDT',
          qty: '0.004' as never,
          sellableQty: '0' as never,
          entryPrice: '142.07' as never,
          mark: '142.60' as never,
          unrealisedUsdt: '0.00' as never,
          realisedUsdt: '-1.20' as never,
          dust: true,
          protection: null,
          openedAtMs: options.startMs - 1500 * minute,
        }),
      ],
      ['balances', 'BTC', { asset: 'BTC', free: '0.00400000', locked: '0.01200000', total: '0.016', valueUsdt: '989.40' }],
      ['balances', 'ETH', { asset: 'ETH', free: '0.24000000', locked: '0', total: '0.24', valueUsdt: '580.53' }],
      ['balances', 'BNB', { asset: 'BNB', free: '0.05120334', locked: '0', total: '0.05120334', valueUsdt: '31.10' }],
      log('info', 'Console started in practice mode, policy NORMAL version 3.', options.startMs - 90 * minute),
      log('good', 'Self-test passed: 5 of 5 needed checks.', options.startMs - 88 * minute),
      log('good', 'Hotkey Ctrl+Shift+F12 proven by a real press.', options.startMs - 80 * minute),
      log('info', 'Buy 0.01600 BTCUSDT at market intended, sent and filled at 61 062.50.', options.startMs - 47 * minute),
      log('danger', 'Denied: buy 0.0250 BTC is worth 1 545.94 USDT; the policy allows 1 000.00 an order.', options.startMs - 31 * minute),
      log('warning', 'Reconciliation found one missing fill and applied it.', options.startMs - 12 * minute),
      log(
        'warning',
        'ETHUSDT order: the answer was lost; it counts in full until the venue proves what became of it.',
        options.startMs - 6_000,
      ),
    ]);
  } else delete view.limits['C6.positionsPerSymbol'];

  const worth = (request: OrderRequestInput) => Number(request.quoteQty ?? Number(request.qty) * Number(request.price ?? price));
  const judge = (request: OrderRequestInput): OrderPreview => {
    const notional = worth(request);
    const opening = request.side === 'BUY';
    const trading = view.safety['trading'] as { level: string };
    let denial: Denial | null = null;
    const limits = startLimits().map((each): LimitView => {
      const after =
        each.id === 'C1.maxOrderNotional' || (each.id === 'C1.minOpeningNotional' && opening)
          ? text(notional, 2)
          : each.id === 'C2.priceDeviation'
            ? text((Math.abs(Number(request.price ?? price) - price) / price) * 100, 2)
            : each.id === 'C3.balance' && opening
              ? text(987.6 + notional, 2)
              : each.id === 'C5.dailyTrades'
                ? '87'
                : each.id === 'C9.orderCount'
                  ? '3'
                  : each.id === 'C10.ordersPerSecond'
                    ? '1'
                    : each.before;
      const denies =
        each.id === 'C6.positionsPerSymbol'
          ? false
          : each.id === 'C1.minOpeningNotional'
            ? opening && Number(after) < Number(each.limit)
            : each.unit !== 'list' && each.unit !== 'price' && each.usedRatio !== null && Number(after) > Number(each.limit);
      if (denies && denial === null)
        denial = {
          code: each.id,
          text: `${request.side === 'BUY' ? 'Buy' : 'Sell'} ${request.qty ?? request.quoteQty} makes ${each.title.toLowerCase()} ${after}; the policy allows ${each.limit}.`,
          advice: each.id === 'C1.maxOrderNotional' ? `The largest size now is ${(1000 / price).toFixed(5)} BTC.` : 'Change size or price.',
          value: after as string,
          limit: each.limit as string,
          formula: each.formula,
        };
      return {
        ...each,
        before: each.id.startsWith('C1.') || each.id === 'C2.priceDeviation' ? null : each.before,
        after,
        verdict: denies ? 'deny' : 'pass',
      };
    });
    if (trading.level === 'HALTED')
      denial = { code: 'STATE', text: 'Trading is HALTED: the emergency stop is tripped.', advice: 'Reset the stop first.' };
    return {
      verdict: denial === null ? 'pass' : 'deny',
      denial,
      limits,
      notionalUsdt: text(notional, 2),
      feeUsdt: text(notional * 0.001, 4),
      qty: text(Number(request.qty ?? notional / price), 5),
    };
  };

  const buyNow = (symbol: string): BuyNow => {
    const { level, causes } = view.safety['trading'] as ConsoleView['safety']['trading'] & object;
    const taken = symbol in view.positions;
    const forbids = taken ? [{ id: 'C6.positionsPerSymbol' as const, title: 'Positions a market' }] : [];
    const denial: Denial | null =
      level !== 'ACTIVE'
        ? {
            code: 'STATE',
            text: `${level === 'HALTED' ? 'Trading is halted.' : 'Only orders that shrink a position are allowed now.'} ${causes[0]?.text ?? ''}`,
            advice: level === 'HALTED' ? 'Cancels still go.' : 'Wait until the cause ends; sells and cancels still go.',
          }
        : taken
          ? { code: 'C6.positionsPerSymbol', text: `${symbol} has its one position.`, advice: 'Close it first.' }
          : null;
    const cappedBy = { id: 'C1.maxOrderNotional' as const, title: 'Order value' };
    return {
      symbol,
      verdict: denial === null ? 'pass' : 'deny',
      largest: { qty: '0.01585' as never, valueUsdt: '980.14' as never, cappedBy },
      denial,
      forbids,
      noSales: level === 'HALTED' ? denial : null,
      text:
        denial === null
          ? 'A market buy of up to 0.01585, worth 980.14 USDT, would be sent at once; Order value (C1.maxOrderNotional) allows no more.'
          : `A buy would be refused and never leave this machine. ${denial.text} ${denial.advice} Were it not for that, Order value (C1.maxOrderNotional) would leave room for 980.14 USDT.`,
    };
  };
  const openOrders = () =>
    Object.values(view.orders as Record<string, OrderView>).filter(({ status }) =>
      ['ACCEPTED', 'PARTIALLY_FILLED', 'UNKNOWN', 'SENT', 'INTENDED'].includes(status),
    );
  const place = (request: OrderRequestInput) => {
    const preview = judge(request);
    if (preview.denial !== null) {
      change([log('danger', `Denied: ${preview.denial.text}`)]);
      return refuse({ code: 'DENIED', text: preview.denial.text, denial: preview.denial });
    }
    const market = request.type === 'MARKET';
    const made = order({
      symbol: request.symbol,
      side: request.side,
      type: request.type,
      timeInForce: market ? null : (request.timeInForce ?? 'GTC'),
      qty: preview.qty as never,
      price: market ? null : (request.price as never),
      reduceOnly: request.reduceOnly ?? false,
      createdAtMs: nowMs(),
      updatedAtMs: nowMs(),
      ...(market
        ? {
            status: 'FILLED',
            filledQty: preview.qty as never,
            fills: [fill(String(78_000 + orderNumber), price, preview.qty as string, '0.9', nowMs())],
          }
        : {}),
    });
    const was = view.positions[request.symbol] as PositionView | undefined;
    const held = Number(was?.qty ?? 0) + (request.side === 'BUY' ? 1 : -1) * Number(preview.qty);
    change([
      ['orders', made.clientOrderId, made],
      ...(market
        ? [
            [
              'positions',
              request.symbol,
              held <= 0 ? null : position({ symbol: request.symbol, qty: text(held, 5), sellableQty: text(held, 5) }),
            ] as Change,
          ]
        : []),
      log(
        'info',
        `${request.side === 'BUY' ? 'Buy' : 'Sell'} ${preview.qty} ${request.symbol} ${market ? 'filled at market' : `resting at ${request.price}`}.`,
      ),
    ]);
    return answer({ clientOrderId: made.clientOrderId });
  };

  const trip = (input: { readonly reason?: string | undefined; readonly positions?: 'keep-positions' | 'flatten' | undefined }) => {
    tripId += 1;
    const open = openOrders();
    const total = open.length;
    const at = nowMs();
    const policy = input.positions ?? 'keep-positions';
    const base: StopView = {
      phase: 'TRIPPED',
      tripId,
      trigger: 'button',
      reason: input.reason ?? '',
      policy,
      trippedAtMs: at,
      coolDownUntilMs: null,
      progress: null,
      receipt: null,
    };
    const progress = (cancelsSent: number, cancelsAcknowledged: number, verifiedEmpty: boolean): Change => [
      'safety',
      'stop',
      {
        ...base,
        progress: {
          cancelsSent,
          cancelsAcknowledged,
          cancelsTotal: total,
          openOrders: total - cancelsAcknowledged,
          verifiedEmpty,
          flat: null,
        },
      },
    ];
    const receipt: StopReceipt = {
      tripId,
      trigger: 'button',
      reason: base.reason,
      policy,
      trippedAtMs: at,
      orders: open.map((each, index) => ({
        clientOrderId: each.clientOrderId,
        symbol: each.symbol as never,
        venueOrderId: each.venueOrderId,
        outcome: 'canceled',
        ackMs: 51 + index * 3,
      })),
      positions: Object.values(view.positions as Record<string, PositionView>).map((each) => ({
        symbol: each.symbol as never,
        qtyBefore: each.qty,
        qtyAfter: each.qty,
        outcome: each.dust ? 'dust' : 'kept',
      })),
      buckets: { orders: 'empty', algo: 'not-on-spot' },
      cancelsOnWireMs: 2,
      allAcknowledgedMs: 62,
      verifiedEmptyMs: 118,
      flatMs: null,
      complete: true,
    };
    const steps: readonly (() => readonly Change[])[] = [
      () => [
        progress(0, 0, false),
        [
          'safety',
          'trading',
          {
            level: 'HALTED',
            causes: [
              {
                code: 'EMERGENCY_STOP',
                level: 'HALTED',
                text: `Emergency stop #${tripId} is tripped by the button.`,
                ends: 'A person resets it: the reason, and the number of the trip read back. Then a cool-down runs.',
                untilMs: null,
              },
            ],
          },
        ],
        log('danger', `Emergency stop #${tripId} tripped by the button.`),
      ],
      () => [progress(total, 0, false)],
      () => [
        progress(total, Math.ceil(total / 2), false),
        ...open.slice(0, Math.ceil(total / 2)).map((each): Change => ['orders', each.clientOrderId, { ...each, status: 'CANCELED' }]),
      ],
      () => [progress(total, total, false), ...open.map((each): Change => ['orders', each.clientOrderId, { ...each, status: 'CANCELED' }])],
      () => [progress(total, total, true)],
      () => [
        ['safety', 'stop', { ...(progress(total, total, true)[2] as StopView), receipt }],
        log('good', `Emergency stop #${tripId} complete: ${total} orders cancelled, venue verified empty.`),
      ],
    ];
    steps.forEach((step, index) => (index === 0 ? change(step()) : setTimeout(() => change(step()), index * options.stopStepMs)));
    return answer({ tripId });
  };

  /** What came of it is in the view before it is answered. */
  const policyChanged = async (answered: Promise<never>): Promise<never> => {
    const came = await answered;
    const { value } = await policyCall('policyShow', {});
    const { name, version, waiting } = value as PolicySheet;
    change([['safety', 'policy', { name, version, problem: '', pending: waiting }]]);
    return came;
  };
  const api: ExposedApi = {
    policyShow: (input) => policyCall('policyShow', input),
    policyDiff: (input) => policyCall('policyDiff', input),
    policyPropose: (input) => policyChanged(policyCall('policyPropose', input)),
    policyWithdraw: (input) => policyChanged(policyCall('policyWithdraw', input)),
    onPush: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    subscribe: () =>
      cut
        ? refuse({ code: 'UNAVAILABLE', text: 'The console does not answer.' })
        : answer({ n, seq, view: structuredClone(view) as ConsoleView }),
    previewOrder: (request) => new Promise((resolve) => setTimeout(() => resolve({ ok: true, value: judge(request) }), 3)),
    placeOrder: (request) => place(request),
    previewOco: ({ stopPrice: _trigger, ...request }) => answer(judge({ ...request, type: 'LIMIT' })),
    placeOco: ({ symbol, side, qty, price: limitPrice, stopPrice }) => {
      const listId = `hf-k3x9qa-${String(1100 + orderNumber).padStart(12, '0')}`;
      const leg = { symbol, side, qty: qty as never, createdAtMs: nowMs(), updatedAtMs: nowMs() };
      const stop = order({
        ...leg,
        type: 'STOP_LOSS',
        timeInForce: null,
        price: null,
        stopPrice: stopPrice as never,
        list: { listId, kind: 'OCO', role: 'stop' },
      });
      const limitLeg = order({
        ...leg,
        timeInForce: 'POST_ONLY',
        price: limitPrice as never,
        list: { listId, kind: 'OCO', role: 'limit' },
      });
      change([
        ['orders', stop.clientOrderId, stop],
        ['orders', limitLeg.clientOrderId, limitLeg],
      ]);
      return answer({ clientOrderId: stop.clientOrderId, orders: [stop.clientOrderId, limitLeg.clientOrderId] });
    },
    replaceOrder: ({ clientOrderId, ...to }) => {
      const found = view.orders[clientOrderId] as OrderView | undefined;
      if (found === undefined) return refuse({ code: 'NOT_FOUND', text: `There is no order ${clientOrderId}.` });
      const made = order({ ...found, ...(to as object), clientOrderId: `${clientOrderId}9`, replaces: clientOrderId });
      change([
        ['orders', clientOrderId, { ...found, status: 'CANCELED' }],
        ['orders', made.clientOrderId, made],
      ]);
      return answer({ clientOrderId: made.clientOrderId });
    },
    protectPosition: ({ symbol, plan }) => {
      const held = view.positions[symbol] as PositionView | undefined;
      if (held === undefined) return refuse({ code: 'NOT_FOUND', text: `There is no position in ${symbol}.` });
      const protection: ProtectionView =
        plan === null
          ? NAKED
          : {
              ...NAKED,
              status: 'working',
              stopPrice: (plan.stopLoss ?? null) as never,
              takeProfit: (plan.takeProfit ?? null) as never,
              trailingDeltaBps: plan.trailingDeltaBps ?? null,
              coversQty: held.qty,
              by: 'exchange',
              planOrigin: 'window',
              text: '',
            };
      change([['positions', symbol, { ...held, protection }]]);
      return answer({ symbol, seq });
    },
    sizeByRisk: ({ stopPrice, price: at }) =>
      answer({
        qty: text(200 / (Number(at ?? price) - Number(stopPrice)), 5),
        riskUsdt: '200.00' as never,
        stopDistance: text(Number(at ?? price) - Number(stopPrice), 2),
        multiplier: '1' as never,
        cappedBy: null,
        text: 'Risks 200.00 USDT, 2 % of equity, when the stop is hit.',
      }),
    cancelOrder: ({ clientOrderId }) => {
      const found = view.orders[clientOrderId] as OrderView | undefined;
      if (found === undefined) return refuse({ code: 'NOT_FOUND', text: `There is no order ${clientOrderId}.` });
      change([['orders', clientOrderId, { ...found, status: 'CANCELED' }], log('info', `Order ${clientOrderId} cancelled.`)]);
      return answer({ clientOrderId });
    },
    cancelAll: () => {
      const open = openOrders();
      change([
        ...open.map((each): Change => ['orders', each.clientOrderId, { ...each, status: 'CANCELED' }]),
        log('info', `${open.length} orders cancelled.`),
      ]);
      return answer({ requested: open.length });
    },
    buyNow: ({ symbol }) => answer(buyNow(symbol)),
    tripStop: (input) => trip(input),
    awaitReceipt: () => refuse({ code: 'UNAVAILABLE', text: 'not in the harness' }),
    resetStop: ({ readBackTripId }) => {
      if (readBackTripId !== tripId)
        return refuse({ code: 'REFUSED', text: `You read back ${readBackTripId}; the trip is another. Nothing was reset.` });
      const coolDownUntilMs = nowMs() + 15 * minute;
      change([
        ['safety', 'stop', { ...(view.safety['stop'] as StopView), phase: 'COOLING_DOWN', coolDownUntilMs }],
        [
          'safety',
          'trading',
          {
            level: 'REDUCING',
            causes: [
              {
                code: 'COOLING_DOWN',
                level: 'REDUCING',
                text: 'Cool-down after an emergency stop: only orders that shrink a position.',
                ends: 'By itself, when its time is over.',
                untilMs: coolDownUntilMs,
              },
            ],
          },
        ],
        log('warning', `Emergency stop #${tripId} reset; cool-down of 15 min.`),
      ]);
      return answer({ coolDownUntilMs });
    },
    ...fakeSafety.calls(view, change),
    proveHotkey: () => {
      change([['safety', 'hotkey', { status: 'PROVING', accelerator: 'Ctrl+Shift+F12', text: '', provenAtMs: null }]]);
      setTimeout(
        () => change([['safety', 'hotkey', { status: 'ARMED', accelerator: 'Ctrl+Shift+F12', text: 'Held by X11.', provenAtMs: nowMs() }]]),
        600,
      );
      return answer({ waitMs: 10_000 });
    },
    reconcile: () => answer({ differences: [] }),
    selfTest: () => answer({ items: [] }),
    showChart: ({ symbol, interval }) => {
      candles = buildCandles(symbol, interval);
      return answer({ candles });
    },
    journalRows: () => answer({ rows: [], headSeq: seq }),
    journalPage: ({ fromSeq, toSeq, count = 100 }) => {
      const last = fromSeq === undefined ? Math.min(toSeq ?? seq, seq) : Math.min(fromSeq + count - 1, seq);
      const first = fromSeq ?? Math.max(1, last - count + 1);
      const entries = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ({
        seq: first + index,
        atMs: options.startMs - (seq - first - index) * 1000,
        kind: (first + index) % 3 === 0 ? 'order.filled' : 'order.accepted',
        severity: 'info' as const,
        text: `Order ${first + index} ${(first + index) % 3 === 0 ? 'filled' : 'accepted'} in BTCUSDT.`,
        json: `{"seq":${first + index}}`,
        hash: 'ab'.repeat(32),
      }));
      return answer({ entries, headSeq: seq });
    },
    replayAt: ({ seq: at = 0 }) =>
      answer({
        seq: at,
        atMs: options.startMs - (seq - at) * 1000,
        headSeq: seq,
        view: structuredClone({ ...view, positions: at > seq / 2 ? view.positions : {} }) as ConsoleView,
      }),
    verifyJournal: () =>
      answer({ facts: 1204, headHash: '9f86d081884c7d659a2feaa0c55ad015', text: '1 204 facts verified, the chain holds.' }),
    metrics: () => answer({ figures, prometheus: '' }),
    switchMode: ({ mode }) => refuse({ code: 'REFUSED', text: `${mode} needs a key in the keychain. Store one on the Keys page.` }),
    keyStatus: () =>
      answer([
        {
          mode: 'testnet',
          stored: 'keychain',
          kind: 'ed25519',
          hint: 'aB3x…9QzP',
          keychain: { available: true, text: 'The operating system’s keychain (Secret Service) answers: keys are kept there.' },
        },
        { mode: 'mainnet', stored: 'none', kind: null, hint: null, keychain: { available: true, text: '' } },
      ]),
    setKey: ({ mode }) => answer({ mode, stored: 'keychain', kind: 'hmac', hint: 'AbCd…wXyZ', keychain: { available: true, text: '' } }),
    deleteKey: ({ mode }) => answer({ mode, stored: 'none', kind: null, hint: null, keychain: { available: true, text: '' } }),
    testKey: () => answer({ text: 'The key works: it may trade spot and may not withdraw.' }),
    setKillSwitchSecret: () => answer({ text: 'Stored. It cannot be read back here.' }),
    deleteKillSwitchSecret: () => answer({ text: 'The secret is deleted: the kill switch does not listen any more.' }),
    testAlerts: () =>
      answer({
        results: [
          { outlet: 'desktop', verdict: 'not-sent', text: 'This shell has no desktop notifications.' },
          { outlet: 'sound', verdict: 'sent', text: 'Played by the window while one is open.' },
          { outlet: 'webhook', verdict: 'failed', text: 'hooks.example.org: nobody listens there.' },
          { outlet: 'mail', verdict: 'not-sent', text: 'Not set in the policy: alerts.mailHost.' },
        ],
      }),
    setAlertSecret: () => answer({ text: 'Stored in the keychain. It cannot be read back here.' }),
    deleteAlertSecret: () => answer({ text: 'Deleted.' }),
    getPreferences: () => answer(preferences),
    setPreferences: (next) => answer((preferences = next)),
  };
  page.holdfast = Object.fromEntries(
    Object.entries(api).map(([name, entry]) => [
      name,
      (input: never) => {
        calls.push({ name, input });
        return (entry as (input: never) => unknown)(input);
      },
    ]),
  ) as unknown as ExposedApi;
  page.harness = {
    gap: () => {
      skipNext = true;
      change([log('info', 'This delta is lost on the way.')]);
      change([log('info', 'This one shows the gap.')]);
    },
    cut: (next) => {
      cut = next;
    },
    change,
    calls,
    freeze: () => {
      frozen = true;
    },
    frames: () => frames,
  };

  const level = (sign: 1 | -1, index: number) =>
    [text(price + sign * (0.01 + index * 0.73), 2), text(0.02 + (((index * 37 + frames) % 29) / 29) * 1.8, 5)] as const;
  const tick = () => {
    if (frozen) return;
    frames += 1;
    price = Math.max(1000, price + (random() - 0.5) * 1.6);
    const at = nowMs();
    const newest = candles.at(-1);
    const last = text(price, 2);
    if (newest !== undefined)
      candles = [
        ...candles.slice(0, -1),
        { ...newest, close: last, high: text(Math.max(Number(newest.high), price), 2), low: text(Math.min(Number(newest.low), price), 2) },
      ];
    send({
      kind: 'market',
      frame: {
        quotes: {
          BTCUSDT: { bid: text(price - 0.01, 2), ask: text(price + 0.01, 2), last, atMs: at },
          ETHUSDT: { bid: text(2418.9, 2), ask: text(2418.91, 2), last: text(2418.9, 2), atMs: at },
        },
        candle: candles.at(-1) ?? null,
        depth: {
          symbol: 'BTCUSDT',
          bids: Array.from({ length: 10 }, (_, index) => level(-1, index)),
          asks: Array.from({ length: 10 }, (_, index) => level(1, index)),
        },
      },
    });
    if (frames % 20 === 0 && view.positions['BTCUSDT'] !== undefined) {
      const held = view.positions['BTCUSDT'] as PositionView;
      change([['positions', 'BTCUSDT', { ...held, mark: last, unrealisedUsdt: text((price - 61_062.5) * Number(held.qty), 2) }]]);
    }
  };
  tick();
  setInterval(tick, 50);
}
