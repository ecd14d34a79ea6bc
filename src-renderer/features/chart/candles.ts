// The candles of the market and interval that are shown: fetched once, then kept by the frames. Asked again after every new
// snapshot, because main forgets which chart a window shows when that window goes.
import { create } from 'zustand';
import type { CandleView } from '../../../src-shared/contract/view.ts';
import { call } from '../../bridge/bridge.ts';
import { useMarket, useReplica } from '../../replica/replica.ts';
import { useScreen } from '../frame/screen.ts';

const DAY_MS = 86_400_000;
const MAX_CANDLES = 5_000;
const RETRY_MS = 2_000;

interface Candles {
  readonly symbol: string;
  readonly interval: string;
  readonly state: 'waiting' | 'ready' | 'failed';
  readonly problem: string;
  readonly candles: readonly CandleView[];
  /** What the day's change is measured from: the day's first candle, else the oldest one here. */
  readonly dayStart: { readonly open: string; readonly label: string } | undefined;
}

const EMPTY: Candles = { symbol: '', interval: '', state: 'waiting', problem: '', candles: [], dayStart: undefined };
export const useCandles = create<Candles>(() => EMPTY);

/** The candles with one more: it replaces the newest, follows it, or (older) is not taken. */
export const withCandle = (candles: readonly CandleView[], candle: CandleView): readonly CandleView[] => {
  const newest = candles.at(-1);
  if (newest === undefined || candle.openTimeMs > newest.openTimeMs) return [...candles, candle].slice(-MAX_CANDLES);
  return candle.openTimeMs === newest.openTimeMs ? [...candles.slice(0, -1), candle] : candles;
};

export const dayStartOf = (candles: readonly CandleView[]): Candles['dayStart'] => {
  const newest = candles.at(-1);
  if (newest === undefined) return undefined;
  const midnightMs = Math.floor(newest.openTimeMs / DAY_MS) * DAY_MS;
  const start = candles.find((candle) => candle.openTimeMs >= midnightMs) ?? newest;
  return { open: start.open, label: `${new Date(start.openTimeMs).toISOString().slice(11, 16)} UTC` };
};

/** Whether the next candle is the first of another day (UTC). */
const isNewDay = (candles: readonly CandleView[], next: CandleView): boolean => {
  const newest = candles.at(-1);
  return newest !== undefined && Math.floor(next.openTimeMs / DAY_MS) > Math.floor(newest.openTimeMs / DAY_MS);
};

/** What a candle does to the chart and to what the day is measured from. */
export const addCandle = (now: Pick<Candles, 'candles' | 'dayStart'>, candle: CandleView): Pick<Candles, 'candles' | 'dayStart'> => ({
  candles: withCandle(now.candles, candle),
  dayStart: isNewDay(now.candles, candle) ? dayStartOf([candle]) : now.dayStart,
});

let wanted = 0;
const load = async (): Promise<void> => {
  wanted += 1;
  const mine = wanted;
  const { symbol, interval } = useScreen.getState();
  useCandles.setState((was) => (was.symbol === symbol && was.interval === interval ? was : { ...EMPTY, symbol, interval }));
  const answer = await call('showChart', { symbol, interval });
  if (mine !== wanted) return;
  if (answer.ok) {
    const candles = answer.value.candles;
    useCandles.setState({ state: 'ready', problem: '', candles, dayStart: dayStartOf(candles) });
    return;
  }
  useCandles.setState({ state: 'failed', problem: answer.error.text });
  window.setTimeout(() => {
    if (mine === wanted) void load();
  }, RETRY_MS);
};

/** Follows market, interval and connection. Runs for the window's life. */
export const startCandles = (): void => {
  useScreen.subscribe((is, was) => {
    if (is.symbol !== was.symbol || is.interval !== was.interval) void load();
  });
  useReplica.subscribe((is, was) => {
    if (is.generation !== was.generation) void load();
  });
  useMarket.subscribe(({ candle }, was) => {
    if (candle === null || candle === was.candle) return;
    useCandles.setState((now) =>
      now.state === 'ready' && now.symbol === candle.symbol && now.interval === candle.interval ? addCandle(now, candle) : now,
    );
  });
};
