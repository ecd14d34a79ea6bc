// DESIGN 3: the source keeps its own rules. Each row of the table is proven twice: it catches its planted violation, and the project has none.
import { describe, expect, test } from 'vitest';
import { RULES } from './rules.ts';
import type { Rule } from './rules.ts';
import { isCode, projectFiles, readSource } from './source.ts';
import type { Source } from './source.ts';

const sources = projectFiles().filter(isCode).map(readSource);

const applies = (rule: Rule, path: string): boolean => rule.where.test(path) && !Object.hasOwn(rule.except, path);

const findings = (rule: Rule, among: readonly Source[]): readonly string[] =>
  among
    .filter((source) => applies(rule, source.path))
    .flatMap((source) => rule.check(source).map(({ line, what }) => `${source.path}:${line} ${what}`));

test('there is source to judge', () => {
  expect(sources.length).toBeGreaterThan(20);
});

test('every exception names a file that is still there', () => {
  const paths = new Set(sources.map((source) => source.path));
  expect(RULES.flatMap((rule) => Object.keys(rule.except)).filter((path) => !paths.has(path))).toEqual([]);
});

describe.each(RULES)('$id', (rule) => {
  test('catches each planted violation', () => {
    expect(rule.planted.length).toBeGreaterThan(0);
    for (const { path, code } of rule.planted) {
      expect(findings(rule, [{ path, text: code }]), `${path}: ${code}`).not.toEqual([]);
    }
  });

  test('leaves innocent code alone', () => {
    for (const { path, code } of rule.innocent) expect(findings(rule, [{ path, text: code }])).toEqual([]);
  });

  test('holds in this project', () => {
    expect(findings(rule, sources), rule.reason).toEqual([]);
  });
});
