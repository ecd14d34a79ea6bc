// A ladder that allows real money, for consoles of tests that are about something else; and journals full of evidence, made of plain facts.
import { hash } from 'node:crypto';
import type { LadderSignOff, LadderStage } from '../../src-shared/domain/ladder.ts';
import { policyText } from '../../src-shared/policy/fields.ts';
import type { Engine } from '../../src-main/engine/engine.ts';

/** A sign-off whose certificate names what is in force in this engine. */
export const signOffFor = ({ state }: Engine, stage: LadderStage = 'full', changes: Partial<LadderSignOff> = {}): LadderSignOff => ({
  stage,
  by: 'test',
  evidence: [],
  evidenceHash: 'evidence',
  provenAtMs: 1,
  certificate: {
    stage,
    evidenceHash: 'evidence',
    policyHash: state.policy === null ? '' : hash('sha256', policyText(state.policy)),
    version: state.ladder.version,
    issuedAtMs: 1,
    by: 'test',
  },
  ...changes,
});

/** Real money may be opened with at `stage`. */
export const certify = (engine: Engine, stage: LadderStage = 'full'): void => {
  engine.dispatch({ kind: 'ladder-elsewhere', signOff: signOffFor(engine, stage), demotions: [] });
};
