// The command line of a console, parsed strictly: a word that is not understood starts nothing (exit code 2). Options are wishes; whether
// a mode may be had is judged by the console (REQUIREMENTS A1).
import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { MODES, PRACTICE_ACCOUNTS } from '../../src-shared/domain/mode.ts';
import type { Mode, PracticeAccount } from '../../src-shared/domain/mode.ts';
import type { ConsoleOptions, CustomVenue, ShellName } from './port.ts';

export type CommandLine = Pick<ConsoleOptions, 'seed' | 'feed' | 'account' | 'mode' | 'profile' | 'customVenue'> & {
  readonly shell: ShellName;
  /** As given; null for the default home. */
  readonly home: string | null;
  readonly gpu: boolean;
  readonly watchdog: boolean;
};

/** Parsed; or what to print and the exit code: 0 for help, 2 for a bad argument. */
export type ParsedCommandLine =
  { readonly kind: 'start'; readonly options: CommandLine } | { readonly kind: 'stop'; readonly text: string; readonly exitCode: number };

export const MAX_SEED = 2 ** 31 - 1;
const SHELLS: readonly ShellName[] = ['electron', 'chromium', 'headless'];

const customVenueSchema = z.strictObject({
  restUrl: z.url({ protocol: /^https?$/ }),
  streamUrl: z.url({ protocol: /^wss?$/ }),
  wsApiUrl: z.url({ protocol: /^wss?$/ }),
  apiKey: z.string().min(1).max(256),
  secret: z.string().min(1).max(8192),
});

const seedOf = (text: string): number => {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(seed <= MAX_SEED)) throw new InvalidArgumentError(`it must be a whole number from 0 to ${MAX_SEED}.`);
  return seed;
};

const feedOf = (text: string): ConsoleOptions['feed'] => {
  if (text === 'synthetic') return { kind: 'synthetic' };
  const files = text.startsWith('replay:') ? text.slice('replay:'.length).split(',') : [];
  if (files.length === 0 || files.includes('')) throw new InvalidArgumentError('it must be synthetic or replay:FILE[,FILE].');
  return { kind: 'replay', files };
};

/** What `@FILE` or `env:NAME` stands for, so that a secret need not be on the command line, where every user's `ps` shows it. */
const contentOf = (text: string): string => {
  if (text.startsWith('env:')) {
    const name = text.slice('env:'.length);
    const value = process.env[name];
    if (value === undefined) throw new InvalidArgumentError(`the environment has no ${name}.`);
    // It holds a secret: nothing that is started later inherits it.
    delete process.env[name];
    return value;
  }
  if (!text.startsWith('@')) return text;
  try {
    return readFileSync(text.slice(1), 'utf8');
  } catch (error) {
    throw new InvalidArgumentError(`the file cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
};

const customVenueOf = (text: string): CustomVenue => {
  let value: unknown;
  try {
    value = JSON.parse(contentOf(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw new InvalidArgumentError('it is not JSON.');
    throw error;
  }
  const parsed = customVenueSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
};

const build = (print: (text: string) => void): Command =>
  new Command('holdfast-console')
    .description('Starts the console. Practice mode needs nothing; testnet needs keys; mainnet is refused until its conditions are met.')
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: print })
    .allowExcessArguments(false)
    .addOption(new Option('--shell <name>', 'what hosts the console').choices(SHELLS))
    .option('--headless', 'the same as --shell headless')
    .option('--home <dir>', 'folder for journal, policy, logs and socket (default: HOLDFAST_HOME, else per user)')
    .option('--seed <n>', 'seed of the practice market', seedOf)
    .option('--feed <feed>', 'practice market: synthetic or replay:FILE[,FILE]', feedOf, { kind: 'synthetic' } as const)
    .addOption(
      new Option('--account <name>', 'practice account: 10 000, 10 000 or 50 000 USDT at first')
        .choices(PRACTICE_ACCOUNTS)
        .default('conservative'),
    )
    .addOption(new Option('--mode <mode>', 'which money').choices(MODES))
    .option('--profile <name>', 'policy profile for a first start')
    .option(
      '--custom-venue <venue>',
      'headless only, as testnet: @FILE or env:NAME that holds {"restUrl","streamUrl","wsApiUrl","apiKey","secret"}; the JSON itself works too, but then ps shows the secret to every user',
      customVenueOf,
    )
    .option('--no-watchdog', 'headless only, never with mainnet: no process stands in when this one dies or hangs')
    .option('--no-gpu', 'draw the Chromium window without the graphics card');

interface RawOptions {
  readonly shell?: ShellName;
  readonly headless?: boolean;
  readonly home?: string;
  readonly seed?: number;
  readonly feed: ConsoleOptions['feed'];
  readonly account: PracticeAccount;
  readonly mode?: Mode;
  readonly profile?: string;
  readonly customVenue?: CustomVenue;
  readonly gpu: boolean;
  readonly watchdog: boolean;
}

/**
 * @param args the words after the program's name
 * @param defaults the shell when none is named, and a seed for a market that nobody chose
 */
export const parseCommandLine = (
  args: readonly string[],
  defaults: { readonly shell: ShellName; readonly seed: number },
): ParsedCommandLine => {
  const printed: string[] = [];
  const stop = (exitCode: number, text = printed.join('')): ParsedCommandLine => ({ kind: 'stop', text: text.trimEnd(), exitCode });
  let raw: RawOptions;
  try {
    raw = build((text) => printed.push(text))
      .parse(args, { from: 'user' })
      .opts<RawOptions>();
  } catch (error) {
    if (error instanceof CommanderError) return stop(error.exitCode === 0 ? 0 : 2);
    throw error;
  }
  const shell = raw.headless === true ? 'headless' : (raw.shell ?? defaults.shell);
  if (raw.headless === true && raw.shell !== undefined && raw.shell !== 'headless')
    return stop(2, `error: --headless and --shell ${raw.shell} exclude each other.`);
  if (raw.customVenue !== undefined && shell !== 'headless')
    return stop(2, 'error: --custom-venue is for headless runs and tests only (A4).');
  if (raw.customVenue !== undefined && raw.mode === 'mainnet') return stop(2, 'error: --custom-venue never goes with mainnet (A4).');
  if (raw.customVenue !== undefined && raw.mode === 'practice')
    return stop(2, 'error: --custom-venue is testnet (A4); practice has an exchange of its own.');
  if (!raw.watchdog && (shell !== 'headless' || raw.mode === 'mainnet'))
    return stop(2, 'error: --no-watchdog is for headless runs without real money only (E8).');
  return {
    kind: 'start',
    options: {
      shell,
      home: raw.home ?? null,
      seed: raw.seed ?? defaults.seed,
      feed: raw.feed,
      account: raw.account,
      mode: raw.mode ?? null,
      profile: raw.profile ?? null,
      customVenue: raw.customVenue ?? null,
      gpu: raw.gpu,
      watchdog: raw.watchdog,
    },
  };
};
