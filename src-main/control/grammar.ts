// The command line's grammar: which commands there are, what they take, what the exit codes mean. It must stay light, so that a stop
// is on its way at once: no schema library, no exchange library, no database at the start.
import { Command } from 'commander';
import type { TripPolicy } from '../../src-shared/domain/stop.ts';
import type { Snapshot } from '../../src-shared/contract/view.ts';
import { homeOf } from '../settings/home.ts';
import { NoAnswer } from './client.ts';
import { guideCommand } from './guide-grammar.ts';
import { alertCommands } from './alerts.ts';
import { journalCommands } from './journal-grammar.ts';
import { ladderCommand } from './ladder.ts';
import { metricsText } from './metrics.ts';
import { orderCommands } from './order-grammar.ts';
import type { Outcome } from './outcome.ts';
import { policyCommands } from './policy-grammar.ts';
import { receiptCommands } from './receipt.ts';
import { replicaOf } from './replica.ts';
import {
  badInput,
  DEFAULT_WAIT_MS,
  HELP,
  LONG_CALL_TIMEOUT_MS,
  LONGEST_WAIT_MS,
  overSocket,
  valueOf,
  waitMsOf,
  withConsole,
  type Session,
} from './session.ts';
import { resetBreaker } from './breaker.ts';
import { safetyNow } from './safety.ts';
import { stopAll } from './stop.ts';
import { timeText } from './table.ts';
import { balancesOf, comparisonsOf, differencesOf, limitsOf, ordersOf, positionsOf, selfTestOf, statusOf } from './views.ts';
import { watch } from './watch.ts';

/** More than the console keeps, less than a request may hold. */
const MOST_REASON = 1_000;

export const grammar = (session: Session): Command => {
  const program = new Command('holdfast')
    .description('Talks to the running Holdfast console over its local socket.')
    .exitOverride()
    .configureOutput({ writeOut: session.terminal.stdout, writeErr: session.terminal.stderr, outputError: () => undefined })
    .addHelpText('after', HELP)
    .helpCommand(false);
  lookCommands(program, session);
  orderCommands(program, session);
  stopCommands(program, session);
  receiptCommands(program, session);
  checkCommands(program, session);
  journalCommands(program, session);
  policyCommands(program, session);
  ladderCommand(program, session);
  alertCommands(program, session);
  guideCommand(program, session);
  return program;
};

const lookCommands = (program: Command, session: Session): void => {
  const look = (name: string, description: string, show: (at: Snapshot) => Outcome): void => {
    withConsole(session, program.command(name).description(description), async (client) => show((await replicaOf(client)).now()));
  };
  look('status', 'mode, trading state and why, stop, venue, equity, health', statusOf);
  withConsole(
    session,
    program
      .command('safety')
      .description('what can happen to the money now: what a buy would meet, why, limits, breaker, stop, drill, ladder, policy, health')
      .addHelpText('after', '\nExit code 0: at least one market takes a buy now. 1: nothing can be opened; the text says why.'),
    (client) => safetyNow(client),
  );
  look('positions', 'open positions', positionsOf);
  look('balances', 'balances per asset', balancesOf);
  look('limits', 'every limit: value, limit, what is left', limitsOf);
  const orders = program.command('orders').description('open orders').option('--all', 'ended orders too');
  withConsole<{ all?: true }>(session, orders, async (client, { all }) => ordersOf((await replicaOf(client)).now(), all === true));
  const live = program.command('watch').description('the console live, line by line, until Ctrl+C');
  withConsole(session, live, (client, { json }) =>
    watch(client, json === true, (line) => session.terminal.stdout(`${line}\n`), session.terminal.interrupted),
  );
  const metrics = program
    .command('metrics')
    .description('trades, success, latency, errors, profit and loss, denials, since the journal began')
    .option('--prometheus', 'as Prometheus text, for a collector');
  withConsole<{ prometheus?: true }>(session, metrics, async (client, { prometheus: asText }) => {
    const { figures, prometheus } = valueOf(await client.call('metrics', {}));
    return { value: figures, text: asText ? prometheus.trimEnd() : metricsText(figures) };
  });
};

interface StopOptions {
  readonly json?: true;
  readonly home?: string | true;
  readonly reason?: string | true;
  readonly flatten?: true;
  readonly keep?: true;
  readonly direct?: true;
  readonly timeoutMs?: string | true;
}

/** The one command that is obeyed before it is understood to the last word: what makes no sense is said afterwards. */
const stopCommand = (program: Command, session: Session): void => {
  const stop = program
    .command('stop')
    .description(
      'EMERGENCY STOP: cancel everything at once, allow nothing new, wait for the receipt. Words not understood do not hold it up.',
    )
    .option('--reason [text]', 'why, for the receipt; cut to 200 characters')
    .option('--flatten', 'close positions too')
    .option('--keep', 'keep positions (also where both are given); with neither, the policy decides')
    .option('--direct', 'where no console answers: cancel everything from here, with the keys of the keychain')
    .option('--timeout-ms [ms]', `how long to wait for proof, at most ${LONGEST_WAIT_MS} (default: ${DEFAULT_WAIT_MS})`)
    .option('--json', 'machine-readable output')
    .option('--home [dir]', 'the home of the console')
    .allowExcessArguments(true)
    .allowUnknownOption(true)
    .addHelpText('after', HELP);
  stop.action(async () => {
    const options = stop.opts<StopOptions>();
    const { home, reason, positions, timeoutMs, complaints } = stopWish(options, stop.args);
    complaints.forEach(session.complain);
    const outcome = await overSocket(session, home, (client) => stopAll(client, reason, positions, timeoutMs)).catch((error: unknown) =>
      withoutConsole(session, home, options, error),
    );
    session.finish(outcome, options.json === true);
  });
};

/** Nobody took the stop: it is carried out from here, or the person hears that it can be. */
const withoutConsole = async (
  session: Session,
  home: string | undefined,
  { direct, json }: StopOptions,
  error: unknown,
): Promise<Outcome> => {
  if (!(error instanceof NoAnswer)) throw error;
  if (direct !== true) throw new NoAnswer(error.cause, `${error.message} "holdfast stop --direct" cancels everything without a console.`);
  const say = (text: string): void => {
    if (json !== true) session.terminal.stderr(`${text}\n`);
  };
  say(`${error.message}\nCancelling from here.`);
  const [{ directStop, accountsIn }, { openVault }] = await Promise.all([import('./direct-stop.ts'), import('../vault/vault.ts')]);
  const folder = homeOf(home, session.terminal.environment);
  return directStop({ home: folder, ...(await accountsIn(await openVault(folder))), giveUpAfterMs: LONGEST_WAIT_MS, say });
};

const stopWish = ({ home, reason, flatten, keep, timeoutMs }: StopOptions, words: readonly string[]) => {
  const waitMs = typeof timeoutMs === 'string' ? waitMsOf(timeoutMs) : null;
  const complaints = [
    words.length > 0 && `Not understood, and the stop did not wait for it: ${words.join(' ')}`,
    reason === true && '--reason had no text.',
    home === true && '--home had no folder; the usual home was stopped.',
    flatten === true && keep === true && '--flatten and --keep exclude each other; positions were kept.',
    timeoutMs !== undefined &&
      waitMs === null &&
      `--timeout-ms takes whole milliseconds up to ${LONGEST_WAIT_MS}; ${DEFAULT_WAIT_MS} was used.`,
  ].filter((complaint) => complaint !== false);
  const positions: TripPolicy | undefined = keep ? 'keep-positions' : flatten && 'flatten';
  return {
    reason: typeof reason === 'string' ? reason.slice(0, MOST_REASON) : '',
    home: typeof home === 'string' ? home : undefined,
    positions,
    timeoutMs: waitMs ?? DEFAULT_WAIT_MS,
    complaints,
  };
};

const stopCommands = (program: Command, session: Session): void => {
  stopCommand(program, session);
  const reset = program
    .command('reset')
    .description('end an emergency stop (a cool-down follows) or close the circuit breaker, by a person who says why')
    .requiredOption('--why <text>', 'why it is safe to go on')
    .option('--trip <number>', 'the number of the trip, as "safety" shows it')
    .option('--breaker [rule]', 'the circuit breaker instead; with the rule that opened it, nothing newer is reset by mistake');
  withConsole<{ why: string; trip?: string; breaker?: string | true }>(session, reset, async (client, { why, trip, breaker }) => {
    if ((trip === undefined) === (breaker === undefined)) throw badInput('Say which: --trip <number> or --breaker.');
    if (breaker !== undefined) return resetBreaker(client, why, breaker);
    if (trip === undefined || !/^\d{1,15}$/.test(trip)) throw badInput(`--trip takes the number of the trip; "${trip}" is none.`);
    const value = valueOf(await client.call('resetStop', { why, readBackTripId: Number(trip) }));
    return { value, text: `Reset. Openings are denied until ${timeText(value.coolDownUntilMs)}.` };
  });
};

const checkCommands = (program: Command, session: Session): void => {
  const reconcile = program
    .command('reconcile')
    .description('compare with the venue now: local, venue, and what is done about each difference')
    .option('--history', 'past comparisons that found differences, instead of a new one');
  withConsole<{ history?: true }>(session, reconcile, async (client, { history }) =>
    history
      ? comparisonsOf((await replicaOf(client)).now())
      : differencesOf(valueOf(await client.call('reconcile', {}, LONG_CALL_TIMEOUT_MS))),
  );
  withConsole(session, program.command('selftest').description('run the self-test now'), async (client) =>
    selfTestOf(valueOf(await client.call('selfTest', {}, LONG_CALL_TIMEOUT_MS))),
  );
};
