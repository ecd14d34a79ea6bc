// What happened, in sentences, newest first: facts of the journal, denials and alarms included.
import { useMemo } from 'react';
import type { LogLine } from '../../../src-shared/contract/view.ts';
import { Icon } from '../../components/icon.tsx';
import type { IconName } from '../../components/icon.tsx';
import { Table } from '../../components/table.tsx';
import type { Column } from '../../components/table.tsx';
import { clockTime } from '../../components/time.ts';
import { useReplica } from '../../replica/replica.ts';

const SIGN: Readonly<Record<LogLine['severity'], { readonly icon: IconName | null; readonly colour: string; readonly word: string }>> = {
  info: { icon: null, colour: '', word: '' },
  good: { icon: 'check', colour: 'good', word: 'good: ' },
  warning: { icon: 'warning', colour: 'warn', word: 'warning: ' },
  danger: { icon: 'cross', colour: 'bad', word: 'danger: ' },
};

/** A sentence with the sign and colour of how much it matters. */
export const Said = ({ severity, text, title = text }: Pick<LogLine, 'severity' | 'text'> & { readonly title?: string }) => {
  const sign = SIGN[severity];
  return (
    <span className={sign.colour} title={title}>
      {sign.icon !== null && <Icon name={sign.icon} />} <span className="visually-hidden">{sign.word}</span>
      {text}
    </span>
  );
};

const COLUMNS: readonly Column<LogLine>[] = [
  { id: 'seq', title: 'fact', width: '52px', align: 'right', cell: ({ seq }) => <span className="num muted">{seq}</span> },
  { id: 'time', title: 'time (UTC)', width: '66px', cell: ({ atMs }) => <span className="num muted">{clockTime(atMs)}</span> },
  {
    id: 'text',
    title: 'what happened',
    width: 'minmax(300px, 1fr)',
    cell: ({ severity, text }) => <Said severity={severity} text={text} />,
  },
];

export const LogTable = () => {
  const log = useReplica(({ view }) => view.log);
  const rows = useMemo(() => Object.values(log).toSorted((a, b) => b.seq - a.seq), [log]);
  return (
    <Table
      label="Log"
      testId="log"
      rows={rows}
      columns={COLUMNS}
      keyOf={({ seq }) => String(seq)}
      minWidthPx={480}
      empty={
        <>
          <strong>Nothing to tell</strong>
          The journal’s newest 200 facts appear here as they happen.
        </>
      }
    />
  );
};
