// What every command is made of: the options that all have, the connected client, answers and their failures. It prints nothing.
import { Option } from 'commander';
import type { Command } from 'commander';
import type { CallResult } from '../../src-shared/contract/contract.ts';
import { controlAddress, homeOf } from '../settings/home.ts';
import { connectControl, type ControlClient } from './client.ts';
import type { Terminal } from './command-line.ts';
import { CommandFailed, EXIT, failureOf, type Outcome } from './outcome.ts';

export interface Session {
  readonly terminal: Terminal;
  readonly finish: (outcome: Outcome, json: boolean) => void;
  /** Said on standard error after the command did what was understood of it. */
  readonly complain: (text: string) => void;
}

export const DEFAULT_WAIT_MS = 10_000;
export const LONGEST_WAIT_MS = 60_000;

/** After the help of each command. */
export const HELP = `
Exit codes:
  0  done
  1  refused or denied; the text says by what
  2  bad input
  3  no console runs on this home
  4  not verified in time: what is not proven done is named

With --json, standard output carries one JSON value (watch: one a line) and standard error one JSON object when something failed
(error) or was not understood of a stop (complaints). A stop never waits for its words to make sense: it exits by what came of it.
The home is --home, else HOLDFAST_HOME, else this user's data folder.`;

export interface Common {
  readonly json?: true;
  readonly home?: string;
}

type Work<O> = (client: ControlClient, options: Common & O, words: readonly string[]) => Promise<Outcome>;

/** Gives a command the options that all have, and its work a connected client. */
export const withConsole = <O extends object>(session: Session, command: Command, work: Work<O>): Command =>
  withCommon(command).action(async () => {
    const options = command.opts<Common & O>();
    session.finish(await overSocket(session, options.home, (client) => work(client, options, command.args)), options.json === true);
  });

export const withCommon = (command: Command): Command =>
  command
    .option('--json', 'machine-readable output')
    .option('--home <dir>', 'the home of the console')
    .allowExcessArguments(false)
    .addHelpText('after', HELP);

/** Work with a connected client, which is closed whatever comes of it. Throws NoAnswer where no console runs on the home. */
export const overSocket = async (
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
export const valueOf = <T>(answer: CallResult<T>): T => {
  if (!answer.ok) throw new CommandFailed(failureOf(answer.error));
  return answer.value;
};

/** Ends a command as words that make no sense. */
export const badInput = (text: string): CommandFailed => new CommandFailed({ exit: EXIT.badInput, code: 'BAD_INPUT', text });

export const timeoutOption = (): Option =>
  new Option('--timeout-ms <ms>', `how long to wait for proof, at most ${LONGEST_WAIT_MS}`).default(DEFAULT_WAIT_MS).argParser((text) => {
    const waitMs = waitMsOf(text);
    if (waitMs === null) throw badInput(`--timeout-ms takes whole milliseconds up to ${LONGEST_WAIT_MS}; "${text}" is none.`);
    return waitMs;
  });

/** Whole milliseconds as typed, at most a minute; null for anything else. */
export const waitMsOf = (text: string): number | null => (/^\d{1,5}$/.test(text) && Number(text) <= LONGEST_WAIT_MS ? Number(text) : null);

/** For calls that ask the venue. */
export const LONG_CALL_TIMEOUT_MS = 60_000;
