// What a command comes to: a value for machines, a text for people, and, where something was refused or not proven, a failure with its
// exit code. A command that fails half way still shows what it knows.
import type { CallError } from '../../src-shared/contract/contract.ts';
import type { Denial } from '../../src-shared/errors/denial.ts';

/** Documented in --help. */
export const EXIT = { done: 0, refused: 1, badInput: 2, noConsole: 3, notVerified: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface Failure {
  readonly exit: ExitCode;
  readonly code: CallError['code'] | 'NO_CONSOLE' | 'NOT_VERIFIED';
  readonly text: string;
  readonly denial?: Denial;
  /** Client order ids, or symbols, that the command could not prove to be done. */
  readonly survivors?: readonly string[];
}

export interface Outcome {
  /** Printed as JSON with --json; absent when there is nothing but the failure. */
  readonly value?: unknown;
  readonly text?: string;
  readonly failure?: Failure;
}

/** Ends a command from anywhere inside it; the outcome is printed by the one place that prints. */
export class CommandFailed extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.text);
    this.failure = failure;
  }
}

const EXIT_OF: Readonly<Record<CallError['code'], ExitCode>> = {
  BAD_INPUT: EXIT.badInput,
  DENIED: EXIT.refused,
  NOT_FOUND: EXIT.refused,
  REFUSED: EXIT.refused,
  UNAVAILABLE: EXIT.refused,
  INTERNAL: EXIT.refused,
};

export const failureOf = (error: CallError): Failure => ({
  exit: EXIT_OF[error.code],
  code: error.code,
  text: error.text,
  ...(error.denial && { denial: error.denial }),
});

export const notVerified = (text: string, survivors: readonly string[]): Failure => ({
  exit: EXIT.notVerified,
  code: 'NOT_VERIFIED',
  text,
  survivors,
});

/** The failure in words: what happened, and what to do. */
export const failureText = ({ text, denial, survivors }: Failure): string =>
  [
    text,
    // The console's sentence usually holds the denial's own two already.
    denial && !text.includes(denial.text) && `  ${denial.text}`,
    denial && !text.includes(denial.advice) && `  ${denial.advice}`,
    denial && `  ${denial.code}${denial.formula === undefined ? '' : `: ${denial.formula}`}`,
    survivors !== undefined && survivors.length > 0 && `  Not proven done: ${survivors.join(', ')}`,
  ]
    .filter(Boolean)
    .join('\n');
