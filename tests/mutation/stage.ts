// The stage of mutation testing: loads safety with every fault behind a switch, and its unit tests beside it, all in this process. It must
// change nothing on disk, and no fault may outlive its turn.
import { readFileSync, readdirSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { instrumented, SWITCHES } from './instrument.ts';
import type { Switches } from './instrument.ts';
import { faultsOf } from './operators.ts';
import type { Fault } from './operators.ts';

/** One planted fault by its place. */
export interface Mutant {
  readonly number: number;
  /** Path below src-main/safety. */
  readonly file: string;
  readonly line: number;
  /** The whole line as it stands in the source. */
  readonly source: string;
  readonly was: string;
  readonly becomes: string;
}

/** A unit test, collected instead of run. */
export interface Claim {
  readonly name: string;
  run(): unknown;
}

const ROOT = new URL('../../', import.meta.url);
const SAFETY = new URL('src-main/safety/', ROOT);
const TESTS = new URL('tests/unit/safety/', ROOT);
const STAND_IN = new URL('./stand-in.ts', import.meta.url).href;
/** What depends on safety is loaded anew when safety is. */
const LOADED_ANEW = [new URL('src-main/', ROOT), new URL('tests/', ROOT)].map(({ href }) => href);
const MOST_LOOPS = 100_000;

const filesIn = (folder: URL, ending: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith(ending))
    .toSorted();

/** One fault a turn: everything that ran while `planted` was −1 ran on the code as it stands. */
class Stage implements Switches {
  planted = -1;
  /** The faults whose code was reached since it was set; null: nobody asks. */
  reached: Set<number> | null = null;
  private loops = 0;
  private memories: WeakMap<object, unknown>[] = [];
  readonly WeakMap: WeakMapConstructor;

  constructor() {
    const { memories } = this;
    /** A memory that is empty again in each turn. */
    this.WeakMap = class<K extends object, V> {
      private held = new WeakMap<K, V>();
      constructor() {
        memories.push(this as unknown as WeakMap<object, unknown>);
      }
      get = (key: K): V | undefined => this.held.get(key);
      set = (key: K, value: V): this => {
        this.held.set(key, value);
        return this;
      };
      forget = (): void => void (this.held = new WeakMap());
    } as unknown as WeakMapConstructor;
  }

  on(fault: number): boolean {
    this.reached?.add(fault);
    return fault === this.planted;
  }

  loop(): void {
    this.loops += 1;
    if (this.loops > MOST_LOOPS) throw new Error('This loop does not end');
  }

  begin(fault: number): void {
    this.planted = fault;
    this.loops = 0;
    for (const memory of this.memories) (memory as unknown as { forget(): void }).forget();
  }
}

export class Theatre {
  readonly mutants: readonly Mutant[];
  private readonly stage = new Stage();
  private readonly texts = new Map<string, string>();
  private generation = 0;

  constructor() {
    (globalThis as Record<string, unknown>)[SWITCHES] = this.stage;
    const mutants: Mutant[] = [];
    for (const file of filesIn(SAFETY, '.ts')) {
      const url = new URL(file, SAFETY);
      const source = readFileSync(url, 'utf8');
      const code = stripTypeScriptTypes(source);
      const faults = faultsOf(code);
      this.texts.set(url.href, instrumented(code, faults, mutants.length));
      for (const fault of faults) mutants.push(mutantOf(fault, mutants.length, file, source));
    }
    this.mutants = mutants;
    this.watchImports();
  }

  /** Loads safety and the tests anew with this fault planted from the first line on. `reached`: the faults that loading alone reaches. */
  async load(fault: number): Promise<{ readonly claims: readonly Claim[]; readonly reached: ReadonlySet<number> }> {
    this.generation += 1;
    this.stage.begin(fault);
    const reached = (this.stage.reached = new Set());
    const claims: Claim[] = [];
    (globalThis as Record<string, unknown>)['__holdfastClaims'] = claims;
    try {
      for (const file of filesIn(TESTS, '.test.ts')) await import(`${new URL(file, TESTS).href}?turn=${this.generation}`);
    } finally {
      this.stage.reached = null;
    }
    return { claims, reached };
  }

  /** Runs a claim with this fault planted. Undefined: it holds. */
  async fails(claim: Claim, fault: number): Promise<unknown> {
    this.stage.begin(fault);
    try {
      await claim.run();
      return undefined;
    } catch (error) {
      return error ?? 'nothing was thrown';
    }
  }

  /** What a claim reaches on the code as it stands, and how long it takes (ms). Throws when it is about safety and does not hold. */
  async reachOf(claim: Claim): Promise<{ readonly reached: ReadonlySet<number>; readonly tookMs: number }> {
    const reached = (this.stage.reached = new Set());
    const from = performance.now();
    const failure = await this.fails(claim, -1);
    this.stage.reached = null;
    if (failure !== undefined && reached.size > 0) throw new Error(`"${claim.name}" fails on the code as it stands`, { cause: failure });
    return { reached, tookMs: performance.now() - from };
  }

  private watchImports(): void {
    registerHooks({
      resolve: (specifier, context, next) => {
        const turn = /\?turn=\d+$/.exec(context.parentURL ?? '')?.[0];
        if (turn === undefined) return next(specifier, context);
        if (specifier === 'vitest') return { url: STAND_IN, shortCircuit: true };
        const found = next(specifier, context);
        return LOADED_ANEW.some((folder) => found.url.startsWith(folder)) ? { ...found, url: found.url + turn } : found;
      },
      load: (url, context, next) => {
        const [file] = url.split('?') as [string];
        if (file === url || !file.endsWith('.ts')) return next(url, context);
        const known = this.texts.get(file) ?? stripTypeScriptTypes(readFileSync(fileURLToPath(file), 'utf8'));
        this.texts.set(file, known);
        return { format: 'module', source: known, shortCircuit: true };
      },
    });
  }
}

const mutantOf = ({ at, until, text, kind }: Fault, number: number, file: string, source: string): Mutant => {
  const before = source.slice(0, at).split('\n');
  const was = source.slice(at, until);
  return {
    number,
    file,
    line: before.length,
    source: source.split('\n')[before.length - 1]!.trim(),
    was: kind === 'block' ? '{ … }' : was.replace(/\s+/g, ' '),
    becomes: text.replace(/\s+/g, ' '),
  };
};
