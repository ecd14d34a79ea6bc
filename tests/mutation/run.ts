// Mutation testing of safety (issue 4, section 7): plants every small fault that operators.ts knows, one at a time, and sees whether a unit
// test notices. `npm run mutate [-- part of a path] [-- --sample n]`. What no test can notice is named in survivors.json with the reason;
// any other survivor, and a name there that is none any more, fails the run.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { Theatre } from './stage.ts';
import type { Claim, Mutant } from './stage.ts';

/** A fault that changes nothing that can be seen, and why. */
interface Equivalent {
  readonly file: string;
  readonly source: string;
  readonly was: string;
  readonly becomes: string;
  readonly why: string;
}

const EQUIVALENTS = JSON.parse(readFileSync(new URL('./survivors.json', import.meta.url), 'utf8')) as readonly Equivalent[];
const PROGRESS_EVERY_MS = 10_000;

const { values, positionals } = parseArgs({
  options: { sample: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const every = Number(values.sample);
const started = performance.now();
const seconds = (): string => ((performance.now() - started) / 1000).toFixed(0);

const keyOf = ({ file, source, was, becomes }: Equivalent | Mutant): string => JSON.stringify([file, source, was, becomes]);
const placeOf = ({ file, line, was, becomes, source }: Mutant): string =>
  `${file}:${line}  ${was.slice(0, 100)}  →  ${becomes.slice(0, 100)}\n      ${source.slice(0, 160)}`;

interface Reach {
  readonly claim: Claim;
  readonly reached: ReadonlySet<number>;
  readonly tookMs: number;
}

const theatre = new Theatre();
const { claims, reached: atLoad } = await theatre.load(-1);
const reaches: Reach[] = [];
for (const claim of claims) reaches.push({ claim, ...(await theatre.reachOf(claim)) });
reaches.sort((a, b) => a.tookMs - b.tookMs);

/** Claims that reach a fault, quickest first; those that noticed one of the same file lately before them. */
const noticed = new Map<string, string[]>();
const inOrder = (found: readonly Reach[], file: string): readonly Reach[] => {
  const lately = noticed.get(file) ?? [];
  return found.toSorted((a, b) => lately.indexOf(b.claim.name) - lately.indexOf(a.claim.name));
};

const tries = async (found: readonly Claim[], { number, file }: Mutant): Promise<boolean> => {
  for (const claim of found) {
    if ((await theatre.fails(claim, number)) === undefined) continue;
    const lately = (noticed.get(file) ?? []).filter((name) => name !== claim.name);
    noticed.set(file, [...lately.slice(-9), claim.name]);
    return true;
  }
  return false;
};

const fileReach = new Map<string, Set<Claim>>();
for (const { claim, reached } of reaches)
  for (const number of reached) {
    const { file } = theatre.mutants[number]!;
    fileReach.set(file, (fileReach.get(file) ?? new Set()).add(claim));
  }

const aboutSafety = new Set(reaches.filter(({ reached }) => reached.size > 0).map(({ claim }) => claim.name));

/** What loading computes stays as it was until all is loaded anew with the fault in it. */
const triesAnew = async (mutant: Mutant): Promise<boolean> => {
  let loaded: readonly Claim[];
  try {
    loaded = (await theatre.load(mutant.number)).claims;
  } catch {
    return true;
  }
  const near = new Set([...(fileReach.get(mutant.file) ?? [])].map(({ name }) => name));
  const first = loaded.filter(({ name }) => near.has(name));
  const then = loaded.filter(({ name }) => aboutSafety.has(name) && !near.has(name));
  return (await tries(first, mutant)) || tries(then, mutant);
};

const isNoticed = async (mutant: Mutant): Promise<boolean> => {
  const found = inOrder(
    reaches.filter(({ reached }) => reached.has(mutant.number)),
    mutant.file,
  );
  if (
    await tries(
      found.map(({ claim }) => claim),
      mutant,
    )
  )
    return true;
  return atLoad.has(mutant.number) && triesAnew(mutant);
};

/** By what it is, not by its number: a change of one source leaves the sample of the others as it was. */
const isSampled = (mutant: Mutant): boolean => createHash('sha256').update(keyOf(mutant)).digest().readUInt32BE() % every === 0;

const chosen = theatre.mutants.filter(
  (mutant) => isSampled(mutant) && (positionals.length === 0 || positionals.some((part) => mutant.file.includes(part))),
);
console.log(`${chosen.length} of ${theatre.mutants.length} faults, ${reaches.length} claims (ready after ${seconds()} s)`);

const survivors: Mutant[] = [];
const perFile = new Map<string, { all: number; noticed: number }>();
let told = performance.now();
for (const [done, mutant] of chosen.entries()) {
  const count = perFile.get(mutant.file) ?? { all: 0, noticed: 0 };
  const isDead = await isNoticed(mutant);
  perFile.set(mutant.file, { all: count.all + 1, noticed: count.noticed + Number(isDead) });
  if (!isDead) survivors.push(mutant);
  if (performance.now() - told < PROGRESS_EVERY_MS) continue;
  told = performance.now();
  console.log(`${done + 1} of ${chosen.length}: ${survivors.length} survive (${seconds()} s, in ${mutant.file})`);
}
// The last word has the code as it stands: a fault that outlived its turn would have made all of this worthless.
for (const { claim, reached } of reaches)
  if (reached.size > 0 && (await theatre.fails(claim, -1)) !== undefined)
    throw new Error(`A fault outlived its turn: "${claim.name}" fails`);

const named = new Map(EQUIVALENTS.map((one) => [keyOf(one), one]));
const known = survivors.filter((one) => named.has(keyOf(one)));
const unknown = survivors.filter((one) => !named.has(keyOf(one)));
const surviving = new Set(survivors.map(keyOf));
const chosenKeys = new Set(chosen.map(keyOf));
const isStale = (one: Equivalent): boolean =>
  every === 1 ? !surviving.has(keyOf(one)) && (positionals.length === 0 || chosenKeys.has(keyOf(one))) : false;
const stale = EQUIVALENTS.filter(isStale);

for (const [file, { all, noticed: dead }] of perFile) if (dead < all) console.log(`${file}: ${dead} of ${all}`);
for (const one of unknown) console.log(`SURVIVES ${placeOf(one)}`);
for (const one of stale) console.log(`NO SURVIVOR ANY MORE, take it off survivors.json: ${keyOf(one)}`);
const dead = chosen.length - survivors.length;
const percent = (part: number, whole: number): string => (whole === 0 ? '100' : ((part * 100) / whole).toFixed(2));
console.log(
  `mutation score ${percent(dead, chosen.length)} % (${dead} of ${chosen.length}); without the ${known.length} that change nothing ${percent(dead, chosen.length - known.length)} %; ${seconds()} s`,
);
process.exitCode = unknown.length + stale.length === 0 && chosen.length > 0 ? 0 : 1;
