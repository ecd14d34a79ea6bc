// How many execution reports a second are taken from the socket, against ccxt's watchOrders on the same burst (REQUIREMENTS R), and how
// many each of them never shows. The way under test is handed in: the adapter alone by default, the whole console when wired.
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import ccxt from 'ccxt';
import { startPractice, type PracticeHandle } from '../../src-main/practice/practice.ts';
import { Log, venueFor } from '../protocol/venue-harness.ts';
import type { Burst } from './report-source.ts';

/** A listener that is subscribed. */
export interface ReportTaker {
  /** Settles with the number of reports seen once the one with this client id was taken. */
  until(lastClientOrderId: string): Promise<number>;
  close(): Promise<void>;
}

export interface ReportsResult {
  readonly oursPerSecond: number;
  readonly ccxtPerSecond: number;
  readonly ratio: number;
  readonly oursLost: number;
  readonly ccxtLost: number;
}

const REPORTS = 20_000;
const ROUNDS = 3;
const LAST_ID = `hf-bench0-${String(REPORTS).padStart(12, '0')}`;

const adapterAlone = async (practice: PracticeHandle): Promise<ReportTaker> => {
  const venue = await venueFor(practice);
  const log = new Log();
  let seen = 0;
  let resolve: () => void = () => undefined;
  let last = '';
  const connected = await venue.connect((event) => {
    if (event.kind !== 'execution') return log.listen(event);
    seen += 1;
    if (event.report.clientOrderId === last) resolve();
  });
  if (!connected.ok) throw new Error(connected.error.text);
  return {
    until: async (lastClientOrderId) => {
      seen = 0;
      last = lastClientOrderId;
      await new Promise<void>((done) => {
        resolve = done;
      });
      return seen;
    },
    close: () => venue.close(),
  };
};

const ccxtWatchOrders = async ({ key, restUrl, wsApiUrl }: PracticeHandle): Promise<ReportTaker> => {
  const exchange = new ccxt.pro.binance({
    apiKey: key.apiKey,
    secret: key.secret,
    enableRateLimit: false,
    newUpdates: true,
    options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] }, fetchCurrencies: false, fetchMargins: false, ordersLimit: REPORTS },
    urls: { api: { public: `${restUrl}/api/v3`, private: `${restUrl}/api/v3`, ws: { 'ws-api': { spot: wsApiUrl } } } },
  });
  await exchange.loadHttpProxyAgent();
  await exchange.loadMarkets();
  let first = exchange.watchOrders(); // subscribes; the burst must find it subscribed
  await new Promise((resolve) => setTimeout(resolve, 500));
  return {
    until: async (lastClientOrderId) => {
      for (let seen = 0; ;) {
        const rows = await first;
        first = exchange.watchOrders();
        seen += rows.length;
        if (rows.some(({ clientOrderId }) => clientOrderId === lastClientOrderId)) return seen;
      }
    },
    close: async () => {
      first.catch(() => undefined); // rejected by the close
      await exchange.close();
    },
  };
};

const rate = async (taker: ReportTaker, burst: (reports: Burst) => void): Promise<{ perSecond: number; lost: number }> => {
  const done = taker.until(LAST_ID);
  const startedMs = performance.now();
  burst({ reports: REPORTS });
  const seen = await done;
  return { perSecond: (REPORTS * 1000) / (performance.now() - startedMs), lost: REPORTS - seen };
};

/** The best round of each; what is lost is counted over the worst. */
export const benchReports = async (start: (practice: PracticeHandle) => Promise<ReportTaker> = adapterAlone): Promise<ReportsResult> => {
  const practice = await startPractice({ seed: 11 });
  const source = new Worker(new URL('./report-source.ts', import.meta.url), { execArgv: [] });
  const port = await new Promise<number>((resolve) => source.once('message', resolve));
  const mixed: PracticeHandle = { ...practice, wsApiUrl: `ws://127.0.0.1:${port}/ws-api/v3` };
  const best = { ours: 0, theirs: 0, oursLost: 0, theirsLost: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const ours = await start(mixed);
    const our = await rate(ours, (burst) => source.postMessage(burst));
    await ours.close();
    const theirs = await ccxtWatchOrders(mixed);
    const their = await rate(theirs, (burst) => source.postMessage(burst));
    await theirs.close();
    best.ours = Math.max(best.ours, our.perSecond);
    best.theirs = Math.max(best.theirs, their.perSecond);
    best.oursLost = Math.max(best.oursLost, our.lost);
    best.theirsLost = Math.max(best.theirsLost, their.lost);
  }
  await source.terminate();
  await practice.close();
  return {
    oursPerSecond: best.ours,
    ccxtPerSecond: best.theirs,
    ratio: best.ours / best.theirs,
    oursLost: best.oursLost,
    ccxtLost: best.theirsLost,
  };
};
