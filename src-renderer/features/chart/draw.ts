// The drawing on the canvas, outside React: a frame with one more candle costs one update and no render. Numbers are for pixels only.
import { CandlestickSeries, createChart, createSeriesMarkers, LineStyle } from 'lightweight-charts';
import type { AutoscaleInfo, CandlestickData, IChartApi, IPriceLine, ISeriesApi, SeriesMarker, UTCTimestamp } from 'lightweight-charts';
import { isEnded } from '../../../src-shared/domain/order.ts';
import type { CandleView, OrderView } from '../../../src-shared/contract/view.ts';
import { toPixelNumber } from '../../components/chart-numbers.ts';
import { digitsOf, formatDecimal } from '../../components/numbers.ts';
import { useReplica } from '../../replica/replica.ts';
import { token } from '../../theme/theme.ts';
import { useScreen } from '../frame/screen.ts';
import { useCandles } from './candles.ts';

type Series = ISeriesApi<'Candlestick'>;
type Painted = SeriesMarker<UTCTimestamp>;

const seconds = (ms: number): UTCTimestamp => Math.floor(ms / 1000) as UTCTimestamp;
const bar = (candle: CandleView): CandlestickData<UTCTimestamp> => ({
  time: seconds(candle.openTimeMs),
  open: toPixelNumber(candle.open),
  high: toPixelNumber(candle.high),
  low: toPixelNumber(candle.low),
  close: toPixelNumber(candle.close),
});

const paint = (chart: IChartApi, series: Series) => {
  const [up, down, line, muted] = [token('up'), token('down'), token('line'), token('muted')];
  chart.applyOptions({
    layout: {
      background: { color: token('panel') },
      textColor: muted,
      fontFamily: token('font-numbers'),
      fontSize: 11,
      attributionLogo: false,
    },
    grid: { vertLines: { color: line }, horzLines: { color: line } },
    crosshair: {
      vertLine: { color: muted, labelBackgroundColor: token('edge') },
      horzLine: { color: muted, labelBackgroundColor: token('edge') },
    },
    rightPriceScale: { borderColor: line },
    timeScale: { borderColor: line, timeVisible: true, secondsVisible: false, rightOffset: 4 },
  });
  series.applyOptions({ upColor: up, wickUpColor: up, borderUpColor: up, downColor: down, wickDownColor: down, borderDownColor: down });
};

/** The marks of own fills on the candles that they fell into. */
const marksOf = (orders: readonly OrderView[], candles: readonly CandleView[]): Painted[] =>
  orders
    .flatMap((order) => order.fills.map((fill) => ({ order, fill })))
    .flatMap(({ order, fill }): Painted[] => {
      const candle = candles.findLast((each) => each.openTimeMs <= fill.atMs);
      if (candle === undefined) return [];
      const buy = order.side === 'BUY';
      return [
        {
          time: seconds(candle.openTimeMs),
          position: buy ? 'belowBar' : 'aboveBar',
          shape: buy ? 'arrowUp' : 'arrowDown',
          color: token('accent'),
          text: buy ? 'B' : 'S',
        },
      ];
    })
    .toSorted((a, b) => a.time - b.time);

/** Where an open order acts: its price, and the trigger that it waits for. */
const linesOf = ({ status, side, price, stopPrice, qty, quoteQty }: OrderView) => {
  if (isEnded(status)) return [];
  const what = `${side === 'BUY' ? 'buy' : 'sell'} ${formatDecimal(qty ?? quoteQty)}`;
  return [
    ...(price === null ? [] : [{ price, title: what, isTrigger: false }]),
    ...(stopPrice === null ? [] : [{ price: stopPrice, title: `stop: ${what}`, isTrigger: true }]),
  ];
};

/** The prices in sight and, where they are not far from it, own open orders: a line outside the picture tells nothing. */
const withOrders = (range: { readonly minValue: number; readonly maxValue: number }, prices: readonly number[]) => {
  const room = range.maxValue - range.minValue;
  const near = prices.filter((price) => price > range.minValue - room && price < range.maxValue + room);
  return { minValue: Math.min(range.minValue, ...near), maxValue: Math.max(range.maxValue, ...near) };
};

/** Draws into `host` until the returned function is called. */
export const drawChart = (host: HTMLElement): (() => void) => {
  const chart = createChart(host, { autoSize: true, localization: { locale: 'en-GB' }, layout: { attributionLogo: false } });
  const series = chart.addSeries(CandlestickSeries, { priceLineStyle: LineStyle.Dotted });
  const marks = createSeriesMarkers<UTCTimestamp>(series as never, []);
  let lines: readonly IPriceLine[] = [];
  let drawn: readonly CandleView[] = [];

  const ownOrders = (): readonly OrderView[] =>
    Object.values(useReplica.getState().view.orders).filter((order) => order.symbol === useScreen.getState().symbol);

  series.applyOptions({
    autoscaleInfoProvider: (original: () => AutoscaleInfo | null) => {
      const info = original();
      const open = ownOrders().flatMap((order) => linesOf(order).map(({ price }) => toPixelNumber(price)));
      return info?.priceRange == null ? info : { ...info, priceRange: withOrders(info.priceRange, open) };
    },
  });

  const drawOrders = () => {
    const orders = ownOrders();
    lines.forEach((line) => series.removePriceLine(line));
    lines = orders.flatMap((order) =>
      linesOf(order).map(({ price, title, isTrigger }) =>
        series.createPriceLine({
          price: toPixelNumber(price),
          color: token(order.side === 'BUY' ? 'up' : 'down'),
          lineStyle: isTrigger ? LineStyle.SparseDotted : LineStyle.Dashed,
          lineWidth: 1,
          axisLabelVisible: true,
          title,
        }),
      ),
    );
    marks.setMarkers(marksOf(orders, useCandles.getState().candles));
  };

  const drawCandles = () => {
    const { candles, symbol } = useCandles.getState();
    const tick = useReplica.getState().view.instruments[symbol]?.tick;
    const newest = candles.at(-1);
    const grewByOne =
      drawn.length > 0 &&
      drawn[0] === candles[0] &&
      newest !== undefined &&
      candles.length - drawn.length <= 1 &&
      candles.length >= drawn.length;
    if (grewByOne) series.update(bar(newest));
    else {
      const digits = tick === undefined ? 2 : digitsOf(tick);
      series.applyOptions({
        priceFormat: { type: 'custom', minMove: 1 / 10 ** digits, formatter: (at: number) => formatDecimal(at.toFixed(digits), digits) },
      });
      series.setData(candles.map(bar));
      chart.timeScale().applyOptions({ barSpacing: 7 });
      chart.timeScale().scrollToRealTime();
      drawOrders();
    }
    drawn = candles;
  };

  const repaint = () => {
    paint(chart, series);
    drawOrders();
  };
  repaint();
  drawCandles();
  const off = [
    useCandles.subscribe((is, was) => {
      if (is.candles !== was.candles) drawCandles();
    }),
    useReplica.subscribe((is, was) => {
      if (is.view.orders !== was.view.orders) drawOrders();
    }),
  ];
  document.addEventListener('themechange', repaint);
  return () => {
    document.removeEventListener('themechange', repaint);
    off.forEach((each) => each());
    chart.remove();
  };
};
