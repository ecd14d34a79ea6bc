// `npm run bench`: every number of REQUIREMENTS R side by side in one run, with its target; `--json` prints the same for a program. It
// ends with 0 whatever the numbers say: a shared machine must not turn a build red.
import { cpus } from 'node:os';
import { benchFlatness } from './flatness.ts';
import { benchGate } from './gate.ts';
import { atLeast, atMost, shown, type Row } from './numbers.ts';
import { benchOrderPath } from './order-path.ts';
import { benchReconcile } from './reconcile.ts';
import { benchReports } from './reports.ts';
import { FULL, type Sizes } from './sizes.ts';
import { benchStart } from './start.ts';
import { benchStop } from './stop.ts';
import { RECEIPT_DUE_MS, runStopCase, STOP_CASES } from './stop-faults.ts';

/** A flat cost may differ by what caches and noise do; growing with the count would make it hundreds. */
const FLAT_RATIO = 2;

const ms = (value: number): string => shown(value, 'ms');
const us = (value: number): string => shown(value, 'µs');
const perSecond = (value: number): string => shown(value, '/s');
const times = (value: number): string => `${shown(value, '')} ×`;

const orderPath = async (sizes: Sizes): Promise<Row[]> => {
  const { ours, ccxt } = await benchOrderPath(sizes.orderPath);
  const row = (what: string, our: number, their: number, target: string, hasTarget: boolean): Row => {
    const measured = our / their;
    return { what, ours: ms(our), against: ms(their), measured, target, verdict: hasTarget ? atMost(measured, 1) : null };
  };
  const target = '≤ 1.00 ×';
  return [
    row(
      'order: decision to socket (journaled), to ccxt createOrder whole, median',
      ours.toSocketMs.median,
      ccxt.acceptedMs.median,
      target,
      true,
    ),
    row('order: decision to socket (journaled), to ccxt createOrder whole, p99', ours.toSocketMs.p99, ccxt.acceptedMs.p99, target, true),
    row('order: decision to socket (journaled), to ccxt call to socket, median', ours.toSocketMs.median, ccxt.toSocketMs.median, '', false),
    row(
      'order: decision to accepted (journaled), to ccxt createOrder whole, median',
      ours.acceptedMs.median,
      ccxt.acceptedMs.median,
      '',
      false,
    ),
    row('order: decision to accepted (journaled), to ccxt createOrder whole, p99', ours.acceptedMs.p99, ccxt.acceptedMs.p99, '', false),
  ];
};

const gate = (): Row[] => {
  const { checksPerSecond, p99Us } = benchGate();
  return [
    {
      what: 'gate: checks a second',
      ours: perSecond(checksPerSecond),
      against: '',
      measured: checksPerSecond,
      target: '≥ 200 000 /s',
      verdict: atLeast(checksPerSecond, 200_000),
    },
    { what: 'gate: one check, p99', ours: us(p99Us), against: '', measured: p99Us, target: '< 20 µs', verdict: atMost(p99Us, 20) },
  ];
};

const reports = async (sizes: Sizes): Promise<Row[]> => {
  const { oursPerSecond, ccxtPerSecond, reports: sent, oursLost, ccxtLost } = await benchReports(sizes.reports);
  const ratio = oursPerSecond / ccxtPerSecond;
  return [
    {
      what: 'execution reports: socket to journaled state, to ccxt watchOrders',
      ours: perSecond(oursPerSecond),
      against: perSecond(ccxtPerSecond),
      measured: ratio,
      target: '≥ 2.00 ×',
      verdict: atLeast(ratio, 2),
    },
    {
      what: `execution reports: lost of ${sent} (ccxt: ${ccxtLost})`,
      ours: String(oursLost),
      against: '',
      measured: oursLost,
      target: '0',
      verdict: atMost(oursLost, 0),
    },
  ];
};

const stop = async (sizes: Sizes): Promise<Row[]> => {
  const { symbols, ordersEach, roundTripMs } = sizes.stop;
  const { onWireMs, acknowledgedMs, verifiedEmptyMs, ccxtLoopMs, floorMs } = await benchStop(sizes.stop);
  const what = `stop of ${symbols * ordersEach} orders on ${symbols} symbols at ${roundTripMs} ms`;
  const faster = ccxtLoopMs / acknowledgedMs;
  const overFloor = acknowledgedMs / floorMs;
  return [
    {
      what: `${what}: every cancel on the wire`,
      ours: ms(onWireMs),
      against: '',
      measured: onWireMs,
      target: '< 10 ms',
      verdict: atMost(onWireMs, 10),
    },
    {
      what: `${what}: all acknowledged`,
      ours: ms(acknowledgedMs),
      against: '',
      measured: acknowledgedMs,
      target: '< 150 ms',
      verdict: atMost(acknowledgedMs, 150),
    },
    {
      what: `${what}: verified empty`,
      ours: ms(verifiedEmptyMs),
      against: '',
      measured: verifiedEmptyMs,
      target: '< 500 ms',
      verdict: atMost(verifiedEmptyMs, 500),
    },
    {
      what: `${what}: faster than a ccxt loop`,
      ours: ms(acknowledgedMs),
      against: ms(ccxtLoopMs),
      measured: faster,
      target: '≥ 50 ×',
      verdict: atLeast(faster, 50),
    },
    {
      what: `${what}: to the physical floor`,
      ours: ms(acknowledgedMs),
      against: ms(floorMs),
      measured: overFloor,
      target: '≤ 1.50 ×',
      verdict: atMost(overFloor, 1.5),
    },
  ];
};

/** E3 in foul weather: when the first receipt says who is cancelled and who may not be, and when nothing is left, the fault included. */
const stopUnderFaults = async (): Promise<Row[]> => {
  const rows: Row[] = [];
  for (const each of STOP_CASES) {
    const { name, onWireMs, receiptMs, first, unnamed, provenMs, proof } = await runStopCase(each);
    const wire = onWireMs === null ? 'never' : ms(onWireMs);
    rows.push({
      what: `stop, ${name}: receipt (${first.complete ? 'complete' : 'survivors named'}; wire ${wire}, proven ${ms(provenMs)})`,
      ours: ms(receiptMs),
      against: '',
      measured: receiptMs,
      target: '< 5 000 ms',
      verdict: unnamed.length > 0 || !proof.complete ? 'short' : atMost(receiptMs, RECEIPT_DUE_MS),
    });
  }
  return rows;
};

const start = async (sizes: Sizes): Promise<Row[]> => {
  const measured = await benchStart(sizes.start);
  const { coldStartMs, rssMb, monthStartMs, monthRssMb, replayPerSecond, evolvePerSecond } = measured;
  const { snapshotStartMs, largeStartMs, snapshotPauseMs } = measured;
  const large = `${(sizes.start.facts / 1e6).toLocaleString('en')} M facts`;
  const memory = (what: string, value: number | null): Row[] =>
    value === null
      ? []
      : [{ what, ours: shown(value, 'MB'), against: '', measured: value, target: '≤ 250 MB', verdict: atMost(value, 250) }];
  return [
    {
      what: 'cold start to armed',
      ours: ms(coldStartMs),
      against: '',
      measured: coldStartMs,
      target: '≤ 2 000 ms',
      verdict: atMost(coldStartMs, 2000),
    },
    { what: 'start on a month of trading', ours: ms(monthStartMs), against: '', measured: monthStartMs, target: '', verdict: null },
    ...memory('memory of the process, its practice exchange included', rssMb),
    ...memory('the same after a month of trading', monthRssMb),
    {
      what: `start on ${large}: disk to state, by snapshot`,
      ours: ms(snapshotStartMs),
      against: '',
      measured: snapshotStartMs,
      target: '≤ 1 000 ms',
      verdict: atMost(snapshotStartMs, 1000),
    },
    {
      what: `start on ${large}: the whole console, by snapshot`,
      ours: ms(largeStartMs),
      against: '',
      measured: largeStartMs,
      target: '',
      verdict: null,
    },
    {
      what: 'snapshot: the longest that decisions stand still while one is made',
      ours: ms(snapshotPauseMs),
      against: '',
      measured: snapshotPauseMs,
      target: '',
      verdict: null,
    },
    {
      what: 'replay: disk to state, every hash checked',
      ours: perSecond(replayPerSecond),
      against: '',
      measured: replayPerSecond,
      target: '≥ 300 000 /s',
      verdict: atLeast(replayPerSecond, 300_000),
    },
    {
      what: 'replay: facts to state alone',
      ours: perSecond(evolvePerSecond),
      against: '',
      measured: evolvePerSecond,
      target: '',
      verdict: null,
    },
  ];
};

const reconcile = async (sizes: Sizes): Promise<Row[]> => {
  const { orders, adoptMs, compareMs, decideMs, ccxtMs } = await benchReconcile(sizes.reconcile);
  const plain = (what: string, value: number, against = '', measured = value): Row => ({
    what: `books with ${orders} open orders: ${what}`,
    ours: ms(value),
    against,
    measured,
    target: '',
    verdict: null,
  });
  return [
    plain('question to fact, to the same questions through ccxt', compareMs, ms(ccxtMs), compareMs / ccxtMs),
    plain('the engine decides on nothing else for', decideMs),
    plain('all of them adopted as foreign', adoptMs),
  ];
};

const flatness = (sizes: Sizes): Row[] => {
  const { fewOrders, manyOrders, manySymbols, fewFacts, manyFacts } = sizes.flatness;
  const result = benchFlatness(sizes.flatness);
  const row = (what: string, many: number, few: number): Row => {
    const measured = many / few;
    return {
      what: `cost of an order, ${what}`,
      ours: us(many),
      against: us(few),
      measured,
      target: `≤ ${FLAT_RATIO} ×`,
      verdict: atMost(measured, FLAT_RATIO),
    };
  };
  return [
    row(`${manyOrders} open orders to ${fewOrders}`, result.manyOrdersUs, result.fewOrdersUs),
    row(`${manySymbols} symbols to 1`, result.manySymbolsUs, result.oneSymbolUs),
    row(`${manyFacts} facts to ${fewFacts}`, result.manyFactsUs, result.fewFactsUs),
  ];
};

const table = (rows: readonly Row[]): string => {
  const ratio = ({ against, measured }: Row): string => (against === '' ? '' : times(measured));
  const cells = rows.map((row) => [row.what, row.ours, row.against, ratio(row), row.target, row.verdict ?? '']);
  const all = [['what', 'Holdfast', 'against', 'ratio', 'target', 'verdict'], ...cells];
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...all.map((cell) => (cell[column] ?? '').length)));
  const line = (cell: readonly string[]): string => `| ${cell.map((value, column) => value.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(all[0] ?? []), rule, ...cells.map(line)].join('\n');
};

const main = async (args: readonly string[]): Promise<void> => {
  const unknown = args.filter((arg) => arg !== '--json' && arg !== '--');
  if (unknown.length > 0) throw new Error(`unknown option ${unknown.join(' ')}; known: --json`);
  const rows: Row[] = [];
  const parts = [
    ['order path', () => orderPath(FULL)],
    ['gate', () => Promise.resolve(gate())],
    ['execution reports', () => reports(FULL)],
    ['emergency stop', () => stop(FULL)],
    ['emergency stop under faults', stopUnderFaults],
    ['start, memory, replay', () => start(FULL)],
    ['reconciliation', () => reconcile(FULL)],
    ['flatness', () => Promise.resolve(flatness(FULL))],
  ] as const;
  for (const [name, measure] of parts) {
    process.stderr.write(`bench: ${name}\n`);
    rows.push(...(await measure()));
  }
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, platform: process.platform };
  if (args.includes('--json')) process.stdout.write(`${JSON.stringify({ machine, rows })}\n`);
  else process.stdout.write(`Node ${machine.node}, ${machine.cores} cores, ${machine.cpu}\n\n${table(rows)}\n`);
};

await main(process.argv.slice(2));
