// Switching the money at stake (REQUIREMENTS A1, A2). The window only asks: main knows the conditions and says which one is missing.
import { useState } from 'react';
import { MODES } from '../../../src-shared/domain/mode.ts';
import type { Mode } from '../../../src-shared/domain/mode.ts';
import { call, failureText } from '../../bridge/bridge.ts';
import { Dialog } from '../../components/dialog.tsx';
import { useLive, useReplica } from '../../replica/replica.ts';
import { show, tell } from './screen.ts';

const WORDS: Readonly<Record<Mode, string>> = {
  practice: 'The embedded exchange: invented money, the same rules.',
  testnet: 'Binance’s test network, with a testnet key from the keychain.',
  mainnet: 'Real money. Needs every condition of the rollout ladder, and these words typed: TRADE REAL MONEY.',
};

export const ModeDialog = () => {
  const now = useReplica((replica) => replica.view.status.console?.mode);
  const live = useLive();
  const [confirmation, setConfirmation] = useState('');
  const [problem, setProblem] = useState<string>();
  const [asking, setAsking] = useState(false);
  const switchTo = async (mode: Mode) => {
    setAsking(true);
    const answer = await call('switchMode', { mode, confirmation });
    setAsking(false);
    setProblem(failureText(answer));
    if (!answer.ok) return;
    tell('good', answer.value.text);
    show({ dialog: null });
  };
  return (
    <Dialog title="Mode" onClose={() => show({ dialog: null })} testId="mode-dialog">
      <p className="muted">Switching needs no open orders and restarts the engine. Journals are kept apart by mode and account.</p>
      <ul className="modes">
        {MODES.map((mode) => (
          <li key={mode} data-mode={mode}>
            <div>
              <strong className="mode-word">{mode.toUpperCase()}</strong>
              <p className="muted">{WORDS[mode]}</p>
            </div>
            {mode === now ? (
              <span className="muted">in use</span>
            ) : (
              <button type="button" className="button" disabled={!live || asking} onClick={() => void switchTo(mode)}>
                Switch
              </button>
            )}
          </li>
        ))}
      </ul>
      <label>
        <span className="label">Typed confirmation, for mainnet</span>
        <input className="field" value={confirmation} autoComplete="off" onChange={(event) => setConfirmation(event.target.value)} />
      </label>
      {problem !== undefined && (
        <p className="said" role="alert">
          {problem}
        </p>
      )}
    </Dialog>
  );
};
