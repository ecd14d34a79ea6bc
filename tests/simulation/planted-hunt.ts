// Starts the thread that hunts for a planted fault. Nothing of the simulation is loaded on this side.
import { Worker } from 'node:worker_threads';
import type { PlantedTask, PlantedVerdict } from './messages.ts';
import type { Planted } from './planted.ts';

export const hunt = (planted: Planted, steps: number): Promise<PlantedVerdict> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./planted-worker.ts', import.meta.url), {
      workerData: { planted, steps } satisfies PlantedTask,
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    worker.once('message', (verdict: PlantedVerdict) => {
      resolve(verdict);
      void worker.terminate();
    });
    worker.once('error', (error) => reject(error instanceof Error ? error : new Error(String(error))));
  });
