// The circuit breaker on the command line: where each threshold stands, and the reset by a person (REQUIREMENTS D, E1).
import type { AutoTripView, BreakerView } from '../../src-shared/contract/view.ts';
import { BREAKER_RULES } from '../../src-shared/domain/breaker.ts';
import type { ControlClient } from './client.ts';
import { EXIT, type Outcome } from './outcome.ts';
import { replicaOf } from './replica.ts';
import { badInput, valueOf } from './session.ts';
import { list, printable, table, timeText } from './table.ts';

type Counter = BreakerView['counters'][number] | AutoTripView['counters'][number];

const counterTable = (title: string, counters: readonly Counter[]): string =>
  table(
    counters,
    [
      { title, of: (row) => row.title },
      { title: 'NOW', of: (row) => row.value ?? 'unknown', right: true },
      { title: 'LIMIT', of: (row) => row.limit, right: true },
      { title: 'UNIT', of: (row) => row.unit },
      { title: '', of: (row) => row.text },
    ],
    '',
  );

export const breakerText = ({ phase, breach, openedAtMs, probeAtMs, counters }: BreakerView): string =>
  [
    list([
      ['breaker', phase],
      ['opened by', breach && `${breach.rule} at ${timeText(openedAtMs)}: ${printable(breach.text)}`],
      ['probe', probeAtMs === null ? null : `one order may open from ${timeText(probeAtMs)} on`],
    ]),
    counterTable('BREAKER', counters),
  ]
    .filter((part) => part !== '')
    .join('\n');

export const autoTripText = ({ counters }: AutoTripView): string => counterTable('STOP TRIPS BY ITSELF', counters);

/** `rule` true: what stands now is read back for the person, and named in the answer. */
export const resetBreaker = async (client: ControlClient, why: string, rule: string | true): Promise<Outcome> => {
  const named = rule === true ? ((await replicaOf(client)).now().view.safety.breaker?.breach?.rule ?? null) : rule;
  if (named === null)
    return { failure: { exit: EXIT.refused, code: 'REFUSED', text: 'The circuit breaker is closed: there is nothing to reset.' } };
  const readBackRule = BREAKER_RULES.find((one) => one === named);
  if (readBackRule === undefined) throw badInput(`--breaker takes one of ${BREAKER_RULES.join(', ')}; "${named}" is none.`);
  const value = valueOf(await client.call('resetBreaker', { why, readBackRule }));
  return { value, text: `The circuit breaker is closed (${value.rule}). What broke is measured anew from now on.` };
};
