// The journal's newest facts, the proof that its chain holds, and the last stop's receipt.
import { useState } from 'react';
import { call, failureText } from '../../bridge/bridge.ts';
import { useReplica } from '../../replica/replica.ts';
import { LogTable } from '../blotter/log-table.tsx';
import { Receipt } from '../stop/receipt.tsx';
import './journal.css';

const Verify = () => {
  const [said, setSaid] = useState<{ readonly good: boolean; readonly text: string }>();
  const [busy, setBusy] = useState(false);
  const verify = async () => {
    setBusy(true);
    const answer = await call('verifyJournal', {});
    setBusy(false);
    setSaid(
      answer.ok
        ? { good: true, text: `${answer.value.text} Head ${answer.value.headHash.slice(0, 16)}…` }
        : { good: false, text: failureText(answer) ?? '' },
    );
  };
  return (
    <>
      <button type="button" className="button" data-testid="journal-verify" disabled={busy} onClick={() => void verify()}>
        {busy ? 'Verifying the chain' : 'Verify the chain'}
      </button>
      {said !== undefined && (
        <p className={`said ${said.good ? 'said-good' : ''}`} role="status">
          {said.text}
        </p>
      )}
    </>
  );
};

export const JournalPage = () => {
  const [onlyNotable, setOnlyNotable] = useState(false);
  const receipt = useReplica(({ view }) => view.safety.stop?.receipt ?? null);
  const seq = useReplica((replica) => replica.seq);
  return (
    <div className="journal">
      <header className="journal-head">
        <div>
          <h1 className="page-title">Journal</h1>
          <p className="muted">
            Every decision and what came of it, hash-chained. Newest fact: <span className="num">{seq}</span>.
          </p>
        </div>
        <span className="spread" />
        <label className="ticket-check">
          <input type="checkbox" checked={onlyNotable} onChange={(event) => setOnlyNotable(event.target.checked)} />
          Notable only
        </label>
        <Verify />
      </header>
      <div className="journal-log">
        <LogTable onlyNotable={onlyNotable} />
      </div>
      {receipt !== null && (
        <section className="journal-receipt" aria-label="Last emergency stop" tabIndex={0}>
          <h2>Last emergency stop</h2>
          <Receipt receipt={receipt} />
        </section>
      )}
    </div>
  );
};
