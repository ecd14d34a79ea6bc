// A whole console in a process of its own, headless, from the sources: started, spoken to over its control socket, killed hard. The
// exchange stands outside it (a custom venue), so that it outlives the console as the real one does.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectControl } from '../../src-main/control/client.ts';
import type { ControlClient } from '../../src-main/control/client.ts';
import { runCommandLine } from '../../src-main/control/command-line.ts';
import type { PracticeHandle } from '../../src-main/practice/practice.ts';
import { controlAddress } from '../../src-main/settings/home.ts';
import type { ConsoleView } from '../../src-shared/contract/view.ts';

const HEADLESS = fileURLToPath(new URL('../../src-main/headless.ts', import.meta.url));
const START_MS = 30_000;
const LOOK_MS = 25;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command of the command line came to. */
export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `holdfast <line>` against the console of a home, in this process. */
export const holdfast = async (home: string, line: string): Promise<Ran> => {
  const said = { out: '', err: '' };
  const exit = await runCommandLine(line.split(' '), {
    stdout: (text) => void (said.out += text),
    stderr: (text) => void (said.err += text),
    environment: { HOLDFAST_HOME: home },
    lines: async function* () {
      // Nobody types.
    },
    interrupted: new Promise(() => undefined),
  });
  return { exit, ...said };
};

export interface ConsoleProcess {
  readonly home: string;
  /** What it has said on standard error so far: the terminal's lines, alerts among them. */
  stderr(): string;
  readonly child: ChildProcess;
  /** The READY line's object; rejects with what the process said when it ends before. */
  ready(): Promise<Readonly<Record<string, unknown>>>;
  client(): Promise<ControlClient>;
  view(): Promise<ConsoleView>;
  /** Waits until the view satisfies a claim. */
  until(claim: string, holds: (view: ConsoleView) => boolean): Promise<ConsoleView>;
  kill(signal: NodeJS.Signals): Promise<Ended>;
  readonly ended: Promise<Ended>;
}

export const temporaryHome = (): { readonly home: string; remove(): void } => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-process-'));
  return { home, remove: () => rmSync(home, { recursive: true, force: true }) };
};

export const customVenueOf = (practice: PracticeHandle): string =>
  JSON.stringify({ restUrl: practice.restUrl, streamUrl: practice.streamUrl, wsApiUrl: practice.wsApiUrl, ...practice.key });

/** Nobody watches over it unless `watched`: a console that is killed must leave no process behind that acts later. */
export const startConsoleProcess = (
  home: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  watched = false,
): ConsoleProcess => {
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...inherited } = process.env;
  const child = spawn(
    process.execPath,
    [HEADLESS, '--headless', '--home', home, ...(watched || args.includes('mainnet') ? [] : ['--no-watchdog']), ...args],
    {
      env: { ...inherited, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code, signal) => resolve({ code, signal, ...said })));
  const client = (): Promise<ControlClient> => connectControl(controlAddress(home));
  const view = async (): Promise<ConsoleView> => {
    const one = await client();
    try {
      const answer = await one.call('subscribe', {});
      if (!answer.ok) throw new Error(answer.error.text);
      return answer.value.view;
    } finally {
      one.close();
    }
  };
  const waitFor = async <T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> => {
    const end = Date.now() + START_MS;
    let last = '';
    while (Date.now() < end) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the console ended while waiting for ${what}: ${said.stderr}`);
      try {
        const found = await look();
        if (found !== undefined) return found;
      } catch (error) {
        last = error instanceof Error ? error.message : String(error);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    throw new Error(`no ${what} within ${START_MS} ms. ${last} ${said.stderr}`);
  };
  return {
    home,
    stderr: () => said.stderr,
    child,
    ended,
    client,
    view,
    ready: () =>
      waitFor('READY', () => {
        const line = said.stdout.split('\n').find((one) => one.startsWith('READY '));
        return line === undefined ? undefined : (JSON.parse(line.slice('READY '.length)) as Readonly<Record<string, unknown>>);
      }),
    until: (claim, holds) =>
      waitFor(claim, async () => {
        const seen = await view();
        return holds(seen) ? seen : undefined;
      }),
    async kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
};
