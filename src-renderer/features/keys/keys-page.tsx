// API keys, write-only (REQUIREMENTS N1): they go in and never come back; only a hint of the public part is shown. What was typed
// leaves this page's memory as soon as it was handed over.
import { useEffect, useState } from 'react';
import type { FormEvent } from 'react';
import type { CallResult, KeyStatus } from '../../../src-shared/contract/contract.ts';
import { call, failureText } from '../../bridge/bridge.ts';
import { KillSwitchCard } from './kill-switch-card.tsx';
import './keys.css';

type KeyMode = KeyStatus['mode'];
const WHERE: Readonly<Record<KeyStatus['stored'], string>> = {
  keychain: 'in the operating system’s keychain',
  session: 'in memory, for this session only',
  none: 'no key stored',
};
interface Said {
  readonly good: boolean;
  readonly text: string;
}
const saidOf = (answer: CallResult<unknown>, good: string): Said => ({ good: answer.ok, text: failureText(answer) ?? good });

const KeyForm = ({ mode, onSet }: { readonly mode: KeyMode; readonly onSet: (answer: CallResult<KeyStatus>) => void }) => {
  const [apiKey, setApiKey] = useState('');
  const [secret, setSecret] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const answer = await call('setKey', { mode, apiKey, secret });
    setApiKey('');
    setSecret('');
    setBusy(false);
    onSet(answer);
  };
  return (
    <form className="form" autoComplete="off" onSubmit={(event) => void submit(event)}>
      <label>
        <span className="label">API key</span>
        <input
          className="field num"
          data-testid={`key-api-${mode}`}
          required
          maxLength={256}
          autoComplete="off"
          spellCheck={false}
          value={apiKey}
          onChange={(event) => setApiKey(event.target.value)}
        />
      </label>
      <label>
        <span className="label">Secret, or a private key in PEM (Ed25519, RSA)</span>
        <textarea
          className="field num keys-secret"
          data-testid={`key-secret-${mode}`}
          required
          maxLength={8192}
          rows={3}
          autoComplete="off"
          spellCheck={false}
          value={secret}
          onChange={(event) => setSecret(event.target.value)}
        />
      </label>
      <div className="dialog-actions">
        <button type="submit" className="button" data-testid={`key-set-${mode}`} disabled={busy}>
          {busy ? 'Storing' : 'Store'}
        </button>
      </div>
    </form>
  );
};

const KeyCard = ({ status, onChange }: { readonly status: KeyStatus; readonly onChange: (status: KeyStatus) => void }) => {
  const [said, setSaid] = useState<Said>();
  const [busy, setBusy] = useState(false);
  const changed = (answer: CallResult<KeyStatus>, good: string) => {
    setSaid(saidOf(answer, good));
    if (answer.ok) onChange(answer.value);
  };
  const act = async (run: () => Promise<void>) => {
    setBusy(true);
    await run();
    setBusy(false);
  };
  const { mode, stored } = status;
  return (
    <section className="key-card" data-mode={mode} data-testid={`key-card-${mode}`} aria-label={`${mode} key`}>
      <h2 className="mode-word">{mode.toUpperCase()}</h2>
      <p>
        {stored === 'none' ? 'No key stored.' : `${status.kind ?? ''} key ${status.hint ?? ''}, ${WHERE[stored]}.`}
        {mode === 'mainnet' && stored !== 'keychain' && <span className="muted"> Mainnet takes a key from the keychain only.</span>}
      </p>
      {stored !== 'none' && (
        <div className="key-acts">
          <button
            type="button"
            className="button"
            disabled={busy}
            onClick={() =>
              void act(async () => {
                const answer = await call('testKey', { mode });
                setSaid(saidOf(answer, answer.ok ? answer.value.text : ''));
              })
            }
          >
            Test
          </button>
          <button
            type="button"
            className="button button-danger"
            disabled={busy}
            onClick={() => void act(async () => changed(await call('deleteKey', { mode }), 'The key is deleted.'))}
          >
            Delete
          </button>
        </div>
      )}
      <KeyForm mode={mode} onSet={(answer) => changed(answer, 'Stored. It cannot be read back here.')} />
      {said !== undefined && (
        <p className={`said ${said.good ? 'said-good' : ''}`} role="status">
          {said.text}
        </p>
      )}
    </section>
  );
};

export const KeysPage = () => {
  const [keys, setKeys] = useState<readonly KeyStatus[]>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    void call('keyStatus', {}).then((answer) => {
      setProblem(failureText(answer));
      if (answer.ok) setKeys(answer.value);
    });
  }, []);
  const keychain = keys?.[0]?.keychain;
  return (
    <div className="page-scroll">
      <h1 className="page-title">Keys</h1>
      <p className="muted">
        Practice needs no key. Keys go into the keychain and never come back to this window; give them trading permission and no withdrawal.
      </p>
      {problem !== undefined && (
        <p className="said" role="alert">
          {problem}
        </p>
      )}
      {keys === undefined && problem === undefined && <p className="muted">Asking the keychain.</p>}
      {keychain !== undefined && <p className={`said key-chain ${keychain.available ? 'said-good' : ''}`}>{keychain.text}</p>}
      <div className="key-cards">
        {keys?.map((status) => (
          <KeyCard
            key={status.mode}
            status={status}
            onChange={(next) => setKeys(keys.map((each) => (each.mode === next.mode ? next : each)))}
          />
        ))}
        <KillSwitchCard />
      </div>
    </div>
  );
};
