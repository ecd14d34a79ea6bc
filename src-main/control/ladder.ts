// The rollout ladder on the command line (REQUIREMENTS H): where it stands and what the next stage asks for, the promotion by a person,
// and the same evidence worked out of an export with no console running. What needs the engine is loaded by the command that needs it.
import type { Command } from 'commander';
import type { LadderView } from '../../src-shared/contract/view.ts';
import { LADDER_STAGES } from '../../src-shared/domain/ladder.ts';
import type { LadderStage } from '../../src-shared/domain/ladder.ts';
import type { ControlClient } from './client.ts';
import { EXIT, type Outcome } from './outcome.ts';
import { replicaOf } from './replica.ts';
import { badInput, overSocket, valueOf, withCommon, type Common, type Session } from './session.ts';
import { list, printable, table, timeText } from './table.ts';

interface LadderOptions extends Common {
  readonly why?: string;
  readonly stage?: string;
  readonly from?: string;
}

export const ladderCommand = (program: Command, session: Session): void => {
  const command = withCommon(program.command('ladder'))
    .description('the rollout ladder: stage, caps, evidence, certificate; "ladder promote --why TEXT" is your own act')
    .argument('[promote]')
    .option('--why <text>', 'promote: why, for the journal')
    .option('--stage <stage>', 'promote: the stage that you mean; without it, the next one is read back for you')
    .option('--from <path>', 'the same out of an export ("journal export --format jsonl"), with no console running');
  command.action(async () => {
    const options = command.opts<LadderOptions>();
    session.finish(await outcomeOf(session, command.args[0], options), options.json === true);
  });
};

const outcomeOf = (session: Session, act: string | undefined, { why, stage, from, home }: LadderOptions): Promise<Outcome> => {
  if (act !== undefined && act !== 'promote') throw badInput(`"ladder ${act}" is no command; there is "ladder promote".`);
  if (act === undefined && (why !== undefined || stage !== undefined)) throw badInput('--why and --stage go with "ladder promote".');
  if (from !== undefined && act !== undefined) throw badInput('An export promotes nobody: leave --from out.');
  if (from !== undefined) return ofExport(from);
  if (act === undefined) return overSocket(session, home, async (client) => shown(await ladderOf(client)));
  if (why === undefined) throw badInput('A promotion needs --why.');
  return overSocket(session, home, (client) => promoted(client, why, stage));
};

const ladderOf = async (client: ControlClient): Promise<LadderView | undefined> => (await replicaOf(client)).now().view.safety.ladder;

const UNKNOWN: Outcome = {
  failure: { exit: EXIT.refused, code: 'UNAVAILABLE', text: 'The console does not say where the ladder stands.' },
};

const shown = (view: LadderView | undefined): Outcome => (view === undefined ? UNKNOWN : { value: view, text: ladderText(view) });

const promoted = async (client: ControlClient, why: string, named: string | undefined): Promise<Outcome> => {
  const view = await ladderOf(client);
  const stage = named ?? view?.next;
  if (stage === null || stage === undefined)
    return { failure: { exit: EXIT.refused, code: 'REFUSED', text: `Nobody is promoted. ${view?.text ?? ''}` } };
  const readBackStage = LADDER_STAGES.find((one): one is LadderStage => one === stage);
  if (readBackStage === undefined) throw badInput(`--stage takes one of ${LADDER_STAGES.join(', ')}; "${stage}" is none.`);
  const value = valueOf(await client.call('promoteLadder', { why, readBackStage }));
  const certificate = value.certificate === null ? '' : ` The certificate names version ${value.certificate.version} and this policy.`;
  return { value, text: `Promoted to ${value.stage}.${certificate}` };
};

const capText = ({ caps }: LadderView): string =>
  caps === null
    ? 'none: the policy alone'
    : `order ${caps.maxOrderUsdt}, exposure ${caps.maxExposureUsdt}, daily loss ${caps.maxDailyLossUsdt ?? "the policy's"} USDT`;

const SIGNS = { met: 'yes', 'not-met': 'NO', unknown: 'unknown' } as const;

export const ladderText = (view: LadderView): string =>
  [
    list([
      ['stage', view.stage],
      ['since', view.sinceMs === null ? null : `${timeText(view.sinceMs)}${view.why === '' ? '' : `: ${printable(view.why)}`}`],
      ['caps', capText(view)],
      ['next', view.next],
      ['promotion', view.text],
      [
        'certificate',
        view.certificate &&
          `${view.certificate.stage}, by ${view.certificate.by} at ${timeText(view.certificate.issuedAtMs)}. ${view.certificate.text}`,
      ],
    ]),
    table(
      view.evidence,
      [
        { title: 'MET', of: (row) => SIGNS[row.verdict] },
        { title: 'EVIDENCE', of: (row) => row.title },
        { title: '', of: (row) => row.text },
      ],
      '',
    ),
  ]
    .filter((part) => part !== '')
    .join('\n\n');

const ofExport = async (path: string): Promise<Outcome> => {
  const { ladderOfExport } = await import('./ladder-export.ts');
  const found = await ladderOfExport(path);
  return found.ok ? shown(found.value) : { failure: { exit: EXIT.refused, code: 'REFUSED', text: found.error } };
};
