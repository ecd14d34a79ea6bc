// A plan's life as a person reads it: each step in words, and under it what the console held true because of it.
import { factWords } from '../../src-main/engine/fact-words.ts';
import { attempt } from './attempt.ts';
import type { Deed, Plan, Weather } from './plan.ts';

const plain = (value: unknown): string => JSON.stringify(value).replaceAll('"', '');

const weatherWords = (weather: Weather): string =>
  Object.entries(weather)
    .filter(([, value]) => value !== 0 && value !== false && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name} ${plain(value)}`)
    .join(', ');

const words = (deed: Deed): string => {
  switch (deed.do) {
    case 'wait':
      return 'nothing';
    case 'weather':
      return deed.weather === null ? 'the faults stop' : `faults: ${weatherWords(deed.weather)}`;
    case 'crash': {
      const cut =
        deed.cut.kind === 'torn' ? `the file is torn at ${deed.cut.at} of the last write` : `${deed.cut.share} of what waited is on disk`;
      const meanwhile = deed.meanwhile.length === 0 ? '' : `, meanwhile ${deed.meanwhile.map(words).join(' and ')}`;
      return `the process dies: ${cut}; it starts again ${deed.downMs} ms later${meanwhile}`;
    }
    case 'rest':
      return 'rest: faults stop, everything resolves, the books are compared';
    default: {
      const { do: name, ...rest } = deed;
      const fields = Object.entries(rest).map(([field, value]) => `${field} ${plain(value)}`);
      return [name, fields.join(', ')].filter((part) => part !== '').join(': ');
    }
  }
};

/** Lives through the plan once more and writes down what happened. */
export const traceOf = async (plan: Plan): Promise<string> => {
  const lines = [`setup ${JSON.stringify(plan.setup)}`];
  const { failure } = await attempt(plan, ({ sim, onStep }) => {
    const startedMs = sim.time.monoMs();
    const at = (): string => `${((sim.time.monoMs() - startedMs) / 1000).toFixed(3).padStart(9)} s`;
    onStep.push((step, index) => lines.push(`${at()}  ${String(index + 1).padStart(4)}  ${words(step.deed)}`));
    const audit = sim.afterTurn;
    sim.afterTurn = (facts) => {
      for (const one of facts) lines.push(`${at()}          #${one.seq} ${one.fact.kind}: ${factWords(one).text}`);
      audit(facts);
    };
  });
  lines.push(failure === null ? 'It ran clean.' : `FAILED ${failure.text}`);
  return `${lines.join('\n')}\n`;
};
