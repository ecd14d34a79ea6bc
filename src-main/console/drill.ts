// A drill of the emergency stop (REQUIREMENTS E7), from the console's side: a copy of what is open goes to a thread that knows nothing
// else, and a result comes back. It must never reach the real exchange, nor hold up the real engine, least of all its stop.
import { Worker } from 'node:worker_threads';
import type { DrillResult } from '../../src-shared/domain/drill.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { Engine } from '../engine/engine.ts';
import { drillPictureOf } from './drill-picture.ts';
import type { FromDrill } from './drill-worker.ts';

const WORKER = new URL(`./drill-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
/** It takes seconds; one that is not through by then is ended, before the caller gives up. */
const MOST_MS = 45_000;

export class DrillGround {
  #giveUp: ((why: string) => void) | null = null;

  /** Runs a drill on a copy of what is open now. The error says in words why there was none; a drill that did not pass is none. */
  async run({ state, market }: Engine): Promise<Result<DrillResult, string>> {
    if (this.#giveUp !== null) return fail('A drill is under way already.');
    if (state.stop.phase === 'TRIPPED') return fail('The emergency stop is tripped: this is no time for a drill. Reset it first.');
    const picture = drillPictureOf(state, market);
    if (picture === null) return fail('No policy is in force yet: what a stop does with positions is not known.');
    const worker = new Worker(WORKER, { workerData: picture, name: 'drill', execArgv: [] });
    const timer = setTimeout(() => this.giveUp(`The drill was not through within ${MOST_MS / 1000} s.`), MOST_MS);
    timer.unref();
    const result = await new Promise<Result<DrillResult, string>>((resolve) => {
      this.#giveUp = (why) => resolve(fail(why));
      worker.once('message', (message: FromDrill) =>
        resolve(message.kind === 'done' ? ok(message.drill) : fail(`The drill could not be run: ${message.text}.`)),
      );
      worker.once('error', (error) => resolve(fail(`The drill broke off: ${error instanceof Error ? error.message : String(error)}.`)));
      worker.once('exit', () => resolve(fail('The drill broke off.')));
    });
    clearTimeout(timer);
    await worker.terminate();
    this.#giveUp = null;
    return result;
  }

  /** Ends the drill that is under way, if there is one: the real stop needs the machine, or the console closes. */
  giveUp(why: string): void {
    this.#giveUp?.(why);
  }
}
