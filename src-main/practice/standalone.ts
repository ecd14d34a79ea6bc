// `npm run practice-exchange`: the practice exchange by itself, for any Binance client. Prints ONE JSON line with its addresses
// and a test key, and runs until SIGINT or SIGTERM. Bad options: the reason on stderr, exit code 2.
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { startExchange } from './exchange-host.ts';
import { practiceOptionsSchema, type ParsedOptions } from './options.ts';

const BAD_OPTIONS = 2;

function numberArgument(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('Not a number.');
  return value;
}

const speedArgument = (text: string): number | 'max' => (text === 'max' ? text : numberArgument(text));
const listArgument = (text: string): string[] => text.split(',').map((symbol) => symbol.trim());

function command(): Command {
  return new Command('practice-exchange')
    .description('A practice exchange that speaks Binance on 127.0.0.1.')
    .option('--port <number>', 'port of REST, streams and WS-API; 0: any', numberArgument)
    .option('--seed <number>', 'seed of the synthetic market', numberArgument)
    .option('--feed <feed>', 'synthetic, or replay:FILE[,FILE…]')
    .option('--speed <factor>', 'replay speed; max: as fast as possible', speedArgument)
    .option('--loop', 'replay from the start again at the end')
    .option('--regime <name>', 'trending, ranging, volatile, crash or thin')
    .option('--events-per-second <number>', 'pace of the synthetic market', numberArgument)
    .option('--latency-ms <ms>', 'simulated round trip', numberArgument)
    .option('--symbols <list>', 'comma-separated symbols', listArgument)
    .option('--account <preset>', 'what the account opens with: conservative, aggressive or high-volume')
    .option('--state <file>', 'where the account outlives the exchange; one exchange a file at a time')
    .allowExcessArguments(false)
    .exitOverride();
}

/** The short names of the command line, as the schema calls them. */
function renamed({ account, state, ...rest }: Readonly<Record<string, unknown>>): object {
  return { ...rest, ...(account !== undefined && { preset: account }), ...(state !== undefined && { statePath: state }) };
}

/** The options, or the exit code when there is nothing to start (bad options, --help). */
function readOptions(argv: readonly string[]): ParsedOptions | number {
  try {
    const parsed = practiceOptionsSchema.safeParse(renamed(command().parse(argv).opts()));
    if (parsed.success) return parsed.data;
    process.stderr.write(`practice-exchange: ${z.prettifyError(parsed.error)}\n`);
    return BAD_OPTIONS;
  } catch (error) {
    // commander has printed its message by now
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_OPTIONS;
    throw error;
  }
}

async function run(options: ParsedOptions): Promise<void> {
  const exchange = await startExchange(options);
  for (const notice of exchange.notices) process.stderr.write(`practice-exchange: ${notice}\n`);
  process.stdout.write(`${JSON.stringify({ ...exchange.addresses, ...exchange.key })}\n`);
  const stop = (): void => void exchange.close();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

const options = readOptions(process.argv);
if (typeof options === 'number') process.exitCode = options;
else {
  await run(options).catch((error: unknown) => {
    process.stderr.write(`practice-exchange: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
