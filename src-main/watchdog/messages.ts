// What a console and its watchdog say to each other, as lines of JSON over a pipe that only those two have (REQUIREMENTS E8). The key
// travels here and nowhere else: never in an argument, the environment or a file.
import { z } from 'zod';

/** The pipe's place among the child's files; standard input is no choice, Electron reads it as ended on Windows. */
export const PIPE_FD = 3;

const text = z.string().max(8192);

/** What to stand in for. A later one takes the place of the one before it (a mode switch, a policy). */
const arm = z.strictObject({
  kind: z.literal('arm'),
  venue: z.strictObject({
    restUrl: z.url({ protocol: /^https?$/ }).max(512),
    apiKey: text,
    secret: text,
    signature: z.enum(['hmac', 'ed25519', 'rsa']),
    /** The embedded practice exchange: with the console's process it is gone, and nothing of it can fill. */
    endsWithConsole: z.boolean(),
  }),
  symbols: z.array(z.string().min(1).max(64)).max(2000),
  /** Stops and targets that guard a position stay: they hold while the console is gone (B5). */
  keepProtection: z.boolean(),
  /** Without a heartbeat for so long it acts. */
  patienceMs: z.int().min(500).max(600_000),
  /** An exchange that does not let itself be emptied for so long is given up. */
  giveUpAfterMs: z.int().positive(),
  /** The console's home: one watchdog each. */
  home: z.string().min(1).max(4096),
  reportPath: z.string().min(1).max(4096),
});

/** Sent out of a turn of the engine. */
const beat = z.strictObject({
  kind: z.literal('beat'),
  n: z.int().nonnegative(),
  /** Server time minus local time, ms. */
  offsetMs: z.number().finite(),
  /** Someone holds it in a debugger: its silence alone means nothing. Its end still does. */
  debugged: z.boolean(),
});

const toWatchdog = z.discriminatedUnion('kind', [arm, beat, z.strictObject({ kind: z.literal('goodbye') })]);

const toConsole = z.discriminatedUnion('kind', [
  /** It has the lock and its orders. */
  z.strictObject({ kind: z.literal('armed') }),
  /** It heard this heartbeat. */
  z.strictObject({ kind: z.literal('heard'), n: z.int().nonnegative() }),
  /** The first cancel leaves now. */
  z.strictObject({ kind: z.literal('acting'), why: text }),
  /** It cannot watch, and ends. */
  z.strictObject({ kind: z.literal('unfit'), why: text }),
]);

export type Arm = z.output<typeof arm>;
export type ToWatchdog = z.output<typeof toWatchdog>;
export type ToConsole = z.output<typeof toConsole>;

export const lineOf = (message: ToWatchdog | ToConsole): string => `${JSON.stringify(message)}\n`;

const read = <S extends z.ZodType>(schema: S, line: string): z.output<S> | undefined => {
  try {
    const parsed = schema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
};

/** Undefined for what is no such message: a person must hear of it, and nothing of it is used. */
export const readToWatchdog = (line: string): ToWatchdog | undefined => read(toWatchdog, line);
export const readToConsole = (line: string): ToConsole | undefined => read(toConsole, line);
