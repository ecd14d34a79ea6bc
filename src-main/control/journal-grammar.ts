// The journal's commands: verify, export, replay. What needs the database or the engine is loaded by the command that needs it.
import type { Command } from 'commander';
import type { ControlClient } from './client.ts';
import { EXIT, type Outcome } from './outcome.ts';
import { badInput, LONG_CALL_TIMEOUT_MS, overSocket, valueOf, withCommon, withConsole, type Common, type Session } from './session.ts';

export const journalCommands = (program: Command, session: Session): void => {
  const journal = program.command('journal').description('the journal: every fact there is, chained by hashes');
  verifyCommand(journal, session);
  exportCommand(journal, session);
  replayCommand(journal, session);
};

const verifyCommand = (journal: Command, session: Session): void => {
  const verify = withCommon(journal.command('verify'))
    .description("follow the journal's hash chain: the running console's, or a file that no console has open")
    .option('--file <path>', 'a journal file');
  verify.action(async () => {
    const options = verify.opts<Common & { file?: string }>();
    const { file } = options;
    const outcome = file === undefined ? overSocket(session, options.home, verifyRunning) : verifyFile(file);
    session.finish(await outcome, options.json === true);
  });
};

const verifyRunning = async (client: ControlClient): Promise<Outcome> => {
  const value = valueOf(await client.call('verifyJournal', {}, LONG_CALL_TIMEOUT_MS));
  return { value, text: `${value.text}\nhead ${value.headHash}` };
};

const verifyFile = async (path: string): Promise<Outcome> => {
  const { verifyJournal } = await import('../journal/verify.ts');
  const result = verifyJournal(path);
  if (!result.ok) return { failure: { exit: EXIT.refused, code: 'UNAVAILABLE', text: result.error.text } };
  const seen: Outcome = { value: result.value, text: `${result.value.text}\nhead ${result.value.headHash}` };
  return result.value.verdict === 'whole'
    ? seen
    : { ...seen, failure: { exit: EXIT.refused, code: 'REFUSED', text: 'The journal is not whole.' } };
};

interface ExportOptions extends Common {
  readonly format: string;
  readonly from?: string;
  readonly to?: string;
  readonly out?: string;
  readonly file?: string;
}

const exportCommand = (journal: Command, session: Session): void => {
  const command = withCommon(journal.command('export'))
    .description('every fact as JSON lines, or every trade as CSV with fees, cost basis and profit (average cost)')
    .requiredOption('--format <format>', 'jsonl (facts) or csv (trades)')
    .option('--from <time>', 'only what is not before this time (UTC), as 2026-01-31 or 2026-01-31T12:00:00Z')
    .option('--to <time>', 'only what is before this time (UTC); a day means its end')
    .option('--out <path>', 'a file; without it the export is standard output')
    .option('--file <path>', "a journal file that no console has open, instead of the running console's");
  command.action(async () => {
    const options = command.opts<ExportOptions>();
    const { home, file } = options;
    const outcome =
      file === undefined ? overSocket(session, home, (client) => exported(session, options, client)) : exported(session, options);
    session.finish(await outcome, options.json === true);
  });
};

const exported = async (
  { terminal }: Session,
  { format, from, to, out, file = '' }: ExportOptions,
  client?: ControlClient,
): Promise<Outcome> => {
  if (format !== 'jsonl' && format !== 'csv') throw badInput(`--format takes jsonl or csv; "${format}" is neither.`);
  const wish = { format, fromMs: timeOf('--from', from, false) ?? -Infinity, toMs: timeOf('--to', to, true) ?? Infinity } as const;
  const [{ chained, rowsOfConsole, rowsOfFile }, { writeExport, writeExportFile }] = await Promise.all([
    import('./journal-rows.ts'),
    import('./journal-export.ts'),
  ]);
  const pages = chained(client === undefined ? rowsOfFile(file) : rowsOfConsole(client));
  if (out === undefined) {
    await writeExport(pages, wish, terminal.stdout);
    return {};
  }
  const lines = await writeExportFile(pages, wish, out);
  return { value: { path: out, lines }, text: `${lines} ${format === 'csv' ? 'trades' : 'facts'} written to ${out}` };
};

const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z?$/;

/** A time as typed, in UTC. `isEnd`: of a plain day its end is meant. */
const timeOf = (option: string, text: string | undefined, isEnd: boolean): number | undefined => {
  if (text === undefined) return undefined;
  const isDay = DAY.test(text);
  const atMs = isDay || INSTANT.test(text) ? Date.parse(isDay || text.endsWith('Z') ? text : `${text}Z`) : Number.NaN;
  if (Number.isNaN(atMs)) throw badInput(`${option} takes a time in UTC, as 2026-01-31 or 2026-01-31T12:00:00Z; "${text}" is none.`);
  return isDay && isEnd ? atMs + DAY_MS : atMs;
};

interface ReplayOptions extends Common {
  readonly at?: string;
  readonly until?: string;
  readonly step?: true;
}

const replayCommand = (journal: Command, session: Session): void => {
  const command = journal
    .command('replay')
    .description('the console as it stood: orders, positions, balances, stop. Read-only')
    .option('--at <seq>', 'after this fact')
    .option('--until <time>', 'at this time (UTC); with neither, at the newest fact')
    .option('--step', 'walk from fact to fact: Enter goes on, "q" ends');
  withConsole<ReplayOptions>(session, command, async (client, { at, until, step }) => {
    const { replayOnce, replaySteps } = await import('./journal-replay.ts');
    const wish = await replayWish(client, at, until);
    if (step !== true) return replayOnce(client, wish);
    return replaySteps(client, wish, session.terminal.lines(), session.terminal.stdout);
  });
};

const replayWish = async (client: ControlClient, at: string | undefined, until: string | undefined) => {
  if (at !== undefined && until !== undefined) throw badInput('--at and --until exclude each other.');
  if (at !== undefined && !/^\d{1,15}$/.test(at)) throw badInput(`--at takes the number of a fact; "${at}" is none.`);
  if (at !== undefined) return { seq: Number(at) };
  const untilMs = timeOf('--until', until, true);
  return untilMs === undefined ? { seq: valueOf(await client.call('journalPage', { count: 1 })).headSeq } : { untilMs };
};
