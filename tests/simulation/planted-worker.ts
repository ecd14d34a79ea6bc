// A thread in which one source file has a fault planted in it: lives through seeds until the simulation catches it, or they are used up.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { PlantedTask, PlantedVerdict } from './messages.ts';

const { planted, steps } = workerData as PlantedTask;
const url = new URL(`../../${planted.file}`, import.meta.url).href;

registerHooks({
  load(wanted, context, next) {
    const loaded = next(wanted, context);
    if (wanted !== url) return loaded;
    return { ...loaded, source: readFileSync(fileURLToPath(url), 'utf8').replace(planted.find, () => planted.replace) };
  },
});

// Only now: what these files load must pass through the hook.
const { attempt } = await import('./attempt.ts');
const { drawPlan } = await import('./plan.ts');

const hunt = async (): Promise<PlantedVerdict> => {
  for (let seed = 1; seed <= planted.withinSeeds; seed += 1) {
    const { failure } = await attempt(drawPlan(seed, steps));
    if (failure !== null) return { caughtBySeed: seed, text: failure.text };
  }
  return { caughtBySeed: null, text: '' };
};

parentPort?.postMessage(await hunt());
