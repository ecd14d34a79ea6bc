// How a position is guarded: stop loss, trailing stop, take profit, in prices or percent of the entry. It says before the press what
// each would sell at and come to; the gate and the exchange decide.
import { useState } from 'react';
import type { ExitPlanInput } from '../../../src-shared/contract/contract.ts';
import type { PositionView } from '../../../src-shared/contract/view.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { parseDecimal } from '../../../src-shared/domain/money.ts';
import { Dialog } from '../../components/dialog.tsx';
import { digitsOf, formatDecimal } from '../../components/numbers.ts';
import { useInstrument, useLive, useReplica } from '../../replica/replica.ts';
import { show, useScreen } from '../frame/screen.ts';
import { exitPrice, percentText, typedBps } from '../ticket/order.ts';
import { protect } from './actions.ts';

const close = () => show({ dialog: null });

/** What selling all of it at that price would come to against its cost, exit fees aside. */
const comesTo = (position: PositionView, price: string | undefined): string => {
  const [at, cost, qty] = [parseDecimal(price), parseDecimal(position.breakEvenPrice), parseDecimal(position.qty)];
  if (at === undefined || cost === undefined || qty === undefined) return '';
  return `sells at ${formatDecimal(price ?? null)}: ${formatDecimal(at.minus(cost).times(qty).toFixed(2, Decimal.ROUND_HALF_UP), 2, 'always')} USDT before the exit’s fee`;
};

const planOf = (
  typed: { readonly stop: string; readonly trails: boolean; readonly take: string },
  stopAt: string | undefined,
  takeAt: string | undefined,
): ExitPlanInput | string => {
  const plan: { stopLoss?: string; trailingDeltaBps?: number; takeProfit?: string } = {};
  if (typed.stop.trim() !== '' && typed.trails) {
    const bps = typedBps(typed.stop);
    if (bps === undefined) return 'The trailing distance is no percent from 0.01 to 100';
    plan.trailingDeltaBps = bps;
  } else if (typed.stop.trim() !== '') {
    if (stopAt === undefined) return 'The stop loss is neither a price nor a percent';
    plan.stopLoss = stopAt;
  }
  if (typed.take.trim() !== '') {
    if (takeAt === undefined) return 'The take profit is neither a price nor a percent';
    plan.takeProfit = takeAt;
  }
  return Object.keys(plan).length === 0 ? 'Enter a stop loss, a take profit, or both' : plan;
};

const Plan = ({ position }: { readonly position: PositionView }) => {
  const { symbol, protection } = position;
  const instrument = useInstrument(symbol);
  const live = useLive();
  const standing = protection?.trailingDeltaBps ?? null;
  const [trails, setTrails] = useState(standing !== null);
  const [stop, setStop] = useState(standing === null ? (protection?.stopPrice ?? '') : percentText(standing));
  const [take, setTake] = useState(protection?.takeProfit ?? '');
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState('');
  const basis = { entry: position.entryPrice, tick: instrument?.tick };
  const stopAt = trails ? undefined : exitPrice(stop, 'below', basis);
  const takeAt = exitPrice(take, 'above', basis);
  const plan = planOf({ stop, trails, take }, stopAt, takeAt);
  const send = async (wanted: ExitPlanInput | null) => {
    setBusy(true);
    const problem = await protect(symbol, wanted);
    setBusy(false);
    if (problem === undefined) close();
    else setSaid(problem);
  };
  return (
    <form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (typeof plan !== 'string') void send(plan);
      }}
    >
      <p className="muted">
        Entry {formatDecimal(position.entryPrice, instrument && digitsOf(instrument.tick))}, size {formatDecimal(position.qty)}.{' '}
        {protection?.text ?? ''}
      </p>
      <label>
        <span className="label">{trails ? 'Stop trails the price by, %' : 'Stop loss, a price or 2%'}</span>
        <input
          className="field num"
          data-testid="protect-stop"
          inputMode="decimal"
          autoComplete="off"
          value={stop}
          onChange={(event) => setStop(event.target.value)}
        />
      </label>
      <p className="muted ticket-outcome">{trails ? '' : comesTo(position, stopAt)}</p>
      <label className="ticket-check">
        <input
          type="checkbox"
          data-testid="protect-trails"
          checked={trails}
          onChange={(event) => {
            setTrails(event.target.checked);
            setStop('');
          }}
        />
        The stop follows the price up
      </label>
      <label>
        <span className="label">Take profit, a price or 4%</span>
        <input
          className="field num"
          data-testid="protect-take"
          inputMode="decimal"
          autoComplete="off"
          value={take}
          onChange={(event) => setTake(event.target.value)}
        />
      </label>
      <p className="muted ticket-outcome">{comesTo(position, takeAt)}</p>
      {said !== '' && (
        <p className="said" role="alert">
          {said}
        </p>
      )}
      <div className="dialog-actions">
        {protection !== null && protection.planOrigin !== null && (
          <button type="button" className="button" data-testid="protect-off" disabled={!live || busy} onClick={() => void send(null)}>
            Take it off
          </button>
        )}
        <button type="submit" className="button" data-testid="protect-set" disabled={!live || busy || typeof plan === 'string'}>
          {busy ? 'Sending' : typeof plan === 'string' ? plan : 'Protect'}
        </button>
      </div>
    </form>
  );
};

export const ProtectDialog = () => {
  const symbol = useScreen((screen) => screen.subject);
  const position = useReplica(({ view }) => view.positions[symbol]);
  return (
    <Dialog title={`Protect ${symbol}`} onClose={close} testId="protect-dialog">
      {position === undefined ? <p>The position is closed: there is nothing left to protect.</p> : <Plan position={position} />}
    </Dialog>
  );
};
