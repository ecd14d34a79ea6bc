// Reads the project's own files: which there are, what each imports, and its syntax tree. Judges nothing.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A file as the rules see it. `path` is relative to the project's root, with forward slashes. */
export type Source = { readonly path: string; readonly text: string };

/** `target` is a project path for a relative import, else the specifier as written ("zod", "node:fs"). */
export type Import = { readonly target: string; readonly relative: boolean; readonly typeOnly: boolean; readonly line: number };

export type Node = { readonly type: string; readonly start: number; readonly end: number; readonly [field: string]: unknown };

/** Every file that is committed or would be: what git knows, and what it does not ignore. */
export function projectFiles(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return [...new Set(listed.split('\0'))].filter((path) => path !== '' && existsSync(ROOT + path));
}

export const readSource = (path: string): Source => ({ path, text: readFileSync(ROOT + path, 'utf8') });

export const isCode = (path: string): boolean => /\.(ts|tsx|cts|mts|mjs|cjs|js)$/.test(path);

export const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

const parsed = new WeakMap<Source, ReturnType<typeof parseSync>>();

function parse(source: Source): ReturnType<typeof parseSync> {
  const known = parsed.get(source);
  if (known) return known;
  const result = parseSync(source.path, source.text);
  const first = result.errors[0];
  if (first) throw new Error(`${source.path} does not parse: ${first.message}`);
  parsed.set(source, result);
  return result;
}

/** Every import of a file: static, re-exporting, dynamic and in types. A dynamic import of a computed name has the target '(computed)'. */
export function importsOf(source: Source): readonly Import[] {
  const found: Import[] = [];
  const add = (specifier: string, typeOnly: boolean, offset: number): void => {
    const relative = specifier.startsWith('.');
    const target = relative ? posix.join(posix.dirname(source.path), specifier) : specifier;
    found.push({ target, relative, typeOnly, line: lineOf(source.text, offset) });
  };
  const { module } = parse(source);
  for (const each of module.staticImports) {
    add(each.moduleRequest.value, each.entries.length > 0 && each.entries.every((entry) => entry.isType), each.start);
  }
  for (const each of module.staticExports) {
    for (const entry of each.entries) if (entry.moduleRequest) add(entry.moduleRequest.value, entry.isType, entry.start);
  }
  walk(source, (node) => {
    if (node.type === 'ImportExpression') add(literalText(node['source']) ?? '(computed)', false, node.start);
    if (node.type === 'TSImportType') add(literalText(node['source']) ?? '(computed)', true, node.start);
  });
  return found;
}

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

export const literalText = (value: unknown): string | undefined =>
  isNode(value) && value.type === 'Literal' && typeof value['value'] === 'string' ? value['value'] : undefined;

export const identifierName = (value: unknown): string | undefined =>
  isNode(value) && value.type === 'Identifier' && typeof value['name'] === 'string' ? value['name'] : undefined;

/** Calls `visit` for every node, outermost first, with its parent and the parent's field that holds it. */
export function walk(source: Source, visit: (node: Node, parent: Node | undefined, field: string) => void): void {
  const step = (node: Node, parent: Node | undefined, field: string): void => {
    visit(node, parent, field);
    for (const [name, value] of Object.entries(node)) {
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) if (isNode(child)) step(child, node, name);
    }
  };
  step(parse(source).program as unknown as Node, undefined, '');
}

/** True where an identifier names a thing in scope, not a property, a key, a label or a member of a type. */
export function isReference(parent: Node | undefined, field: string): boolean {
  if (!parent) return false;
  if (parent.type === 'MemberExpression' && field === 'property') return parent['computed'] === true;
  const keyed = ['Property', 'PropertyDefinition', 'MethodDefinition', 'AccessorProperty', 'TSPropertySignature', 'TSMethodSignature'];
  if (keyed.includes(parent.type) && field === 'key') return parent['computed'] === true;
  return !['TSQualifiedName', 'LabeledStatement', 'ImportSpecifier', 'ExportSpecifier'].includes(parent.type);
}
