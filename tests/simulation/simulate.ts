// `npm run simulate`: as many seeds as asked for, or as the time allows, in worker threads; the first one that fails is made small and
// written down. Ends with 0 when all ran clean, 1 when a seed failed, 2 when it was asked for something that it cannot do.
import fs from 'node:fs';
import nodePath from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { STEPS_A_MESSAGE } from './messages.ts';
import type { FromSimulation, ToSimulation } from './messages.ts';
import type { Plan } from './plan.ts';
import { hunt } from './planted-hunt.ts';
import { PLANTED } from './planted.ts';
import { STEPS } from './steps.ts';

interface Options {
  readonly seeds: number;
  readonly from: number;
  readonly steps: number;
  readonly workers: number;
  readonly seed?: number;
  readonly minutes?: number;
  readonly replay?: string;
  readonly planted?: true;
  readonly shrinkSeconds: number;
}

const OUTPUT = fileURLToPath(new URL('../../test-output/simulation/', import.meta.url));
const TELL_EVERY_MS = 10_000;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

const positive = (text: string): number => {
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
};

const optionsOf = (words: readonly string[]): Options =>
  new Command('simulate')
    .description('Lives through seeds of the deterministic simulation: the real engine against the practice exchange in virtual time.')
    .option('--seeds <count>', 'how many seeds', positive, 200)
    .option('--from <seed>', 'the first of them', positive, 1)
    .option('--steps <count>', 'steps of each', positive, 5000)
    .option('--seed <seed>', 'this seed alone; a failure is shrunk and written down', positive)
    .option('--minutes <count>', 'go on with further seeds for so long, whatever --seeds says', positive)
    .option('--workers <count>', 'threads', positive, 2)
    .option('--shrink-seconds <count>', 'how long a failing plan may be made smaller', positive, 300)
    .option('--planted', 'plant the faults of tests/simulation/planted.ts one by one, the slow ones too, and see that each is caught')
    .option('--replay <file>', 'live through a plan that was written down, and print what happens')
    .exitOverride()
    .parse([...words], { from: 'user' })
    .opts<Options>();

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const ask = (worker: Worker, question: ToSimulation): void => worker.postMessage(question);

const newWorker = (hear: (message: FromSimulation) => void, broken: (error: Error) => void): Worker => {
  const worker = new Worker(new URL('./simulate-worker.ts', import.meta.url), { execArgv: ['--disable-warning=ExperimentalWarning'] });
  worker.on('message', hear);
  worker.on('error', (error) => broken(error instanceof Error ? error : new Error(String(error))));
  return worker;
};

class Batch {
  private readonly options: Options;
  private readonly workers: Worker[] = [];
  private readonly startedMs = performance.now();
  private nextSeed: number;
  private steps = 0;
  private seeds = 0;
  private virtualMs = 0;
  private slowestMs = 0;
  private toldMs = performance.now();

  constructor(options: Options) {
    this.options = options;
    this.nextSeed = options.seed ?? options.from;
  }

  /** The seed that failed first, or null. */
  async run(): Promise<number | null> {
    const { seed, workers } = this.options;
    const failed = await new Promise<number | null>((resolve, reject) => {
      let busy = 0;
      for (let count = 0; count < (seed === undefined ? workers : 1); count += 1) {
        const worker = newWorker((message) => {
          if (message.kind === 'steps') this.steps += message.done;
          if (message.kind === 'lived') {
            this.note(message);
            if (message.attempt.failure !== null) resolve(message.seed);
            else if (!this.hand(worker) && (busy -= 1) === 0) resolve(null);
          }
          this.tell();
        }, reject);
        this.workers.push(worker);
        if (this.hand(worker)) busy += 1;
      }
      if (busy === 0) resolve(null);
    });
    await Promise.all(this.workers.map((worker) => worker.terminate()));
    say(this.summary());
    return failed;
  }

  /** Gives a worker its next seed; false when there is none left. */
  private hand(worker: Worker): boolean {
    const { seed, seeds, from, minutes, steps } = this.options;
    const isOver =
      seed !== undefined
        ? this.nextSeed > seed
        : minutes === undefined
          ? this.nextSeed >= from + seeds
          : performance.now() - this.startedMs > minutes * MINUTE_MS;
    if (isOver) return false;
    ask(worker, { kind: 'live', seed: this.nextSeed, steps });
    this.nextSeed += 1;
    return true;
  }

  private note({ seed, attempt }: Extract<FromSimulation, { kind: 'lived' }>): void {
    this.seeds += 1;
    // The last hundred was not whole.
    this.steps += attempt.stepsDone % STEPS_A_MESSAGE;
    this.virtualMs += attempt.virtualMs;
    this.slowestMs = Math.max(this.slowestMs, attempt.slowestMs);
    if (attempt.failure !== null) say(`Seed ${seed} fails after ${attempt.stepsDone} steps: ${attempt.failure.text}`);
  }

  private tell(): void {
    if (performance.now() - this.toldMs < TELL_EVERY_MS) return;
    this.toldMs = performance.now();
    say(this.summary());
  }

  private summary(): string {
    const seconds = (performance.now() - this.startedMs) / 1000;
    return [
      `${this.seeds} seeds (${(this.seeds / seconds).toFixed(2)} a second)`,
      `${this.steps} steps (${(this.steps / seconds).toFixed(0)} a second)`,
      `${(this.virtualMs / DAY_MS).toFixed(2)} simulated days`,
      `everything resolved within ${(this.slowestMs / 1000).toFixed(1)} s of the last fault`,
      `${seconds.toFixed(0)} s`,
    ].join(', ');
  }
}

/** Asks one worker one thing, and shows how far it is. */
const single = async (question: ToSimulation, shown: (message: FromSimulation) => boolean): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker: Worker = newWorker((message) => {
      if (shown(message)) worker.terminate().then(() => resolve(), reject);
    }, reject);
    ask(worker, question);
  });

const shrinkAndWrite = async (seed: number, { steps, shrinkSeconds }: Options): Promise<void> => {
  say(`Making seed ${seed} small (at most ${shrinkSeconds} s) ...`);
  let toldMs = performance.now();
  await single({ kind: 'shrink', seed, steps, forMs: shrinkSeconds * 1000 }, (message) => {
    if (message.kind === 'shrinking' && performance.now() - toldMs > TELL_EVERY_MS) {
      toldMs = performance.now();
      say(`  ${message.steps} steps left after ${message.runs} tries`);
    }
    if (message.kind !== 'shrunk') return false;
    write(seed, message.plan, message.trace);
    say(message.trace);
    say(`${message.plan.steps.length} steps after ${message.runs} tries.`);
    return true;
  });
};

/** Every planted fault, the slow ones too; true when all were caught. */
const huntAll = async (): Promise<boolean> => {
  let missed = 0;
  for (const planted of PLANTED) {
    const { caughtBySeed, text } = await hunt(planted, STEPS);
    if (caughtBySeed === null) missed += 1;
    const verdict =
      caughtBySeed === null ? `NOT CAUGHT by ${planted.withinSeeds} seeds` : `caught by seed ${caughtBySeed} of ${planted.withinSeeds}`;
    say(`${verdict}: ${planted.name}${text === '' ? '' : ` (${text.split('\n')[0] ?? ''})`}`);
  }
  say(`${PLANTED.length - missed} of ${PLANTED.length} planted faults were caught.`);
  return missed === 0;
};

const write = (seed: number, plan: Plan, trace: string): void => {
  fs.mkdirSync(OUTPUT, { recursive: true });
  const file = nodePath.join(OUTPUT, `seed-${seed}`);
  fs.writeFileSync(`${file}.json`, `${JSON.stringify(plan, null, 1)}\n`);
  fs.writeFileSync(`${file}.txt`, trace);
  say(`Written to test-output/simulation/seed-${seed}.txt; again with --replay test-output/simulation/seed-${seed}.json`);
};

const main = async (): Promise<number> => {
  const options = optionsOf(process.argv.slice(2));
  if (options.replay !== undefined) {
    const plan = JSON.parse(fs.readFileSync(options.replay, 'utf8')) as Plan;
    await single({ kind: 'trace', plan }, (message) => {
      if (message.kind === 'traced') say(message.trace);
      return message.kind === 'traced';
    });
    return 0;
  }
  if (options.planted === true) return (await huntAll()) ? 0 : 1;
  const failed = await new Batch(options).run();
  if (failed === null) return 0;
  await shrinkAndWrite(failed, options);
  say(`Keep it: { "seed": ${failed}, "steps": ${options.steps}, … } in tests/simulation/kept.json`);
  return 1;
};

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof CommanderError)) process.stderr.write(`simulate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
}
