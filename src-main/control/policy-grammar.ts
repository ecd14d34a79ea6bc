// The policy from the command line (REQUIREMENTS G): shown, compared, changed and withdrawn. What loosens waits, and is told as waiting.
import type { Command } from 'commander';
import type { PolicySheet } from '../../src-shared/contract/policy.ts';
import type { PolicyFieldChange, PolicyOutcome } from '../../src-shared/domain/policy-change.ts';
import { EXIT, type Outcome } from './outcome.ts';
import { badInput, valueOf, withConsole, type Session } from './session.ts';
import { list, table, timeText } from './table.ts';

export const policyCommands = (program: Command, session: Session): void => {
  const policy = program.command('policy').description('the policy in force: shown, compared, changed; what loosens waits');
  const show = policy
    .command('show')
    .description('every field, what waits to take effect, and with --versions what was in force before')
    .option('--versions', 'the versions that were in force, newest first');
  withConsole<{ versions?: true }>(session, show, async (client, { versions }) => {
    const sheet = valueOf(await client.call('policyShow', {}));
    return versions ? versionsOf(sheet) : sheetOf(sheet);
  });
  const diff = policy
    .command('diff')
    .description('what a profile would change, or without one what waits to take effect')
    .argument('[profile]');
  withConsole(session, diff, async (client) => {
    const [profile] = diff.args;
    if (profile === undefined) {
      const { waiting } = valueOf(await client.call('policyShow', {}));
      return { value: waiting?.changes ?? [], text: changesText(waiting?.changes ?? [], 'Nothing waits.') };
    }
    const { changes, delayMinutes } = valueOf(await client.call('policyDiff', { profile }));
    const waits = changes.some(({ effect }) => effect === 'loosens') ? `\nWhat loosens waits ${delayMinutes} minutes.` : '';
    return { value: changes, text: `${changesText(changes, 'No difference.')}${waits}` };
  });
  const why = ['--why <text>', 'why, for the journal'] as const;
  const use = policy
    .command('use')
    .description("take a profile's values over: NORMAL, DEFENSIVE or AGGRESSIVE; all other fields stay")
    .argument('<profile>')
    .requiredOption(...why);
  withConsole<{ why: string }>(session, use, async (client, options) =>
    outcomeOf(valueOf(await client.call('policyPropose', { profile: use.args[0] ?? '', why: options.why }))),
  );
  const set = policy
    .command('set')
    .description('set one field, named as "policy show" names it; a list with blanks between, "-" for an empty one')
    .argument('<path>')
    .argument('<value...>')
    .requiredOption(...why);
  withConsole<{ why: string }>(session, set, async (client, options) => {
    const [path, ...words] = set.args;
    if (path === undefined || words.length === 0) throw badInput('Name a field and its value.');
    return outcomeOf(valueOf(await client.call('policyPropose', { set: [{ path, value: words.join(' ') }], why: options.why })));
  });
  const withdraw = policy
    .command('withdraw')
    .description('take back what waits to take effect')
    .requiredOption(...why);
  withConsole<{ why: string }>(session, withdraw, async (client, options) => {
    const value = valueOf(await client.call('policyWithdraw', { why: options.why }));
    return { value, text: `Withdrawn. Version ${value.version} stays in force.` };
  });
};

const changesText = (changes: readonly PolicyFieldChange[], empty: string): string =>
  table(
    changes,
    [
      { title: 'FIELD', of: (row) => row.path },
      { title: 'FROM', of: (row) => row.from, right: true },
      { title: 'TO', of: (row) => row.to, right: true },
      { title: '', of: (row) => row.effect },
      { title: '', of: (row) => row.title },
    ],
    empty,
  );

const sheetOf = (sheet: PolicySheet): Outcome => {
  const { name, version, fields, waiting } = sheet;
  const head = list([
    ['policy', `${name} (version ${version})`],
    ['waiting', waiting && `by ${waiting.by}: ${waiting.why}. In force from ${timeText(waiting.effectiveAtMs)} unless withdrawn.`],
  ]);
  const rows = table(
    fields,
    [
      { title: 'FIELD', of: (row) => row.path },
      { title: 'VALUE', of: (row) => row.value, right: true },
      { title: 'WAITING', of: (row) => row.waiting, right: true },
      { title: 'UNIT', of: (row) => row.unit },
      { title: 'ROW', of: (row) => row.row },
      { title: '', of: (row) => `${row.title} (${row.looser})` },
    ],
    '',
  );
  return { value: sheet, text: `${head}\n\n${rows}` };
};

const versionsOf = ({ versions }: PolicySheet): Outcome => ({
  value: versions,
  text: table(
    versions,
    [
      { title: 'VERSION', of: (row) => row.version, right: true },
      { title: 'SINCE', of: (row) => (row.atMs === null ? null : timeText(row.atMs)) },
      { title: 'NAME', of: (row) => row.name },
      { title: 'BY', of: (row) => row.by },
      { title: 'WHY', of: (row) => row.why },
      { title: 'CHANGES', of: (row) => row.changes.map(({ path, from, to }) => `${path} ${from} → ${to}`).join(', ') },
    ],
    'No version is kept.',
  ),
});

/** What was refused of a wish is a failure, although the rest of it is done. */
const outcomeOf = (value: PolicyOutcome): Outcome => {
  const { version, adopted, waiting, refused } = value;
  const parts = [
    adopted.length > 0 && `In force now (version ${version}):\n${changesText(adopted, '')}`,
    waiting !== null && `Waiting until ${timeText(waiting.effectiveAtMs)}:\n${changesText(waiting.changes, '')}`,
    refused !== null && `Refused:\n${changesText(refused.changes, '')}`,
  ];
  const seen: Outcome = { value, text: parts.filter(Boolean).join('\n\n') };
  return refused === null ? seen : { ...seen, failure: { exit: EXIT.refused, code: 'REFUSED', text: refused.text } };
};
