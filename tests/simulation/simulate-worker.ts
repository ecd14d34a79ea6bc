// One thread of `npm run simulate`: lives through the seeds that it is handed, and makes a failing one small.
import { parentPort } from 'node:worker_threads';
import { invariant } from '../../src-shared/errors/result.ts';
import { attempt } from './attempt.ts';
import type { Attempt } from './attempt.ts';
import { drawPlan } from './plan.ts';
import { STEPS_A_MESSAGE } from './messages.ts';
import type { FromSimulation, ToSimulation } from './messages.ts';
import { shrink } from './shrink.ts';
import { traceOf } from './trace.ts';

const port = parentPort;
invariant(port !== null, 'this runs as a worker thread');
const say = (message: FromSimulation): void => port.postMessage(message);

const live = async (seed: number, steps: number): Promise<Attempt> =>
  attempt(drawPlan(seed, steps), ({ onStep }) =>
    onStep.push((_step, index) => {
      if (index % STEPS_A_MESSAGE === STEPS_A_MESSAGE - 1) say({ kind: 'steps', done: STEPS_A_MESSAGE });
    }),
  );

const shrinkSeed = async (seed: number, steps: number, forMs: number): Promise<void> => {
  const whole = drawPlan(seed, steps);
  const { failure, stepsDone } = await attempt(whole);
  invariant(failure !== null, 'a seed fails again as it failed before');
  const cut = { ...whole, steps: whole.steps.slice(0, stepsDone + 1) };
  const { plan, runs } = await shrink(cut, failure, forMs, (left, tries) => say({ kind: 'shrinking', steps: left, runs: tries }));
  say({ kind: 'shrunk', plan, trace: await traceOf(plan), runs });
};

const deal = async (message: ToSimulation): Promise<void> => {
  if (message.kind === 'live') say({ kind: 'lived', seed: message.seed, attempt: await live(message.seed, message.steps) });
  else if (message.kind === 'shrink') await shrinkSeed(message.seed, message.steps, message.forMs);
  else say({ kind: 'traced', trace: await traceOf(message.plan) });
};

port.on('message', (message: ToSimulation) => void deal(message));
