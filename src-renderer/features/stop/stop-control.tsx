// The emergency stop: one press acts, with no question, on every page, whether the view is stale or a dialog is open. It is never
// disabled; what it shows afterwards is what main reports, and when main says nothing it says that.
import { useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { StopView } from '../../../src-shared/contract/view.ts';
import { call, failureText } from '../../bridge/bridge.ts';
import { Icon } from '../../components/icon.tsx';
import { clockTime, countdown, measured, useNowMs } from '../../components/time.ts';
import { useReplica } from '../../replica/replica.ts';
import { show, tell } from '../frame/screen.ts';
import { stopSteps } from './steps.ts';
import { stopNow } from './stop-now.ts';
import './stop.css';

const Steps = ({ stop }: { readonly stop: StopView }) => (
  <ol className="stop-steps">
    {stopSteps(stop).map((step) => (
      <li key={step.text} className={step.done ? '' : 'muted'}>
        <Icon name={step.done ? 'check' : 'wait'} />
        {step.text}
      </li>
    ))}
    <li className={stop.receipt === null ? 'muted' : ''}>
      <Icon name={stop.receipt === null ? 'wait' : stop.receipt.complete ? 'check' : 'warning'} />
      {stop.receipt === null ? (
        'receipt'
      ) : (
        <button type="button" className="link" data-testid="receipt" onClick={() => show({ dialog: 'receipt' })}>
          receipt #{stop.receipt.tripId}: {stop.receipt.complete ? `complete in ${measured(stop.receipt.verifiedEmptyMs)}` : 'not complete'}
        </button>
      )}
    </li>
  </ol>
);

const CoolDown = ({ untilMs }: { readonly untilMs: number }) => {
  const nowMs = useNowMs();
  return (
    <p className="stop-cool" data-testid="cool-down">
      Cool-down <span className="num">{countdown(untilMs - nowMs)}</span>, no openings until {clockTime(untilMs)} UTC
    </p>
  );
};

const Hotkey = () => {
  const hotkey = useReplica((replica) => replica.view.safety.hotkey);
  const [asking, setAsking] = useState(false);
  const prove = async () => {
    setAsking(true);
    const answer = await call('proveHotkey', {});
    setAsking(false);
    const problem = failureText(answer);
    if (problem !== undefined) tell('danger', problem);
  };
  if (hotkey === undefined)
    return (
      <p className="hotkey muted" data-testid="hotkey-status">
        hotkey: not known yet
      </p>
    );
  const proving = hotkey.status === 'PROVING';
  return (
    <div className="hotkey">
      <p data-testid="hotkey-status" title={hotkey.text}>
        {proving ? (
          <strong className="warn">Press {hotkey.accelerator} now</strong>
        ) : (
          <>
            <kbd>{hotkey.accelerator}</kbd>{' '}
            <strong className={hotkey.status === 'ARMED' ? 'good' : 'bad'}>{hotkey.status.replace('_', ' ')}</strong>
          </>
        )}
        {hotkey.status === 'NOT_ARMED' && <span className="hotkey-why">{hotkey.text}</span>}
      </p>
      <button
        type="button"
        className="button button-small"
        data-testid="hotkey-prove"
        disabled={asking || proving}
        onClick={() => void prove()}
        title="Asks for one real press; it does not stop anything."
      >
        {proving ? 'Waiting' : 'Prove'}
      </button>
    </div>
  );
};

export const StopControl = () => {
  const stop = useReplica(useShallow((replica) => replica.view.safety.stop));
  const [pressed, setPressed] = useState(false);
  const phase = stop?.phase;
  const press = async () => {
    setPressed(true);
    await stopNow();
    setPressed(false);
  };
  const tripped = phase === 'TRIPPED';
  return (
    <section className="stop" aria-label="Emergency stop" data-phase={phase ?? 'unknown'}>
      <button type="button" className="stop-button" data-testid="stop-button" onClick={() => void press()}>
        <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
          <rect x="2.5" y="2.5" width="11" height="11" rx="1" fill="currentColor" />
        </svg>
        {pressed && !tripped ? 'STOPPING' : tripped ? `STOPPED #${stop?.tripId ?? ''}` : 'STOP'}
        <span className="visually-hidden">{tripped ? 'Press to stop again' : 'Cancel everything and forbid trading'}</span>
      </button>
      {stop !== undefined && tripped && (
        <>
          <Steps stop={stop} />
          <div className="stop-after">
            <span className="muted">
              by {stop.trigger ?? 'unknown'}
              {stop.trippedAtMs === null ? '' : ` at ${clockTime(stop.trippedAtMs)}`}
            </span>
            <button type="button" className="button button-small" data-testid="reset-open" onClick={() => show({ dialog: 'reset' })}>
              Reset…
            </button>
          </div>
        </>
      )}
      {phase === 'COOLING_DOWN' && stop?.coolDownUntilMs != null && <CoolDown untilMs={stop.coolDownUntilMs} />}
      <Hotkey />
    </section>
  );
};
