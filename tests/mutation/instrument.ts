// Writes all planted faults into one text, each behind a switch, so that a source is loaded once and every fault is one number away.
import type { Fault } from './operators.ts';

/** What the switched text calls: `on(n)` says whether fault n is planted now, `loop()` that a loop goes round once more. */
export interface Switches {
  on(fault: number): boolean;
  loop(): void;
  readonly WeakMap: WeakMapConstructor;
}

/** The name under which it finds them. */
export const SWITCHES = '__holdfastMutation';

/** `first`: the number of the first of these faults. */
export const instrumented = (code: string, faults: readonly Fault[], first: number): string => {
  const groups = Map.groupBy(
    faults.map((fault, index) => ({ ...fault, number: first + index })),
    ({ start, end, kind }) => `${start}-${end}-${kind}`,
  );
  const wholes = [...groups.values()].map((group) => ({ start: group[0]!.start, end: group[0]!.end, group }));
  // Outer before inner; of the same place, the block first.
  wholes.sort((a, b) => a.start - b.start || b.end - a.end);
  let next = 0;
  const write = (start: number, end: number): string => {
    let text = '';
    let at = start;
    while (next < wholes.length && wholes[next]!.start < end) {
      const { start: from, end: to, group } = wholes[next]!;
      next += 1;
      text += code.slice(at, from);
      const inner = write(from, to);
      const switched = group
        .filter(({ kind }) => kind === 'expression')
        .map(
          ({ number, at: cutFrom, until, text: other }) =>
            `${SWITCHES}.on(${number}) ? (${code.slice(from, cutFrom)}${other}${code.slice(until, to)}) : `,
        );
      const left = group.filter(({ kind }) => kind === 'block').map(({ number }) => `if (${SWITCHES}.on(${number})) return;`);
      text += left.length > 0 ? `{ ${left.join(' ')} ${inner.slice(1)}` : `(${switched.join('')}(${inner}))`;
      at = to;
    }
    return text + code.slice(at, end);
  };
  return guarded(write(0, code.length));
};

/** A fault may make a loop endless, and a memory of one fault must not answer for the next. */
const guarded = (code: string): string =>
  code
    // Stripped types leave blanks behind.
    .replace(/new WeakMap\s*\(/g, `new ${SWITCHES}.WeakMap(`)
    .replace(/\b(while|for) \((.*)\) \{$/gm, (line) => `${line} ${SWITCHES}.loop();`);
