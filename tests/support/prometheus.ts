// A reader of Prometheus' text format 0.0.4, written from its specification and from nothing in the console. It is strict: what a
// collector might shrug at is an error here.

export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: readonly Sample[];
}
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const VALUE = /^(?:[+-]?Inf|NaN|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/;

const wrong = (line: string, why: string): Error => new Error(`${why}: ${line}`);

/** `{a="b",c="d"}` from `at` on; the escapes are \\, \" and \n. */
const labelsOf = (line: string, from: number): { readonly labels: Record<string, string>; readonly at: number } => {
  const labels: Record<string, string> = {};
  let at = from + 1;
  while (line[at] !== '}') {
    const equals = line.indexOf('="', at);
    if (equals === -1) throw wrong(line, 'a label without a value');
    const name = line.slice(at, equals);
    if (!LABEL.test(name) || name in labels) throw wrong(line, `no label name, or twice: ${name}`);
    let value = '';
    at = equals + 2;
    for (; line[at] !== '"'; at += 1) {
      if (at >= line.length) throw wrong(line, 'a label that does not end');
      if (line[at] !== '\\') value += line[at];
      else {
        at += 1;
        const plain = { '\\': '\\', '"': '"', n: '\n' }[line[at] ?? ''];
        if (plain === undefined) throw wrong(line, 'an escape that is none');
        value += plain;
      }
    }
    labels[name] = value;
    at += 1;
    if (line[at] === ',') at += 1;
    else if (line[at] !== '}') throw wrong(line, 'neither comma nor end');
  }
  return { labels, at: at + 1 };
};

const sampleOf = (line: string): Sample => {
  const brace = line.indexOf('{');
  const nameEnd = brace === -1 ? line.indexOf(' ') : brace;
  const name = line.slice(0, nameEnd);
  if (!NAME.test(name)) throw wrong(line, 'no metric name');
  const { labels, at } = brace === -1 ? { labels: {}, at: nameEnd } : labelsOf(line, brace);
  const text = line.slice(at);
  if (!text.startsWith(' ') || !VALUE.test(text.slice(1))) throw wrong(line, 'no value');
  return { name, labels, value: Number(text.slice(1).replace('Inf', 'Infinity')) };
};

const keyOf = ({ name, labels }: Sample): string => JSON.stringify([name, Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))]);

const checkHistogram = ({ name, samples }: Family): void => {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => Number((labels['le'] ?? 'NaN').replace('Inf', 'Infinity')));
  const ascends = (values: readonly number[], isRight: (a: number, b: number) => boolean): boolean =>
    values.every((value, index) => index === 0 || isRight(values[index - 1] ?? Number.NaN, value));
  if (!ascends(bounds, (a, b) => a < b)) throw new Error(`${name}: bounds do not ascend: ${bounds.join()}`);
  if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`${name}: no bucket +Inf`);
  if (
    !ascends(
      buckets.map(({ value }) => value),
      (a, b) => a <= b,
    )
  )
    throw new Error(`${name}: buckets are not cumulative`);
  const one = (part: string): number => {
    const found = samples.filter((sample) => sample.name === `${name}_${part}`);
    if (found.length !== 1) throw new Error(`${name}: not one _${part}`);
    return found[0]?.value ?? Number.NaN;
  };
  if (one('count') !== buckets.at(-1)?.value) throw new Error(`${name}: _count is not the last bucket`);
  if (!Number.isFinite(one('sum'))) throw new Error(`${name}: _sum is no number`);
};

const check = (family: Family): void => {
  const { name, type, samples } = family;
  if (samples.length === 0) throw new Error(`${name} has no sample`);
  if (new Set(samples.map(keyOf)).size !== samples.length) throw new Error(`${name} says the same twice`);
  if (type === 'histogram') return checkHistogram(family);
  for (const sample of samples) {
    if (sample.name !== name) throw new Error(`${sample.name} stands under ${name}`);
    if (type === 'counter' && !(sample.value >= 0)) throw new Error(`${name} counts ${sample.value}`);
  }
  if (type === 'counter' && !name.endsWith('_total')) throw new Error(`the counter ${name} does not end in _total`);
};

/** Every family of a text. Throws on the first thing that the format does not allow. */
export const parsePrometheus = (text: string): ReadonlyMap<string, Family> => {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, Family & { samples: Sample[] }>();
  let current: (Family & { samples: Sample[] }) | undefined;
  let help: { readonly name: string; readonly text: string } | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment === null && line.startsWith('#')) throw wrong(line, 'a comment of no known kind');
    if (comment?.[1] === 'HELP') {
      help = { name: comment[2] ?? '', text: comment[3] ?? '' };
      current = undefined;
    } else if (comment?.[1] === 'TYPE') {
      const [, , name = '', type = ''] = comment;
      if (help?.name !== name) throw wrong(line, 'TYPE without its HELP');
      if (!['counter', 'gauge', 'histogram'].includes(type)) throw wrong(line, 'no known type');
      if (families.has(name)) throw wrong(line, 'a family twice');
      current = { name, type: type as Family['type'], help: help.text, samples: [] };
      families.set(name, current);
    } else {
      if (current === undefined) throw wrong(line, 'a sample under no family');
      const sample = sampleOf(line);
      const isOwn =
        sample.name === current.name ||
        (current.type === 'histogram' && /^_(bucket|sum|count)$/.test(sample.name.slice(current.name.length)));
      if (!isOwn || !sample.name.startsWith(current.name)) throw wrong(line, `not of ${current.name}`);
      current.samples.push(sample);
    }
  }
  for (const family of families.values()) check(family);
  return families;
};
