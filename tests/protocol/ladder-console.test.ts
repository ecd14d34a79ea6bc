// The ladder on a whole console (REQUIREMENTS H): its evidence live, on the command line, and recomputed from an export with no console
// running; a promotion that lacks evidence is refused; an incident begins it anew.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LadderView } from '../../src-shared/contract/view.ts';
import { holdfast } from '../support/console-process.ts';
import { CALLER, startTestConsole } from '../support/console.ts';
import type { TestConsole } from '../support/console.ts';

let console: TestConsole;
const file = (name: string): string => path.join(console.home, name);
const ladder = (): LadderView | undefined => console.view().safety.ladder;
const textOf = (id: string): string => ladder()?.evidence.find((one) => one.id === id)?.text ?? '';

beforeAll(async () => {
  console = await startTestConsole({}, { limits: { minSymbolIntervalMs: 0 } });
});
afterAll(async () => {
  await console.close();
  console.remove();
});

test('the practice market’s mood is known, trades are counted in it, and the command line shows what the window shows', async () => {
  await console.place({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quoteQty: '300' } as never);
  await console.until('a trade in the ranging market', () => textOf('practice-trades') === '1 of 100');
  expect(textOf('practice-orders')).not.toContain('market');
  expect(Object.values(console.view().log).map(({ text }) => text)).toContain('The practice market is ranging now');
  const shown = await holdfast(console.home, 'ladder --json');
  expect(shown.exit).toBe(0);
  expect(JSON.parse(shown.out)).toEqual(ladder());
  const words = await holdfast(console.home, 'ladder');
  expect(words.out).toMatch(/stage +practice/);
  expect(words.out).toMatch(/NO +Trades +1 of 100/);
});

test('an export recomputes to the same, and a changed or a cut one proves nothing', async () => {
  const out = file('all.jsonl');
  const live = ladder();
  expect((await holdfast(console.home, `journal export --format jsonl --out ${out}`)).exit).toBe(0);
  const recomputed = await holdfast('/nonexistent', `ladder --from ${out} --json`);
  expect(recomputed.err).toBe('');
  expect(JSON.parse(recomputed.out)).toEqual(live);

  const lines = fs.readFileSync(out, 'utf8').trimEnd().split('\n');
  const filledAt = lines.findIndex((line) => line.includes('"kind":"order.filled"'));
  expect(filledAt).toBeGreaterThan(0);
  const [changed, cut, empty] = [file('changed.jsonl'), file('cut.jsonl'), file('empty.jsonl')];
  fs.writeFileSync(changed, lines.map((line, at) => (at === filledAt ? line.replace('"side":"BUY"', '"side":"SELL"') : line)).join('\n'));
  fs.writeFileSync(cut, lines.slice(3).join('\n'));
  fs.writeFileSync(empty, '');
  const refused = async (name: string): Promise<string> => {
    const ran = await holdfast('/nonexistent', `ladder --from ${name}`);
    expect(ran).toMatchObject({ exit: 1, out: '' });
    return ran.err;
  };
  expect(await refused(changed)).toContain(`Fact ${filledAt + 1} was changed`);
  expect(await refused(cut)).toContain('Fact 1 is missing');
  expect(await refused(empty)).toContain('holds no fact');
  expect(await refused(file('none.jsonl'))).toContain('proves nothing');
});

test('a promotion without its evidence is refused on the command line with what is missing; words that make no sense are bad input', async () => {
  const ran = await holdfast(console.home, 'ladder promote --why soon');
  expect(ran.exit).toBe(1);
  expect(ran.err).toContain('Trades: 1 of 100');
  expect((await holdfast(console.home, 'ladder promote --why soon --stage micro')).err).toContain('leads to testnet, not to micro');
  for (const line of [
    'ladder promote',
    'ladder demote --why x',
    'ladder --why x',
    'ladder promote --why x --stage gold',
    'ladder promote --why x --from y',
  ])
    expect((await holdfast(console.home, line)).exit).toBe(2);
  expect(ladder()?.stage).toBe('practice');
});

test('the fault desk’s turn of the market is a fact; an incident begins the evidence anew', async () => {
  const { faultDesk = '' } = console.api.addresses.venue;
  const turned = await fetch(`${faultDesk}/desk`, { method: 'POST', body: JSON.stringify({ op: 'setRegime', regime: 'volatile' }) });
  expect(turned.ok).toBe(true);
  await console.until('the market turned', () =>
    Object.values(console.view().log).some(({ text }) => text === 'The practice market is volatile now') ? true : undefined,
  );
  console.api.trip('automatic', 'a drawdown');
  await console.until('the evidence begins anew', () => textOf('practice-trades') === '0 of 100');
  expect(ladder()?.why).toContain('a drawdown');
  expect(await console.api.handlers.promoteLadder({ why: 'x', readBackStage: 'testnet' }, CALLER)).toMatchObject({
    ok: false,
    error: { code: 'REFUSED', text: expect.stringContaining('emergency stop is tripped') },
  });
});
