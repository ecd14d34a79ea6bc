// The emergency stop at rest: its state, its last receipt, and the drill that proves it with a copy of the open orders (E5, E7).
import { useState } from 'react';
import type { StopReceipt } from '../../../src-shared/domain/stop.ts';
import { call, failureText } from '../../bridge/bridge.ts';
import { Mark } from '../../components/icon.tsx';
import { Section } from '../../components/section.tsx';
import { age, dateTime, measured, useNowMs } from '../../components/time.ts';
import { useLive, useReplica } from '../../replica/replica.ts';
import { show, tell } from '../frame/screen.ts';
import { Help } from '../guide/help-button.tsx';
import { Left } from './causes.tsx';
import { drilledText, receiptLine } from './words.ts';

const PHASE = {
  DISABLED: { verdict: 'unknown', text: 'Starting. A press is obeyed even now.' },
  ARMED: { verdict: 'good', text: 'Ready. One press, the hotkey, the tray or “holdfast stop” acts at once, with no question.' },
  TRIPPED: { verdict: 'bad', text: 'Nothing new leaves. Only a person resets it.' },
  COOLING_DOWN: { verdict: 'poor', text: 'Reset; what opens is denied until the time is over.' },
} as const;

const Times = ({ receipt }: { readonly receipt: StopReceipt }) => (
  <>
    <dt>Cancels on the wire</dt>
    <dd className="num">{measured(receipt.cancelsOnWireMs)}</dd>
    <dt>All acknowledged</dt>
    <dd className="num">{measured(receipt.allAcknowledgedMs)}</dd>
    <dt>Verified empty</dt>
    <dd className="num">{measured(receipt.verifiedEmptyMs)}</dd>
    {receipt.policy === 'flatten' && (
      <>
        <dt>Flat</dt>
        <dd className="num">{measured(receipt.flatMs)}</dd>
      </>
    )}
    <dt>Hash</dt>
    <dd className="num safety-cut" title={receipt.hash}>
      {receipt.hash ?? 'none: from before receipts had one'}
    </dd>
  </>
);

export const StopCard = () => {
  const stop = useReplica(({ view }) => view.safety.stop);
  const hotkey = useReplica(({ view }) => view.safety.hotkey);
  return (
    <Section
      title="Stop and receipt"
      act={
        <>
          <Help to="emergency#what-the-stop-does-and-what-it-does-not" about="the emergency stop" />
          {stop?.receipt != null && (
            <button type="button" className="button" data-testid="safety-receipt" onClick={() => show({ dialog: 'receipt' })}>
              Receipt
            </button>
          )}
          {stop?.phase === 'TRIPPED' && (
            <button type="button" className="button" data-testid="safety-reset" onClick={() => show({ dialog: 'reset' })}>
              Reset…
            </button>
          )}
        </>
      }
    >
      {stop === undefined ? (
        <p className="muted">Its state appears with the console’s first picture. The stop works before that.</p>
      ) : (
        <>
          <p data-testid="stop-phase">
            <Mark verdict={PHASE[stop.phase].verdict} /> <strong>{stop.phase.toLowerCase().replace('_', ' ')}</strong>{' '}
            {PHASE[stop.phase].text}
          </p>
          <dl className="pairs">
            <dt>Positions</dt>
            <dd>{stop.policy === 'flatten' ? 'sold by a stop' : 'kept by a stop'}</dd>
            {stop.phase === 'COOLING_DOWN' && stop.coolDownUntilMs !== null && (
              <>
                <dt>Cool-down</dt>
                <dd>
                  <Left untilMs={stop.coolDownUntilMs} />
                </dd>
              </>
            )}
            <dt>Hotkey</dt>
            <dd className={hotkey?.status === 'NOT_ARMED' ? 'bad' : ''}>
              {hotkey === undefined ? 'not known yet' : `${hotkey.accelerator} ${hotkey.status.toLowerCase().replace('_', ' ')}`}
              {hotkey?.provenAtMs != null && <span className="muted"> proven {dateTime(hotkey.provenAtMs)} UTC</span>}
            </dd>
            <dt>Last stop</dt>
            <dd>
              {stop.trippedAtMs === null || stop.tripId === 0
                ? 'none in this journal'
                : `#${stop.tripId} by ${stop.trigger ?? 'unknown'}, ${dateTime(stop.trippedAtMs)} UTC${stop.reason === '' ? '' : `: ${stop.reason}`}`}
            </dd>
            {stop.receipt !== null && (
              <>
                <dt>Receipt</dt>
                <dd className={stop.receipt.complete ? '' : 'bad'}>{receiptLine(stop.receipt)}</dd>
                <Times receipt={stop.receipt} />
              </>
            )}
          </dl>
        </>
      )}
    </Section>
  );
};

const Age = ({ atMs }: { readonly atMs: number }) => <>{age(useNowMs() - atMs)} ago</>;

export const DrillCard = () => {
  const drill = useReplica(({ view }) => view.safety.drill);
  const live = useLive();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    const answer = await call('drill', {});
    setBusy(false);
    const problem = failureText(answer);
    if (problem !== undefined) tell('danger', problem);
  };
  return (
    <Section
      title="Last drill"
      act={
        <>
          {drill !== undefined && (
            <button type="button" className="button" data-testid="drill-receipt" onClick={() => show({ dialog: 'drill' })}>
              Receipt
            </button>
          )}
          <button type="button" className="button" data-testid="drill-run" disabled={busy || !live} onClick={() => void run()}>
            {busy ? 'Drilling' : 'Run a drill'}
          </button>
        </>
      }
    >
      <p className="muted">
        The same stop on an exchange of its own, with a copy of your open orders. Your account is not touched, and trading goes on.
      </p>
      {drill === undefined ? (
        <p data-testid="drill-state">None yet. Run one: it shows how long a stop takes with the orders that are open now.</p>
      ) : (
        <>
          <p data-testid="drill-state">
            <Mark verdict={drill.passed ? 'good' : 'bad'} />{' '}
            <strong className={drill.passed ? 'good' : 'bad'}>{drill.passed ? 'passed' : 'not passed'}</strong> {drill.text}
          </p>
          <dl className="pairs">
            <dt>When</dt>
            <dd>
              <Age atMs={drill.startedAtMs} /> <span className="muted num">{dateTime(drill.startedAtMs)} UTC</span>
            </dd>
            <dt>Drilled</dt>
            <dd>{drilledText(drill)}</dd>
            <Times receipt={drill.receipt} />
          </dl>
        </>
      )}
    </Section>
  );
};
