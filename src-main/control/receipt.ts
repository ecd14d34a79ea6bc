// Proof of a stop, and the trial of one (REQUIREMENTS E5, E7): `receipt` shows, exports and checks what a stop left, `drill` runs one on
// an exchange of its own. The check needs no console: the hash is of the receipt's own text.
import { hash } from 'node:crypto';
import fs from 'node:fs';
import type { Command } from 'commander';
import type { ConsoleView } from '../../src-shared/contract/view.ts';
import type { DrillResult } from '../../src-shared/domain/drill.ts';
import { receiptText } from '../../src-shared/domain/receipt-text.ts';
import type { StopReceipt } from '../../src-shared/domain/stop.ts';
import { CommandFailed, EXIT, notVerified, type Outcome } from './outcome.ts';
import { replicaOf } from './replica.ts';
import { badInput, LONG_CALL_TIMEOUT_MS, overSocket, valueOf, withCommon, withConsole, type Common, type Session } from './session.ts';
import { receiptLines, survivorsIn } from './stop.ts';
import { list, timeText } from './table.ts';

interface ReceiptOptions extends Common {
  readonly drill?: true;
  readonly export?: string;
  readonly check?: string;
}

export const receiptCommands = (program: Command, session: Session): void => {
  const receipt = withCommon(program.command('receipt'))
    .description('the newest emergency stop’s receipt: every order and position with its outcome, times, hash')
    .option('--drill', 'that of the newest drill instead')
    .option('--export <file>', 'write it as JSON')
    .option('--check <file>', 'check an exported one against its hash; needs no console');
  receipt.action(async () => {
    const options = receipt.opts<ReceiptOptions>();
    session.finish(await receiptOutcome(session, options), options.json === true);
  });
  const drill = program.command('drill').description('run the emergency stop on an exchange of its own, with a copy of your open orders');
  withConsole(session, drill, async (client) => drillOutcome(valueOf(await client.call('drill', {}, LONG_CALL_TIMEOUT_MS))));
};

const receiptOutcome = async (session: Session, { drill, export: file, check, home }: ReceiptOptions): Promise<Outcome> => {
  if (check !== undefined && (drill === true || file !== undefined)) throw badInput('--check takes a file and nothing else.');
  if (check !== undefined) return checked(check);
  const receipt = await overSocket(session, home, async (client) => ({ value: receiptIn((await replicaOf(client)).now().view, drill) }));
  return shown(receipt.value as StopReceipt, file);
};

const receiptIn = ({ safety }: ConsoleView, ofDrill: true | undefined): StopReceipt => {
  const receipt = ofDrill ? safety.drill?.receipt : safety.stop?.receipt;
  if (receipt) return receipt;
  const text = ofDrill
    ? 'There was no drill yet: "holdfast drill" runs one.'
    : 'No stop has left a receipt yet, or the newest is still at work.';
  throw new CommandFailed({ exit: EXIT.refused, code: 'NOT_FOUND', text });
};

/** What has no hash is from before receipts had one. */
const matches = (receipt: StopReceipt): boolean => receipt.hash === hash('sha256', receiptText(receipt));

const shown = (receipt: StopReceipt, file: string | undefined): Outcome => {
  if (file !== undefined) writeWhole(file, `${JSON.stringify(receipt, null, 2)}\n`);
  const seal = receipt.hash === undefined ? 'none: it is from before receipts had one' : `${receipt.hash} (SHA-256 of its text)`;
  const last = list([
    ['hash', seal],
    ['written to', file ?? null],
  ]);
  const seen: Outcome = { value: receipt, text: `${receiptLines(receipt)}\n\n${last}` };
  const left = survivorsIn(receipt);
  if (receipt.complete && left.length === 0) return seen;
  return { ...seen, failure: notVerified('Not everything is proven gone. Look at the venue itself, now.', left) };
};

/** Beside it first, then in its place: a failure leaves what was there before. */
const writeWhole = (file: string, text: string): void => {
  try {
    fs.writeFileSync(`${file}.part`, text);
    fs.renameSync(`${file}.part`, file);
  } catch (error) {
    fs.rmSync(`${file}.part`, { force: true });
    throw badInput(`Nothing is written: ${error instanceof Error ? error.message : String(error)}.`);
  }
};

const checked = (file: string): Outcome => {
  const receipt = readReceipt(file);
  if (!matches(receipt))
    throw new CommandFailed({
      exit: EXIT.notVerified,
      code: 'NOT_VERIFIED',
      text: `${file} does not match its hash: it was changed, or is no receipt of this program.`,
    });
  const { hash: seal, tripId, trigger, trippedAtMs, complete } = receipt;
  const text = `It matches its hash ${seal}: trip ${tripId} by ${trigger} at ${timeText(trippedAtMs)}, ${complete ? 'complete' : 'NOT complete'}. The journal of that time holds the same hash ("holdfast journal export").`;
  return { value: { matches: true, hash: seal, tripId }, text };
};

const readReceipt = (file: string): StopReceipt => {
  try {
    const read: unknown = JSON.parse(fs.readFileSync(file, 'utf8'));
    if (typeof read === 'object' && read !== null) return read as StopReceipt;
  } catch (error) {
    throw badInput(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
  throw badInput(`${file} holds no receipt.`);
};

const drillOutcome = (drill: DrillResult): Outcome => {
  const seen: Outcome = { value: drill, text: `${drill.text}\n\n${receiptLines(drill.receipt)}` };
  return drill.passed ? seen : { ...seen, failure: { exit: EXIT.notVerified, code: 'NOT_VERIFIED', text: 'The drill did not pass.' } };
};
