// Candles of the market shown, own orders as lines, own fills as marks; the same numbers as a table for who cannot read a picture.
import { useEffect, useRef, useState } from 'react';
import { Num, Stepped } from '../../components/num.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { Table } from '../../components/table.tsx';
import { dateTime } from '../../components/time.ts';
import { useInstrument } from '../../replica/replica.ts';
import { INTERVALS, show, useScreen } from '../frame/screen.ts';
import { useCandles } from './candles.ts';
import { drawChart } from './draw.ts';
import './chart.css';

const Picture = () => {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => (host.current === null ? undefined : drawChart(host.current)), []);
  return <div ref={host} className="chart-host" role="img" aria-label="Candle chart. The Table button shows its numbers." />;
};

const Numbers = () => {
  const candles = useCandles((state) => state.candles);
  const tick = useInstrument(useScreen((screen) => screen.symbol))?.tick;
  const price = (id: 'open' | 'high' | 'low' | 'close') => ({
    id,
    title: id,
    width: 'minmax(84px, 1fr)',
    align: 'right' as const,
    cell: (candle: (typeof candles)[number]) => <Stepped text={candle[id]} step={tick} />,
  });
  return (
    <Table
      label="Candles, newest first"
      rows={candles.toReversed()}
      keyOf={(candle) => String(candle.openTimeMs)}
      minWidthPx={600}
      empty="No candles yet."
      columns={[
        { id: 'time', title: 'time (UTC)', width: '150px', cell: (candle) => <span className="num">{dateTime(candle.openTimeMs)}</span> },
        price('open'),
        price('high'),
        price('low'),
        price('close'),
        { id: 'volume', title: 'volume', width: 'minmax(84px, 1fr)', align: 'right', cell: (candle) => <Num text={candle.volume} /> },
      ]}
    />
  );
};

export const Chart = () => {
  const symbol = useScreen((screen) => screen.symbol);
  const interval = useScreen((screen) => screen.interval);
  const state = useCandles((candles) => candles.state);
  const problem = useCandles((candles) => candles.problem);
  const [asTable, setAsTable] = useState(false);
  return (
    <section className="panel chart" aria-label={`Chart of ${symbol}`}>
      <div className="panel-head">
        <h2 className="panel-title">{symbol}</h2>
        <Segmented
          label="Interval"
          className="chart-intervals"
          value={interval}
          onChange={(value) => show({ interval: value })}
          options={INTERVALS.map((value) => ({ value, label: value }))}
        />
        <span className="spread" />
        <button type="button" className="button button-small" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'Picture' : 'Table'}
        </button>
      </div>
      <div className="chart-body">
        {asTable ? <Numbers /> : <Picture />}
        {state !== 'ready' && (
          <p className="chart-waiting">
            {state === 'failed' ? `No candles: ${problem} Asking again.` : `Waiting for the candles of ${symbol}.`}
          </p>
        )}
      </div>
    </section>
  );
};
