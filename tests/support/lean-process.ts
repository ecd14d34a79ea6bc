// Loaded consoles on standby: the next one loads while the one before it lives, so that a kill costs no more than the console's own
// start. A console that ended by itself is a failure, with what it said.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { CustomVenue } from '../../src-main/shell/port.ts';

export interface LeanAlert {
  readonly key: string;
  readonly title: string;
  readonly text: string;
}

export interface LeanConsole {
  /** Starts it on a home. */
  go(home: string, customVenue: CustomVenue): void;
  /** Rejects when it ends before it runs. */
  readonly ready: Promise<void>;
  /** What it raised so far. */
  readonly alerts: readonly LeanAlert[];
  kill(): Promise<void>;
}

export interface Standby {
  /** The next console, loaded. */
  next(): Promise<LeanConsole>;
  close(): Promise<void>;
}

/** `program`: as lean-build.ts made it. `cacheDir`: where Node keeps what it compiled, for all of them. */
export const standBy = (program: string, cacheDir: string): Standby => {
  let waiting: Promise<LeanConsole> | undefined;
  return {
    async next() {
      const loaded = await (waiting ?? load(program, cacheDir));
      waiting = load(program, cacheDir);
      return loaded;
    },
    async close() {
      await (await waiting)?.kill();
    },
  };
};

const load = async (program: string, cacheDir: string): Promise<LeanConsole> => {
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, NODE_COMPILE_CACHE: cacheDir },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said = wordsOf(child);
  await said.until('LOADED');
  const ready = said.until('READY');
  // Who kills it early does not wait for it.
  ready.catch(() => undefined);
  return {
    go: (home, customVenue) => child.stdin.write(`${JSON.stringify({ home, customVenue })}\n`),
    ready,
    alerts: said.alerts,
    async kill() {
      if (child.exitCode !== null) throw new Error(`a console ended by itself with code ${child.exitCode}: ${said.stderr()}`);
      child.kill('SIGKILL');
      await said.ended;
    },
  };
};

const wordsOf = (child: ChildProcess) => {
  const alerts: LeanAlert[] = [];
  const lines = new Set<string>();
  const looks = new Set<() => void>();
  let stderr = '';
  let rest = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout?.on('data', (chunk: Buffer) => {
    const parts = `${rest}${chunk.toString()}`.split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      if (line.startsWith('ALERT ')) alerts.push(JSON.parse(line.slice('ALERT '.length)) as LeanAlert);
      else lines.add(line);
    }
    for (const look of looks) look();
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const until = (word: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!lines.has(word)) return;
        looks.delete(look);
        resolve();
      };
      looks.add(look);
      void ended.then(() => reject(new Error(`a console ended before ${word}: ${stderr}`)));
    });
  return { alerts, until, ended, stderr: () => stderr };
};
