// Which money, which market, what it is worth, and whether the wires are good: read in one glance, left to right.
import { useShallow } from 'zustand/react/shallow';
import { Mark } from '../../components/icon.tsx';
import { Num, Stepped } from '../../components/num.tsx';
import { changePct, direction, formatDecimal } from '../../components/numbers.ts';
import { age } from '../../components/time.ts';
import { useOldQuoteMs } from '../../replica/quote-age.ts';
import { useInstrument, useMarket, useReplica } from '../../replica/replica.ts';
import type { HealthView } from '../../../src-shared/contract/view.ts';
import { useCandles } from '../chart/candles.ts';
import { show, useScreen } from './screen.ts';

const ModeButton = () => {
  const mode = useReplica((replica) => replica.view.status.console?.mode);
  return (
    <button
      type="button"
      className="mode"
      data-testid="mode"
      title="Which money is at stake. Press to switch."
      onClick={() => show({ dialog: 'mode' })}
    >
      {mode?.toUpperCase() ?? 'CONNECTING'}
    </button>
  );
};

const MarketPicker = () => {
  const symbol = useScreen((screen) => screen.symbol);
  const symbols = useReplica(
    useShallow((replica) => Object.values(replica.view.instruments).map(({ symbol: id, base, quote }) => `${id} ${base}/${quote}`)),
  );
  return (
    <select className="market" aria-label="Market" value={symbol} onChange={(event) => show({ symbol: event.target.value })}>
      {symbols.length === 0 && <option value={symbol}>{symbol}</option>}
      {symbols.map((entry) => {
        const [id = '', name = ''] = entry.split(' ');
        return (
          <option key={id} value={id}>
            {name}
          </option>
        );
      })}
    </select>
  );
};

const LastPrice = () => {
  const symbol = useScreen((screen) => screen.symbol);
  const instrument = useInstrument(symbol);
  const quote = useMarket((market) => market.quotes[symbol]);
  const since = useCandles((candles) => (candles.symbol === symbol ? candles.dayStart : undefined));
  const oldMs = useOldQuoteMs(symbol);
  const last = quote === undefined ? null : (quote.last ?? quote.bid);
  const change = last === null || since === undefined ? undefined : changePct(since.open, last);
  return (
    <span className={`last ${oldMs === undefined ? '' : 'last-old'}`}>
      <span className="last-price">
        <Stepped text={last} step={instrument?.tick} />
      </span>
      {change !== undefined && since !== undefined && (
        <span className={`num ${direction(change)}`} title={`since ${since.label}`}>
          {formatDecimal(change, 2, 'always')} %
        </span>
      )}
      {oldMs !== undefined && <span className="warn">{age(oldMs)} old</span>}
    </span>
  );
};

const Equity = () => {
  const [equity, day] = useReplica(
    useShallow((replica) => [replica.view.status.console?.equityUsdt ?? null, replica.view.status.console?.dayPnlUsdt ?? null]),
  );
  return (
    <dl className="figures">
      <div>
        <dt>equity</dt>
        <dd>
          <Num text={equity} digits={2} tint />
        </dd>
      </div>
      <div>
        <dt>day</dt>
        <dd>
          <Num text={day} digits={2} sign="always" coloured tint />
        </dd>
      </div>
    </dl>
  );
};

type Verdict = HealthView['verdict'];
const ORDER: readonly Verdict[] = ['good', 'unknown', 'poor', 'bad'];
const worstOf = (items: readonly (HealthView | undefined)[]): Verdict =>
  items
    .map((item) => item?.verdict ?? 'unknown')
    .reduce<Verdict>((worst, each) => (ORDER.indexOf(each) > ORDER.indexOf(worst) ? each : worst), 'good');
const WORD: Readonly<Record<Verdict, string>> = { good: '', unknown: 'unknown', poor: 'poor', bad: 'bad' };

const Lamp = ({ name, of }: { readonly name: string; readonly of: readonly HealthView['name'][] }) => {
  const items = useReplica(useShallow((replica) => of.map((each) => replica.view.health[each])));
  const verdict = worstOf(items);
  const title = of.map((each, index) => `${each}: ${items[index]?.text ?? 'not heard of yet'}`).join('\n');
  return (
    <button type="button" className="lamp" title={title} onClick={() => show({ page: 'health' })}>
      <Mark verdict={verdict} />
      {name} <span className={verdict === 'good' ? 'visually-hidden' : ''}>{verdict === 'good' ? 'good' : WORD[verdict]}</span>
    </button>
  );
};

export const TopBar = () => (
  <header className="top">
    <ModeButton />
    <MarketPicker />
    <LastPrice />
    <span className="spread" />
    <Equity />
    <Lamp name="streams" of={['market stream', 'user stream']} />
    <Lamp name="clock" of={['clock']} />
  </header>
);
