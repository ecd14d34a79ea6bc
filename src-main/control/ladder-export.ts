// The ladder out of a journal's export (REQUIREMENTS H): every fact made true anew, so that anybody can hold the evidence against the
// facts. Each line is held against the hash of the one before it; only what is whole, from fact 1 on, proves anything.
import fs from 'node:fs';
import readline from 'node:readline';
import type { LadderView } from '../../src-shared/contract/view.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import { emptyState, evolve } from '../engine/evolve.ts';
import type { Fact } from '../engine/facts.ts';
import { ladderView } from '../engine/ladder-view.ts';
import { chainHash } from '../journal/chain.ts';

/** As journal-export.ts writes it; the fact's text is what the hash is over. */
const LINE = /^\{"seq":(\d{1,15}),"at":"[^"]{20,30}","atMs":(\d{1,15}),"hash":"([0-9a-f]{64})","fact":(.+)\}$/s;

/** The error says in words at which line the export proves nothing any more. */
export const ladderOfExport = async (path: string): Promise<Result<LadderView, string>> => {
  const state = emptyState();
  let before: string | null = null;
  try {
    for await (const line of readline.createInterface({ input: fs.createReadStream(path, 'utf8'), crlfDelay: Infinity })) {
      const [, seqText, atText, hash = '', json = ''] = LINE.exec(line) ?? [];
      const [seq, atMs] = [Number(seqText), Number(atText)];
      if (seq !== state.seq + 1)
        return fail(`Fact ${state.seq + 1} is missing or is no line of an export: export the whole journal, without --from and --to.`);
      // The first fact's predecessor says whose journal it is, and is not exported.
      if (before !== null && chainHash(before, seq, atMs, json) !== hash)
        return fail(`Fact ${seq} was changed after it was written: its hash does not fit.`);
      before = hash;
      evolve(state, { seq, atMs, fact: JSON.parse(json) as Fact });
    }
  } catch (error) {
    return fail(`The export proves nothing: ${error instanceof Error ? error.message : String(error)}.`);
  }
  return state.seq === 0 ? fail('The export holds no fact.') : ok(ladderView(state));
};
