// One command of the command line from words to exit code. It is the one place that prints; what is done, the running console decides.
import { CommanderError } from 'commander';
import { NoAnswer } from './client.ts';
import { grammar } from './grammar.ts';
import { CommandFailed, EXIT, failureText, type ExitCode, type Failure, type Outcome } from './outcome.ts';

export interface Terminal {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What a person types, line by line, where a command asks for it. */
  readonly lines: () => AsyncIterable<string>;
  /** Resolves when the person ends a command that runs on (Ctrl+C). */
  readonly interrupted: Promise<void>;
}

/** Runs one command to its end and gives its exit code. Never throws for what a person or a console can cause. */
export const runCommandLine = async (words: readonly string[], terminal: Terminal): Promise<ExitCode> => {
  let exit: ExitCode = EXIT.done;
  const complaints: string[] = [];
  const finish = (outcome: Outcome, json: boolean): void => {
    const { failure } = outcome;
    if (json && 'value' in outcome) terminal.stdout(`${JSON.stringify(outcome.value)}\n`);
    else if (!json && outcome.text !== undefined) terminal.stdout(`${outcome.text}\n`);
    exit = failure?.exit ?? exit;
    if (json && (failure !== undefined || complaints.length > 0))
      terminal.stderr(`${JSON.stringify({ ...(failure && { error: failure }), ...(complaints.length > 0 && { complaints }) })}\n`);
    if (json) return;
    for (const line of complaints) terminal.stderr(`${line}\n`);
    if (failure !== undefined) terminal.stderr(`${failureText(failure)}\n`);
  };
  const program = grammar({ terminal, finish, complain: (text) => complaints.push(text) });
  const wantsJson = words.includes('--json');
  try {
    await program.parseAsync(stopFirst(words), { from: 'user' });
  } catch (error) {
    // Commander ends with an error after --help too; the help is printed already.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    finish({ failure: failureFrom(error) }, wantsJson);
  }
  return exit;
};

const TAKES_A_WORD: ReadonlySet<string> = new Set(['--home', '--reason', '--timeout-ms']);

/** `--home DIR stop` and `STOP` mean the stop as well: whoever is in a hurry is not taught the order of words. */
const stopFirst = (words: readonly string[]): string[] => {
  const at = words.findIndex((word, index) => !word.startsWith('-') && !TAKES_A_WORD.has(words[index - 1] ?? ''));
  return words[at]?.toLowerCase() === 'stop' ? ['stop', ...words.slice(0, at), ...words.slice(at + 1)] : [...words];
};

/** A console that went away in mid-command may have heard it. */
const unansweredText = ({ cause, message }: NoAnswer): string =>
  cause === 'lost' ? `${message} Whether it heard the command is not known: look with "holdfast status", and give a stop again.` : message;

const failureFrom = (error: unknown): Failure => {
  if (error instanceof CommandFailed) return error.failure;
  if (error instanceof CommanderError)
    return { exit: EXIT.badInput, code: 'BAD_INPUT', text: error.code === 'commander.help' ? 'Name a command, as above.' : error.message };
  if (error instanceof NoAnswer)
    return error.cause === 'no-console'
      ? { exit: EXIT.noConsole, code: 'NO_CONSOLE', text: error.message }
      : { exit: EXIT.notVerified, code: 'NOT_VERIFIED', text: unansweredText(error) };
  return { exit: EXIT.refused, code: 'INTERNAL', text: error instanceof Error ? error.message : String(error) };
};
