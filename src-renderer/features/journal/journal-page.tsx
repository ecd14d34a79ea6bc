// Every fact of the journal, the proof that its chain holds, the console replayed at any of them, and the last stop's receipt.
import { useEffect, useMemo, useState } from 'react';
import type { JournalEntry } from '../../../src-shared/contract/journal.ts';
import { call, failureText } from '../../bridge/bridge.ts';
import { Table } from '../../components/table.tsx';
import type { Column } from '../../components/table.tsx';
import { dateTime } from '../../components/time.ts';
import { useReplica } from '../../replica/replica.ts';
import { Said } from '../blotter/log-table.tsx';
import { Receipt } from '../stop/receipt.tsx';
import { fetchNewer, fetchOlder, matching, usePages } from './pages.ts';
import { Replay } from './replay.tsx';
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

const COLUMNS: readonly Column<JournalEntry>[] = [
  { id: 'seq', title: 'fact', width: '64px', align: 'right', cell: ({ seq }) => <span className="num muted">{seq}</span> },
  { id: 'time', title: 'time (UTC)', width: '140px', cell: ({ atMs }) => <span className="num muted">{dateTime(atMs)}</span> },
  { id: 'kind', title: 'kind', width: '140px', cell: ({ kind }) => <span className="muted">{kind}</span> },
  {
    id: 'text',
    title: 'what happened',
    width: 'minmax(300px, 1fr)',
    cell: ({ severity, text, json }) => <Said severity={severity} text={text} title={json} />,
  },
];

const Facts = ({ wanted, onlyNotable }: { readonly wanted: string; readonly onlyNotable: boolean }) => {
  const { entries, busy } = usePages();
  const rows = useMemo(() => matching(entries, wanted, onlyNotable), [entries, wanted, onlyNotable]);
  const oldest = entries.at(-1)?.seq ?? 1;
  return (
    <>
      <div className="journal-log">
        <Table
          label="Facts"
          testId="journal-facts"
          rows={rows}
          columns={COLUMNS}
          keyOf={({ seq }) => String(seq)}
          minWidthPx={720}
          empty={
            <>
              <strong>{entries.length === 0 ? 'No fact was read yet' : 'None of the facts read so far fits'}</strong>
              {oldest > 1 ? 'Older ones can be read below.' : 'What is decided and what came of it stands here.'}
            </>
          }
        />
      </div>
      {/* What acts stands at the right: notices lie over the left. */}
      <p className="journal-foot">
        <span className="muted">Export: holdfast journal export --format csv --out trades.csv</span>
        <span className="spread" />
        <span className="muted num">
          {rows.length} of {entries.length} read, back to fact {oldest}
        </span>
        <button
          type="button"
          className="button button-small"
          data-testid="journal-older"
          disabled={busy || oldest <= 1}
          onClick={() => void fetchOlder()}
        >
          {oldest <= 1 ? 'All are read' : busy ? 'Reading' : 'Read older'}
        </button>
      </p>
    </>
  );
};

export const JournalPage = () => {
  const [onlyNotable, setOnlyNotable] = useState(false);
  const [wanted, setWanted] = useState('');
  const [replaying, setReplaying] = useState(false);
  const receipt = useReplica(({ view }) => view.safety.stop?.receipt ?? null);
  const seq = useReplica((replica) => replica.seq);
  const journal = useReplica(({ view }) => `${view.status.console?.mode} ${view.status.console?.account}`);
  const headSeq = usePages((pages) => pages.headSeq);
  useEffect(() => {
    void fetchNewer(journal, seq);
  }, [seq, journal]);
  return (
    <div className="journal">
      <header className="journal-head">
        <div>
          <h1 className="page-title">Journal</h1>
          <p className="muted">
            Every decision and what came of it, hash-chained. Newest fact: <span className="num">{seq}</span>.
          </p>
        </div>
        <input
          className="field journal-search"
          type="search"
          placeholder="BTCUSDT filled"
          aria-label="Find in the facts: every word must be there"
          data-testid="journal-search"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
        <label className="ticket-check">
          <input type="checkbox" checked={onlyNotable} onChange={(event) => setOnlyNotable(event.target.checked)} />
          Notable only
        </label>
        <span className="spread" />
        <button
          type="button"
          className="button"
          data-testid="journal-replay"
          disabled={headSeq === 0}
          onClick={() => setReplaying(!replaying)}
        >
          Replay
        </button>
        <Verify />
      </header>
      {replaying ? (
        <Replay key={journal} headSeq={headSeq} onClose={() => setReplaying(false)} />
      ) : (
        <Facts wanted={wanted} onlyNotable={onlyNotable} />
      )}
      {receipt !== null && !replaying && (
        <section className="journal-receipt" aria-label="Last emergency stop" tabIndex={0}>
          <h2>Last emergency stop</h2>
          <Receipt receipt={receipt} />
        </section>
      )}
    </div>
  );
};
