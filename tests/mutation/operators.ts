// Which small faults mutation testing plants in a source: operators and bounds changed, conditions and steps dropped, numbers and texts
// replaced. It works on plain JavaScript (types stripped, so every offset is the source's own) and runs nothing.
import { parseAst } from 'vite';

/** One planted fault: in the expression or block from `start` to `end`, the text between `at` and `until` becomes `text`. */
export interface Fault {
  readonly start: number;
  readonly end: number;
  readonly at: number;
  readonly until: number;
  readonly text: string;
  /** `block`: the body of a function is left at once; else an expression is replaced. */
  readonly kind: 'block' | 'expression';
}

/** A node of the ESTree, as far as this file looks. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
const childrenOf = (node: Node): readonly Node[] =>
  Object.values(node).flatMap((value) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []));

type Table = ReadonlyMap<string, readonly string[]>;
const table = (entries: Readonly<Record<string, readonly string[]>>): Table => new Map(Object.entries(entries));

const OTHER_OPERATORS = table({
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '+=': ['-='],
  '-=': ['+='],
});

/** Methods of decimals, numbers and lists that are easily confused. */
const OTHER_METHODS = table({
  plus: ['minus'],
  minus: ['plus'],
  times: ['div'],
  div: ['times'],
  lt: ['lte', 'gte'],
  lte: ['lt', 'gt'],
  gt: ['gte', 'lte'],
  gte: ['gt', 'lt'],
  min: ['max'],
  max: ['min'],
  floor: ['ceil'],
  ceil: ['floor'],
  some: ['every'],
  every: ['some'],
});
/** Tests that are turned round, and steps that are left out: `list.filter(…)` becomes `list`. */
const TURNED = new Set(['has', 'eq', 'isZero', 'isPositive', 'isNegative', 'isFinite', 'isInteger', 'isNaN', 'includes']);
const LEFT_OUT = new Set(['filter', 'toSorted', 'sort', 'slice', 'abs', 'neg']);
/** safety/compare.ts: its comparisons, one step off at the edge and turned round. */
const COMPARISONS = table({
  isAtMost: ['lt', 'gt'],
  isAtLeast: ['gt', 'lt'],
  isAbove: ['gte', 'lte'],
});

/** Every fault that can be planted in this code, in the order of the text. */
export const faultsOf = (code: string): readonly Fault[] => {
  const faults: Fault[] = [];
  const textOf = ({ start, end }: Node): string => code.slice(start, end);
  const plant = (whole: Node, part: { readonly start: number; readonly end: number }, text: string): void => {
    const fault = { start: whole.start, end: whole.end, at: part.start, until: part.end, text, kind: 'expression' } as const;
    if (text !== code.slice(part.start, part.end)) faults.push(fault);
  };

  /** The operator between two operands. */
  const operatorOf = (left: Node, right: Node, operator: string): { readonly start: number; readonly end: number } => {
    const start = code.indexOf(operator, left.end);
    if (start < 0 || start >= right.start) throw new Error(`No ${operator} in ${code.slice(left.start, right.end)}`);
    return { start, end: start + operator.length };
  };

  const plantCall = (node: Node, whole: Node): void => {
    const callee = node['callee'] as Node;
    const args = node['arguments'] as readonly Node[];
    if (callee.type === 'Identifier') {
      const [a, b] = args;
      for (const method of COMPARISONS.get(textOf(callee)) ?? []) if (a && b) plant(whole, node, `(${textOf(a)}).${method}(${textOf(b)})`);
      if (textOf(callee) === 'isPositive' && a) plant(whole, node, `(${textOf(a)}).gte(0)`);
    }
    if (callee.type !== 'MemberExpression' || callee['computed'] === true) return;
    const property = callee['property'] as Node;
    const name = textOf(property);
    for (const other of OTHER_METHODS.get(name) ?? []) plant(whole, property, other);
    if (TURNED.has(name)) plant(whole, whole, `!(${textOf(whole)})`);
    if (LEFT_OUT.has(name)) plant(whole, node, textOf(callee['object'] as Node));
  };

  const plantHere = (node: Node, whole: Node): void => {
    switch (node.type) {
      case 'BinaryExpression':
      case 'AssignmentExpression': {
        const [left, right, operator] = [node['left'] as Node, node['right'] as Node, node['operator'] as string];
        const joinsText =
          operator.startsWith('+') && [left, right].some(({ type, value }) => type === 'TemplateLiteral' || typeof value === 'string');
        if (!joinsText) for (const other of OTHER_OPERATORS.get(operator) ?? []) plant(whole, operatorOf(left, right, operator), other);
        return;
      }
      case 'LogicalExpression': {
        const [left, right, operator] = [node['left'] as Node, node['right'] as Node, node['operator'] as string];
        plant(whole, node, textOf(left));
        plant(whole, node, textOf(right));
        if (operator !== '??') plant(whole, node, `(${textOf(left)}) ${operator === '&&' ? '||' : '&&'} (${textOf(right)})`);
        return;
      }
      case 'ConditionalExpression':
        plant(whole, node, `(${textOf(node['consequent'] as Node)})`);
        return plant(whole, node, `(${textOf(node['alternate'] as Node)})`);
      case 'UnaryExpression':
        if (node['operator'] === '!' || node['operator'] === '-') plant(whole, node, `(${textOf(node['argument'] as Node)})`);
        return;
      case 'Literal':
        if (typeof node['value'] === 'boolean') plant(whole, node, String(!node['value']));
        else if (typeof node['value'] === 'number') plant(whole, node, String(node['value'] + 1));
        else if (typeof node['value'] === 'string') plant(whole, node, node['value'] === '' ? "'planted'" : "''");
        return;
      case 'TemplateLiteral':
        return plant(whole, node, "''");
      case 'ArrayExpression':
        if ((node['elements'] as readonly unknown[]).length > 0) plant(whole, node, '[]');
        return;
      case 'CallExpression':
        return plantCall(node, whole);
      case 'MemberExpression':
        if (node['optional'] === true) plant(whole, { start: (node['object'] as Node).end, end: (node['property'] as Node).start }, '.');
        return;
      default:
    }
  };

  /** Conditions of statements, steps of a procedure, and bodies of functions, each left out. */
  const plantStatement = (node: Node): void => {
    const test = node['test'];
    if (node.type === 'IfStatement' && isNode(test)) for (const text of ['true', 'false']) plant(test, test, text);
    if ((node.type === 'WhileStatement' || node.type === 'ForStatement') && isNode(test)) plant(test, test, 'false');
    if (node.type === 'ExpressionStatement') plant(node['expression'] as Node, node['expression'] as Node, 'undefined');
    const body = node['body'];
    if (!/Function/.test(node.type) || !isNode(body)) return;
    if (body.type !== 'BlockStatement') return plant(body, body, 'undefined');
    faults.push({ start: body.start, end: body.end, at: body.start, until: body.end, text: '{}', kind: 'block' });
  };

  /** `whole`: what is written twice, in the source's form and in the changed one. An optional chain is only ever whole. */
  const visit = (node: Node, chain: Node | null): void => {
    if (node.type === 'ImportDeclaration' || (node.type.startsWith('Export') && node['declaration'] == null)) return;
    const here = node.type === 'ChainExpression' ? node : chain;
    plantStatement(node);
    plantHere(node, here ?? node);
    for (const child of childrenOf(node)) {
      if (isName(node, child)) continue;
      const onSpine = child === node['object'] || child === node['callee'] || child === node['expression'];
      visit(child, onSpine ? here : null);
    }
  };
  visit(parseAst(code) as unknown as Node, null);
  return faults;
};

/** A key or a member's name: a word of the language, no value. */
const isName = (parent: Node, child: Node): boolean =>
  parent['computed'] !== true &&
  ((parent.type === 'Property' && parent['key'] === child && parent['value'] !== child) || parent['property'] === child);
