// How a position is guarded: stop loss, trailing stop, take profit, in prices or percent of the entry. It says before the press what
// each would sell at and come to; the gate and the exchange decide.
import { useState } from 'react';
import type { ExitPlanInput } from '../../../src-shared/contract/contract.ts';
import type { PositionView } from '../../../src-shared/contract/view.ts';
import { Dialog } from '../../components/dialog.tsx';
import { digitsOf, formatDecimal } from '../../components/numbers.ts';
import { useInstrument, useLive, useReplica } from '../../replica/replica.ts';
import { show, useScreen } from '../frame/screen.ts';
import { exitPrices, exitsOf, outcomeOf } from '../ticket/exits.ts';
import { Lacks, percentText } from '../ticket/typed.ts';
import { protect } from './actions.ts';

const close = () => show({ dialog: null });

/** What selling all of it at that price would come to against its cost. */
const comesTo = ({ breakEvenPrice, qty }: PositionView, price: string | undefined): string => {
  const outcome = outcomeOf(price, breakEvenPrice, qty);
  return outcome === '' ? '' : `sells ${outcome} USDT before the exit’s fee`;
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
  const typed = { stopLoss: stop, takeProfit: take, trails };
  const prices = exitPrices(typed, basis);
  const plan = exitsOf(typed, basis) ?? new Lacks('Enter a stop loss, a take profit, or both');
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
        if (!(plan instanceof Lacks)) void send(plan);
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
      <p className="muted ticket-outcome">{comesTo(position, prices.stopLoss)}</p>
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
      <p className="muted ticket-outcome">{comesTo(position, prices.takeProfit)}</p>
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
        <button type="submit" className="button" data-testid="protect-set" disabled={!live || busy || plan instanceof Lacks}>
          {busy ? 'Sending' : plan instanceof Lacks ? plan.missing : 'Protect'}
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
