// Everything that the rollout ladder says (REQUIREMENTS H): what each stage asks for at its edges, where a promotion leads, why a
// certificate holds no more. `-u` writes words/ anew; the difference is looked at line by line.
import { expect, test } from 'vitest';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { LADDER_REGIMES, LADDER_STAGES } from '../../../src-shared/domain/ladder.ts';
import type { LadderStage } from '../../../src-shared/domain/ladder.ts';
import { MODES } from '../../../src-shared/domain/mode.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { emptyState } from '../../../src-main/engine/evolve.ts';
import type { LadderTally } from '../../../src-main/engine/state.ts';
import { evidenceOf, isProven, lackingOf, ORDER_KINDS, POSITION_STATES } from '../../../src-main/safety/ladder-evidence.ts';
import type { Gathered } from '../../../src-main/safety/ladder-evidence.ts';
import { certificateProblemOf, promotionFrom } from '../../../src-main/safety/ladder.ts';

const file = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
const DAY_MS = 86_400_000;
const EMPTY = emptyState().ladder.tally;
const ZERO = new Decimal(0);

const regimes = (volatile: number): LadderTally['regimes'] =>
  new Map(LADDER_REGIMES.map((name) => [name, name === 'volatile' ? volatile : 10]));
const FULL: LadderTally = {
  ...EMPTY,
  sinceMs: 5,
  sent: 3000,
  accepted: 3000,
  latency: { count: 3, sumMs: 1234 },
  trades: 112,
  regimes: regimes(10),
  orderKinds: new Set(ORDER_KINDS),
  positionStates: new Set(POSITION_STATES),
  drillPassed: true,
  comparedAtMs: 5 + 8 * DAY_MS,
  comparedDays: 8,
};

interface Case {
  readonly tally?: Partial<LadderTally>;
  readonly gathered?: Partial<Omit<Gathered, 'tally'>>;
}

const CASES: Readonly<Record<string, Case>> = {
  'all is met': {},
  'nothing was done': { tally: EMPTY, gathered: { profitGapUsdt: null, feesGapUsdt: null } },
  'an order was refused, two are in doubt, four cancels failed': {
    tally: { accepted: 2998, rejected: 1, doubted: 2, cancelsFailed: 4 },
  },
  'nearly enough is not shown as enough': { tally: { sent: 100_000, accepted: 94_999 } },
  'one regime has nine trades': { tally: { regimes: regimes(9) } },
  'one regime was never seen': { tally: { regimes: new Map([['ranging', 10]]) } },
  'one kind of order and two states lack': {
    tally: { orderKinds: new Set(ORDER_KINDS.slice(1)), positionStates: new Set(POSITION_STATES.slice(2)) },
  },
  'the books differ': { gathered: { profitGapUsdt: new Decimal('-1.23456789'), feesGapUsdt: new Decimal('0.00000002') } },
  'fees are of unknown worth': { gathered: { unpricedFees: 3 } },
  'limits were exceeded, books differed': { tally: { exceeded: 2, differences: 4 } },
  'no drill passed': { tally: { drillPassed: false } },
  'a server stood in': { gathered: { standIn: true } },
  'answers were slow': { tally: { latency: { count: 3, sumMs: 3001 } } },
  'it began just now': { tally: { comparedAtMs: 5 + DAY_MS - 1, comparedDays: 1 } },
  'nobody knows since when': { tally: { sinceMs: null } },
  'nothing was compared': { tally: { comparedAtMs: null } },
};

test('what each stage asks for, as it is told', async () => {
  const said = (stage: LadderStage, { tally, gathered }: Case): readonly string[] => {
    const all: Gathered = {
      tally: { ...FULL, ...tally },
      profitGapUsdt: ZERO,
      feesGapUsdt: ZERO,
      unpricedFees: 0,
      standIn: false,
      ...gathered,
    };
    const items = evidenceOf(stage, all, NORMAL.ladder);
    return [
      ...items.map(({ id, title, verdict, text }) => `${id} "${title}" ${verdict}: ${text}`),
      `proven: ${isProven(items)}; lacking: ${lackingOf(items)}`,
    ];
  };
  const lines = LADDER_STAGES.flatMap((stage) => {
    const usual = said(stage, {});
    return Object.entries(CASES).flatMap(([name, one]) => {
      const rows = name === 'all is met' ? usual : said(stage, one).filter((row) => !usual.includes(row));
      return rows.length === 0 ? [] : [`# ${stage}: ${name}`, ...rows];
    });
  });
  await expect(file(lines)).toMatchFileSnapshot('./words/evidence.txt');
});

test('where a promotion leads, from each stage in each mode', async () => {
  const certificate = { stage: 'micro', evidenceHash: 'e', policyHash: 'p', version: '1', issuedAtMs: 1, by: 'x' } as const;
  const stands = {
    'with a certificate': { certificate, certificateProblem: '' },
    'with a dead one': { certificate, certificateProblem: 'the policy changed' },
    'without any': { certificate: null, certificateProblem: '' },
  };
  const lines = Object.entries(stands).flatMap(([name, stand]) =>
    MODES.flatMap((mode) =>
      LADDER_STAGES.map((stage) => {
        const way = promotionFrom({ mode, stage, ...stand });
        return `${mode} at ${stage} ${name}: ${way.kind} ${way.kind === 'none' ? way.text : way.to}`;
      }),
    ),
  );
  const problems = (['1', '2'] as const).flatMap((version) =>
    [true, false].map((isSamePolicy) => `"${certificateProblemOf({ version: '1' }, version, isSamePolicy)}"`),
  );
  await expect(file([...lines, '# Why a certificate does not hold', ...problems])).toMatchFileSnapshot('./words/promotion.txt');
});

test('nothing is met by one item alone, and what lacks is told in its order', () => {
  const one = (title: string, verdict: 'met' | 'not-met' | 'unknown') => ({ id: title, title, verdict, text: 'x' });
  expect(isProven([one('A', 'met'), one('B', 'not-met')])).toBe(false);
  expect(isProven([one('A', 'met'), one('B', 'met')])).toBe(true);
  expect(lackingOf([one('A', 'unknown'), one('B', 'met'), one('C', 'not-met')])).toBe('A: x; C: x');
});
