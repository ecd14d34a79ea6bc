// The top of the safety page: what would happen if the trader pressed buy now, in every market. The console answers; nothing is worked
// out here.
import { useMemo } from 'react';
import type { BuyNow } from '../../../src-shared/contract/buy-now.ts';
import { Mark } from '../../components/icon.tsx';
import { digitsOf, formatDecimal, NOTHING } from '../../components/numbers.ts';
import { Section } from '../../components/section.tsx';
import { useInstrument, useLive, useReplica } from '../../replica/replica.ts';
import { show, useScreen } from '../frame/screen.ts';
import { helpOfDenial } from '../guide/help.ts';
import { Help } from '../guide/help-button.tsx';
import { useBuyNow } from './use-buy-now.ts';
import { alsoText, forbidderName, salesText, stateKey, stateWord } from './words.ts';

const VERDICT = { ACTIVE: 'good', REDUCING: 'poor', HALTED: 'bad', TRIPPED: 'bad' } as const;

const Answer = ({ symbol, answer }: { readonly symbol: string; readonly answer: BuyNow | undefined }) => {
  const level = useReplica(({ view }) => view.safety.trading?.level);
  const phase = useReplica(({ view }) => view.safety.stop?.phase);
  const instrument = useInstrument(symbol);
  const step = instrument?.stepQty ?? '1';
  const live = useLive();
  const word = level === undefined ? undefined : stateWord(level, phase);
  const largest = answer?.largest ?? null;
  return (
    <div className="buy-now" data-verdict={answer?.verdict ?? 'unknown'}>
      <p className="buy-now-word">
        <Mark verdict={word === undefined ? 'unknown' : VERDICT[word]} /> <strong>{word ?? 'STARTING'}</strong>{' '}
        <span className="muted">{symbol}</span>
        <strong className={`buy-now-verdict ${answer === undefined ? 'muted' : answer.verdict === 'pass' ? 'good' : 'bad'}`}>
          {answer === undefined ? 'not known' : answer.verdict === 'pass' ? 'would be sent' : 'would be refused'}
        </strong>
      </p>
      <p className="buy-now-text" data-testid="buy-now-text">
        {answer?.text ??
          (live ? 'The console is being asked.' : 'The console does not answer: what it would say to a buy is not known. The stop works.')}
      </p>
      <dl className="buy-now-figures">
        <div>
          <dt>{answer === undefined || answer.verdict === 'pass' ? 'Largest buy now' : 'Room that the limits leave'}</dt>
          <dd>
            <span className="num buy-now-value" data-testid="buy-now-value">
              {formatDecimal(largest?.valueUsdt ?? null, 2)}
            </span>{' '}
            <span className="muted">USDT</span>
          </dd>
          <dd className="num muted">
            {largest === null ? NOTHING : `${formatDecimal(largest.qty, digitsOf(step))} ${instrument?.base ?? ''}`}
          </dd>
        </div>
        <div>
          <dt>Capped by</dt>
          <dd>{largest?.cappedBy.title ?? NOTHING}</dd>
          <dd className="muted">{largest?.cappedBy.id ?? NOTHING}</dd>
        </div>
        <div>
          <dt>First that forbids</dt>
          <dd>
            {answer === undefined ? NOTHING : forbidderName(answer)}{' '}
            {answer !== undefined && answer.denial !== null && <Help to={helpOfDenial(answer.denial.code)} about="what forbids it" />}
          </dd>
          <dd className="muted">{answer === undefined ? NOTHING : alsoText(answer)}</dd>
        </div>
        <div>
          <dt>Sales</dt>
          <dd>{answer === undefined ? NOTHING : answer.noSales === null ? 'go' : 'do not go'}</dd>
          <dd className="muted">{answer === undefined ? NOTHING : salesText(answer)}</dd>
        </div>
      </dl>
    </div>
  );
};

const Row = ({ symbol, answer, chosen }: { readonly symbol: string; readonly answer: BuyNow | undefined; readonly chosen: boolean }) => (
  <tr aria-current={chosen ? 'true' : undefined}>
    <th scope="row">
      <button type="button" className="link" onClick={() => show({ symbol })}>
        {symbol}
      </button>
    </th>
    <td className={answer === undefined ? 'muted' : answer.verdict === 'pass' ? 'good' : 'bad'}>
      {answer === undefined ? 'not known' : answer.verdict === 'pass' ? 'sent' : 'refused'}
    </td>
    <td className="num safety-right">{formatDecimal(answer?.largest?.valueUsdt ?? null, 2)}</td>
    <td className="safety-cut">{answer?.largest?.cappedBy.title ?? NOTHING}</td>
    <td className="safety-cut muted" title={answer?.denial?.text}>
      {answer === undefined || answer.denial === null ? NOTHING : `${forbidderName(answer)}: ${answer.denial.text}`}
    </td>
  </tr>
);

export const BuyNowSection = () => {
  const instruments = useReplica(({ view }) => view.instruments);
  const trading = useReplica(({ view }) => view.safety.trading);
  const replayed = useReplica(({ view }) => view.status.console?.replayed !== undefined);
  const live = useLive();
  const chosen = useScreen(({ symbol }) => symbol);
  const symbols = useMemo(() => Object.keys(instruments).toSorted(), [instruments]);
  const answers = useBuyNow(symbols, live && !replayed, trading === undefined ? '' : stateKey(trading));
  return (
    <Section title="If you pressed buy now" note="asked of the gate once a second, with no order placed">
      <Answer symbol={chosen} answer={answers[chosen]} />
      {symbols.length === 0 ? (
        <p className="muted">The markets appear when the exchange has told its rules.</p>
      ) : (
        <table className="plain-table safety-markets" data-testid="buy-now-markets">
          <thead>
            <tr>
              <th scope="col">Market</th>
              <th scope="col">A buy</th>
              <th scope="col" className="safety-right">
                Room, USDT
              </th>
              <th scope="col">Capped by</th>
              <th scope="col">Forbidden first by</th>
            </tr>
          </thead>
          <tbody>
            {symbols.map((symbol) => (
              <Row key={symbol} symbol={symbol} answer={answers[symbol]} chosen={symbol === chosen} />
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
};
