// The command line's grammar: which commands there are, what they take, what the exit codes mean. It must stay light, so that a stop
// is on its way at once: no schema library, no exchange library, no database at the start.
import { Command, Option } from 'commander';
import type { CallResult, OrderRequestInput } from '../../src-shared/contract/contract.ts';
import type { TripPolicy } from '../../src-shared/domain/stop.ts';
import type { Snapshot } from '../../src-shared/contract/view.ts';
import { controlAddress, homeOf } from '../settings/home.ts';
import { connectControl, type ControlClient } from './client.ts';
import type { Terminal } from './command-line.ts';
import { cancelAll, cancelOrder, placeOrder } from './orders.ts';
import { CommandFailed, EXIT, failureOf, type Outcome } from './outcome.ts';
import { replicaOf } from './replica.ts';
import { stopAll } from './stop.ts';
import { timeText } from './table.ts';
import { balancesOf, differencesOf, limitsOf, ordersOf, positionsOf, safetyOf, selfTestOf, statusOf } from './views.ts';
import { watch } from './watch.ts';

export interface Session {
  readonly terminal: Terminal;
  readonly finish: (outcome: Outcome, json: boolean) => void;
  /** Said on standard error after the command did what was understood of it. */
  readonly complain: (text: string) => void;
}

const DEFAULT_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 60_000;
/** More than the console keeps, less than a request may hold. */
const MOST_REASON = 1_000;

const HELP = `
Exit codes:
  0  done
  1  refused or denied; the text says by what
  2  bad input
  3  no console runs on this home
  4  not verified in time: what is not proven done is named

With --json, standard output carries one JSON value (watch: one a line) and standard error one JSON object when something failed
(error) or was not understood of a stop (complaints). A stop never waits for its words to make sense: it exits by what came of it.
The home is --home, else HOLDFAST_HOME, else this user's data folder.`;

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
  checkCommands(program, session);
  return program;
};

interface Common {
  readonly json?: true;
  readonly home?: string;
}

type Work<O> = (client: ControlClient, options: Common & O, words: readonly string[]) => Promise<Outcome>;

/** Gives a command the options that all have, and its work a connected client. */
const withConsole = <O extends object>(session: Session, command: Command, work: Work<O>): Command =>
  withCommon(command).action(async () => {
    const options = command.opts<Common & O>();
    session.finish(await overSocket(session, options.home, (client) => work(client, options, command.args)), options.json === true);
  });

const withCommon = (command: Command): Command =>
  command
    .option('--json', 'machine-readable output')
    .option('--home <dir>', 'the home of the console')
    .allowExcessArguments(false)
    .addHelpText('after', HELP);

const overSocket = async (
  session: Session,
  home: string | undefined,
  work: (client: ControlClient) => Promise<Outcome>,
): Promise<Outcome> => {
  const client = await connectControl(controlAddress(homeOf(home, session.terminal.environment)));
  try {
    return await work(client);
  } finally {
    client.close();
  }
};

/** The value of an answer; a refusal ends the command. */
const valueOf = <T>(answer: CallResult<T>): T => {
  if (!answer.ok) throw new CommandFailed(failureOf(answer.error));
  return answer.value;
};

const badInput = (text: string): CommandFailed => new CommandFailed({ exit: EXIT.badInput, code: 'BAD_INPUT', text });

const timeoutOption = (): Option =>
  new Option('--timeout-ms <ms>', `how long to wait for proof, at most ${LONGEST_WAIT_MS}`).default(DEFAULT_WAIT_MS).argParser((text) => {
    const waitMs = waitMsOf(text);
    if (waitMs === null) throw badInput(`--timeout-ms takes whole milliseconds up to ${LONGEST_WAIT_MS}; "${text}" is none.`);
    return waitMs;
  });

const waitMsOf = (text: string): number | null => (/^\d{1,5}$/.test(text) && Number(text) <= LONGEST_WAIT_MS ? Number(text) : null);

const LONG_CALL_TIMEOUT_MS = 60_000;

const lookCommands = (program: Command, session: Session): void => {
  const look = (name: string, description: string, show: (at: Snapshot) => Outcome): void => {
    withConsole(session, program.command(name).description(description), async (client) => show((await replicaOf(client)).now()));
  };
  look('status', 'mode, trading state and why, stop, venue, equity, health', statusOf);
  look('safety', 'trading state, stop, hotkey, self-test, reconciliation, health', safetyOf);
  look('positions', 'open positions', positionsOf);
  look('balances', 'balances per asset', balancesOf);
  look('limits', 'every limit: value, limit, what is left', limitsOf);
  const orders = program.command('orders').description('open orders').option('--all', 'ended orders too');
  withConsole<{ all?: true }>(session, orders, async (client, { all }) => ordersOf((await replicaOf(client)).now(), all === true));
  const live = program.command('watch').description('the console live, line by line, until Ctrl+C');
  withConsole(session, live, (client, { json }) =>
    watch(client, json === true, (line) => session.terminal.stdout(`${line}\n`), session.terminal.interrupted),
  );
  withConsole(session, program.command('metrics').description('metrics in Prometheus text'), async (client) => {
    const value = valueOf(await client.call('metrics', {}));
    return { value, text: value.prometheus.trimEnd() };
  });
};

interface PlaceOptions {
  readonly market?: true;
  readonly limit?: string;
  readonly qty?: string;
  readonly quote?: string;
  readonly tif?: string;
  readonly reduceOnly?: true;
  readonly wait?: true;
  readonly timeoutMs: number;
}

const orderCommands = (program: Command, session: Session): void => {
  const order = program.command('order').description('place and cancel orders');
  const place = order
    .command('place')
    .description("place an order and wait for the venue's answer, as: order place BUY BTCUSDT --limit 60000 --qty 0.001 --tif GTC")
    .argument('<side>', 'BUY or SELL')
    .argument('<symbol>', 'as BTCUSDT')
    .option('--market', 'a market order')
    .option('--limit <price>', 'a limit order at this price')
    .option('--qty <quantity>', 'quantity of the base asset')
    .option('--quote <amount>', 'amount of the quote asset to spend (market buys)')
    .option('--tif <time in force>', 'GTC, IOC, FOK or POST_ONLY (limit orders; GTC when absent)')
    .option('--reduce-only', 'only shrink a position')
    .option('--wait', 'wait until the order has ended; done only when it is filled')
    .addOption(timeoutOption());
  withConsole<PlaceOptions>(session, place, (client, options, [side = '', symbol = '']) =>
    placeOrder(client, requestOf(side, symbol, options), { untilEnded: options.wait === true, timeoutMs: options.timeoutMs }),
  );
  const cancel = order
    .command('cancel')
    .description('cancel one order by its client order id, or all, and wait for proof')
    .argument('[id]', 'client order id, as "orders" shows it')
    .option('--all', 'every open order')
    .option('--symbol <symbol>', 'with --all: of this symbol only')
    .addOption(timeoutOption());
  withConsole<{ all?: true; symbol?: string; timeoutMs: number }>(session, cancel, (client, { all, symbol, timeoutMs }, [id]) => {
    if ((id === undefined) === (all === undefined)) throw badInput('Give the id of one order, or --all.');
    if (symbol !== undefined && all === undefined) throw badInput('--symbol goes with --all.');
    return id === undefined ? cancelAll(client, symbol?.toUpperCase(), timeoutMs) : cancelOrder(client, id, timeoutMs);
  });
};

/** The order as typed; the console's own schema judges it. */
const requestOf = (side: string, symbol: string, { market, limit, qty, quote, tif, reduceOnly }: PlaceOptions): OrderRequestInput => {
  if ((market === undefined) === (limit === undefined)) throw badInput('Say --market or --limit PRICE, one of them.');
  return {
    side: side.toUpperCase() as OrderRequestInput['side'],
    symbol: symbol.toUpperCase(),
    type: limit === undefined ? 'MARKET' : 'LIMIT',
    ...(limit !== undefined && { price: limit }),
    ...(qty !== undefined && { qty }),
    ...(quote !== undefined && { quoteQty: quote }),
    ...(tif !== undefined && { timeInForce: tif.toUpperCase().replace('-', '_') as NonNullable<OrderRequestInput['timeInForce']> }),
    ...(reduceOnly && { reduceOnly }),
  };
};

interface StopOptions {
  readonly json?: true;
  readonly home?: string | true;
  readonly reason?: string | true;
  readonly flatten?: true;
  readonly keep?: true;
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
    const outcome = await overSocket(session, home, (client) => stopAll(client, reason, positions, timeoutMs));
    session.finish(outcome, options.json === true);
  });
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
    .description('end an emergency stop, by a person who says why; a cool-down follows')
    .requiredOption('--why <text>', 'why it is safe to go on')
    .requiredOption('--trip <number>', 'the number of the trip, as "safety" shows it');
  withConsole<{ why: string; trip: string }>(session, reset, async (client, { why, trip }) => {
    if (!/^\d{1,15}$/.test(trip)) throw badInput(`--trip takes the number of the trip; "${trip}" is none.`);
    const value = valueOf(await client.call('resetStop', { why, readBackTripId: Number(trip) }));
    return { value, text: `Reset. Openings are denied until ${timeText(value.coolDownUntilMs)}.` };
  });
};

const checkCommands = (program: Command, session: Session): void => {
  withConsole(session, program.command('reconcile').description('compare with the venue now'), async (client) =>
    differencesOf(valueOf(await client.call('reconcile', {}, LONG_CALL_TIMEOUT_MS))),
  );
  withConsole(session, program.command('selftest').description('run the self-test now'), async (client) =>
    selfTestOf(valueOf(await client.call('selfTest', {}, LONG_CALL_TIMEOUT_MS))),
  );
  const verify = withCommon(program.command('journal').description('the journal').command('verify'))
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
  // The one command that needs the database.
  const { verifyJournal } = await import('../journal/verify.ts');
  const result = verifyJournal(path);
  if (!result.ok) return { failure: { exit: EXIT.refused, code: 'UNAVAILABLE', text: result.error.text } };
  const seen: Outcome = { value: result.value, text: `${result.value.text}\nhead ${result.value.headHash}` };
  return result.value.verdict === 'whole'
    ? seen
    : { ...seen, failure: { exit: EXIT.refused, code: 'REFUSED', text: 'The journal is not whole.' } };
};
