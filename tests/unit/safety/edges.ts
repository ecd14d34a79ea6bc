// Claims about a limit's edge, made into tests: the last order that passes, and the first that is denied with that very code.
import { describe, expect, it } from 'vitest';
import type { OcoRequest, OrderRequest } from '../../../src-shared/domain/order.ts';
import type { DenialCode } from '../../../src-shared/errors/denial.ts';
import { judge, judgeList } from '../../../src-main/safety/gate.ts';
import { listKindOf } from '../../../src-main/safety/legs.ts';
import type { GatePicture } from '../../../src-main/safety/picture.ts';
import { picture } from './pictures.ts';

export type Case = readonly [claim: string, wish: OrderRequest | OcoRequest, changes?: Partial<GatePicture>];
export type Edge = readonly [code: DenialCode, passes: readonly Case[], denied: readonly Case[]];

/** What the gate says of a wish, by the way that the engine would take with it. */
export const judged = (
  wish: OrderRequest | OcoRequest,
  changes: Partial<GatePicture> = {},
  origin: Parameters<typeof judge>[1] = 'window',
) => {
  const moment = picture(changes);
  return 'type' in wish && listKindOf(wish, moment.instrument) === null ? judge(wish, origin, moment) : judgeList(wish, origin, moment);
};

export const provesEdges = (edges: readonly Edge[]): void => {
  for (const [code, passing, denied] of edges) {
    describe(`${code}`, () => {
      for (const [claim, wish, changes] of passing) {
        it(`lets ${claim} pass`, () => {
          const judgement = judged(wish, changes);
          expect(judgement.verdict === 'deny' ? judgement.denial : judgement.verdict).toBe('pass');
        });
      }
      for (const [claim, wish, changes] of denied) {
        it(`denies ${claim}`, () => {
          const judgement = judged(wish, changes);
          if (judgement.verdict !== 'deny') throw new Error('It passed');
          expect(judgement.denial.code).toBe(code);
          expect(judgement.denial.text).not.toMatch(/undefined|null|NaN|\[object/);
          expect(judgement.denial.advice.length).toBeGreaterThan(5);
        });
      }
    });
  }
};
