// The order book's nearest levels. A press on a level puts its price into the ticket; the keyboard has the ticket's own bid and ask
// buttons for that.
import type { MarketFrame } from '../../../src-shared/contract/view.ts';
import { barPct, toPixelNumber } from '../../components/chart-numbers.ts';
import { digitsOf, formatDecimal } from '../../components/numbers.ts';
import { parseDecimal } from '../../../src-shared/domain/money.ts';
import { age } from '../../components/time.ts';
import { useOldQuoteMs } from '../../replica/quote-age.ts';
import { useInstrument, useMarket } from '../../replica/replica.ts';
import { useScreen } from '../frame/screen.ts';
import { draft } from '../ticket/draft.ts';
import './depth.css';

/** Rows are keyed by their place, not by price: a level that moves changes text and nothing on screen slides. */
type Level = NonNullable<MarketFrame['depth']>['bids'][number];
const LEVELS = 10;

const Row = ({
  level,
  side,
  largest,
  tick,
  step,
}: {
  readonly level: Level;
  readonly side: 'bid' | 'ask';
  readonly largest: number;
  readonly tick: string;
  readonly step: string;
}) => {
  const [price, qty] = level;
  return (
    <li>
      <button type="button" tabIndex={-1} className={`depth-row depth-${side}`} onClick={() => draft.set({ type: 'LIMIT', price })}>
        <span className="depth-bar" style={{ transform: `scaleX(${barPct(toPixelNumber(qty), largest) / 100})` }} />
        <span className="num depth-price">{formatDecimal(price, digitsOf(tick))}</span>
        <span className="num">{formatDecimal(qty, digitsOf(step))}</span>
      </button>
    </li>
  );
};

const spreadText = (bid: string | undefined, ask: string | undefined, digits: number): string => {
  const [low, high] = [parseDecimal(bid), parseDecimal(ask)];
  return low === undefined || high === undefined ? 'no two-sided market' : `spread ${formatDecimal(high.minus(low).toFixed(), digits)}`;
};

export const Depth = () => {
  const symbol = useScreen((screen) => screen.symbol);
  const instrument = useInstrument(symbol);
  const depth = useMarket((market) => (market.depth?.symbol === symbol ? market.depth : null));
  const oldMs = useOldQuoteMs(symbol);
  if (depth === null || instrument === undefined)
    return (
      <section className="panel depth" aria-label="Depth">
        <div className="panel-head">
          <h2 className="panel-title">Depth</h2>
        </div>
        <p className="empty">Waiting for the order book of {symbol}.</p>
      </section>
    );
  const bids = depth.bids.slice(0, LEVELS);
  const asks = depth.asks.slice(0, LEVELS);
  const largest = Math.max(...[...bids, ...asks].map(([, qty]) => toPixelNumber(qty)));
  const shared = { largest, tick: instrument.tick, step: instrument.stepQty };
  return (
    <section className="panel depth" data-old={oldMs !== undefined} aria-label="Depth">
      <div className="panel-head">
        <h2 className="panel-title">Depth</h2>
        <span className="spread" />
        {oldMs !== undefined && <span className="warn">{age(oldMs)} old</span>}
        <span className="muted depth-unit">
          {instrument.quote} · {instrument.base}
        </span>
      </div>
      <ol className="depth-asks" aria-label="Asks, nearest last">
        {asks.toReversed().map((level, row) => (
          <Row key={row} level={level} side="ask" {...shared} />
        ))}
      </ol>
      <p className="depth-spread num">{spreadText(bids[0]?.[0], asks[0]?.[0], digitsOf(instrument.tick))}</p>
      <ol className="depth-bids" aria-label="Bids, nearest first">
        {bids.map((level, row) => (
          <Row key={row} level={level} side="bid" {...shared} />
        ))}
      </ol>
    </section>
  );
};
