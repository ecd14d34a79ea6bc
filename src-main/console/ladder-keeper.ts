// Keeps the ladder's sign-off files in step with the journal, and tells a console that begins what the other modes' journals hold of the
// ladder. It gives no leave by itself: that is ladder-gate.ts, asked at each switch to mainnet.
import type { JournalRow } from '../../src-shared/contract/journal.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { LadderSignOff } from '../../src-shared/domain/ladder.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { Alerts, Log } from '../alerts/port.ts';
import type { SequencedFact } from '../engine/facts.ts';
import type { Core } from './core.ts';
import { readSignOff, signOffOf, writeSignOff } from './ladder-files.ts';
import { ladderLeave, neighboursOf } from './ladder-gate.ts';
import type { LadderWish } from './ladder-gate.ts';

const ROWS_A_PAGE = 500;

/** Self-test and start take their time: `lost` says in words what the mode that is left has done to the leave meanwhile, or null. */
export interface LadderLeave {
  readonly signOff: LadderSignOff;
  lost(): string | null;
}

/** The running journal, as far as it is on disk when the first page is asked for. */
async function* pagesOfCore({ setup: { opened } }: Core): AsyncIterable<readonly JournalRow[]> {
  await opened.journal.flush();
  for (let fromSeq = 0; ; fromSeq += ROWS_A_PAGE) {
    const rows = await opened.reader.rows(fromSeq, ROWS_A_PAGE);
    yield rows;
    if (rows.length < ROWS_A_PAGE) return;
  }
}

export interface LadderSetup {
  readonly home: string;
  readonly version: string;
  readonly core: () => Core;
  readonly alerts: Alerts;
  readonly log: Log;
}

export class LadderKeeper {
  private readonly setup: LadderSetup;
  private begun: Core | null = null;

  constructor(setup: LadderSetup) {
    this.setup = setup;
  }

  /** To be called with what became true. The neighbours are asked once a core, when it has proven that it works: no start waits for them. */
  note(core: Core, facts: readonly SequencedFact[]): void {
    if (facts.some(({ fact }) => fact.kind === 'ladder.promoted')) void this.keep(core);
    if (this.begun === core || !facts.some(({ fact }) => fact.kind === 'selftest.finished')) return;
    this.begun = core;
    void this.begin(core);
  }

  /** The leave for mainnet, or in words why there is none. */
  async leave(): Promise<Result<LadderLeave, string>> {
    const core = this.setup.core();
    const wish = this.wish(core);
    if (wish === null) return fail('no policy is in force yet');
    const { evidenceHash, provenAtMs } = core.engine.state.ladder;
    const leave = await ladderLeave(wish);
    if (!leave.ok) return leave;
    const lost = (): string | null => {
      const { ladder } = core.engine.state;
      const isSame = ladder.incident === null && ladder.evidenceHash === evidenceHash && ladder.provenAtMs === provenAtMs;
      return isSame ? null : `The ladder has just lost its leave for mainnet. ${ladder.incident ?? ladder.why}`;
    };
    return ok({ signOff: leave.value, lost });
  }

  private wish(core: Core): LadderWish | null {
    const { policy } = core.engine.state;
    const { mode, account } = core.setup;
    const { home, version } = this.setup;
    return policy === null ? null : { home, version, policy, running: { mode, account, pages: () => pagesOfCore(core) } };
  }

  private async begin(core: Core): Promise<void> {
    const wish = this.wish(core);
    if (wish === null) return;
    try {
      const found = await neighboursOf(wish);
      if (core !== this.setup.core()) return;
      core.engine.dispatch({ kind: 'ladder-elsewhere', ...found });
      await this.keep(core);
    } catch (error) {
      this.setup.log.error('ladder', { error });
    }
  }

  /** A file that is lost is written again: the journal is the truth, and the file only says where it is. */
  private async keep(core: Core): Promise<void> {
    const { journal, reader } = core.setup.opened;
    try {
      const { state } = core.engine;
      const { seq } = state;
      const { evidenceHash, certificate } = state.ladder;
      await journal.flush();
      const [row] = await reader.rows(seq, 1);
      const file = row === undefined ? null : signOffOf(state, row);
      if (file === null || core !== this.setup.core()) return;
      const written = readSignOff(this.setup.home, file.signed);
      const isThere =
        written.ok && written.value.evidenceHash === evidenceHash && written.value.certificate?.issuedAtMs === certificate?.issuedAtMs;
      if (!isThere) writeSignOff(this.setup.home, file);
    } catch (error) {
      this.setup.log.error('ladder', { error });
      const text = "The sign-off file of this stage cannot be written: mainnet will not find it. Check the home's disk and permissions.";
      this.setup.alerts.raise({ severity: 'danger', key: 'ladder-file', title: 'The ladder cannot be signed off', text });
    }
  }
}
