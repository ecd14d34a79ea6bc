// Which mode a console may run in (REQUIREMENTS A1): the only place that can say "mainnet", and it does so only when every condition
// holds. A new condition belongs in `missingForMainnet`, nowhere else.
import type { KeyStatus } from '../../src-shared/contract/contract.ts';
import type { Mode } from '../../src-shared/domain/mode.ts';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';

export interface ModeRequest {
  /** Null: nobody asked; keys and settings decide. */
  readonly wish: Mode | null;
  /** What the person typed for mainnet. */
  readonly confirmation: string;
}

export interface ModeConditions {
  /** `ALLOW_MAINNET_TRADING`, as it was when the process started. */
  readonly allowMainnetTrading: string | undefined;
  readonly selfTestPassed: boolean;
  /** Why the ladder's certificate for mainnet is not there or holds no more, in words; empty: it holds. */
  readonly ladderProblem: string;
  readonly testnetKey: KeyStatus['stored'];
  readonly mainnetKey: KeyStatus['stored'];
}

/** To be typed, each time, letter by letter. */
export const MAINNET_CONFIRMATION = 'TRADE REAL MONEY';

/** The mode that is granted, or in words what is missing. Pure; without a wish the answer is never mainnet. */
export const judgeMode = ({ wish, confirmation }: ModeRequest, conditions: ModeConditions): Result<Mode, string> => {
  switch (wish) {
    case null:
      return ok(conditions.testnetKey === 'none' ? 'practice' : 'testnet');
    case 'practice':
      return ok('practice');
    case 'testnet':
      return conditions.testnetKey === 'none' ? fail('Testnet needs a testnet key: add one on the Keys page first.') : ok('testnet');
    case 'mainnet': {
      const missing = missingForMainnet(confirmation, conditions);
      return missing.length === 0 ? ok('mainnet') : fail(`Mainnet is refused. Missing: ${missing.join('; ')}.`);
    }
    default:
      return fail(`There is no mode "${String(wish)}".`);
  }
};

const missingForMainnet = (confirmation: string, conditions: ModeConditions): readonly string[] => {
  const required: readonly (readonly [holds: boolean, what: string])[] = [
    [conditions.allowMainnetTrading === 'true', 'ALLOW_MAINNET_TRADING=true in the environment when the console starts'],
    [conditions.selfTestPassed, 'a passed self-test'],
    [conditions.ladderProblem === '', `the rollout ladder's certificate (${conditions.ladderProblem})`],
    [conditions.mainnetKey === 'keychain', "a mainnet key in the operating system's keychain"],
    [confirmation === MAINNET_CONFIRMATION, `the confirmation "${MAINNET_CONFIRMATION}", typed`],
  ];
  return required.filter(([holds]) => !holds).map(([, what]) => what);
};

/** Names that belong to the exchange and its sisters, wherever they stand in a host's name; its testnet is the one house without real money. */
const EXCHANGE_NAMES: ReadonlySet<string> = new Set(['binance', 'trbinance']);
const TESTNET_HOST = /^(?:.+\.)?testnet\.binance\.vision$/;

/**
 * Why these addresses may be no custom venue, in words, or empty (A4): a custom venue runs as testnet, without the ladder's caps, the
 * certificate and the typed words. Given the exchange's own address it would be a second way to real money (A1).
 */
export const customVenueProblem = (urls: readonly string[]): string => {
  for (const url of urls) {
    const host = new URL(url).hostname.replace(/\.+$/, '');
    if (TESTNET_HOST.test(host) || !host.split('.').some((label) => EXCHANGE_NAMES.has(label))) continue;
    return `${host} is where real money is: a custom venue is a stand-in, and mainnet is entered from a running console only.`;
  }
  return '';
};

export interface ModeChoice extends ModeRequest {
  /** As it was when the process started: it can be given there, and not be reached by a file, a message, a setting or a later line. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly vault: { status(): Promise<readonly KeyStatus[]> };
  readonly selfTestPassed: boolean;
  /** Why the ladder gives no leave, in words, or empty; asked where mainnet is wished for alone. */
  readonly ladder: () => Promise<string>;
}

/** `judgeMode` on the conditions as they are. */
export const chooseMode = async (choice: ModeChoice): Promise<Result<Mode, string>> => {
  const { wish, confirmation, environment, vault, selfTestPassed } = choice;
  // Practice needs no keys, so a keychain that waits for its password must not hold it up.
  const keys = wish === 'practice' ? [] : await vault.status();
  const stored = (mode: KeyStatus['mode']): KeyStatus['stored'] => keys.find((key) => key.mode === mode)?.stored ?? 'none';
  return judgeMode(
    { wish, confirmation },
    {
      allowMainnetTrading: environment['ALLOW_MAINNET_TRADING'],
      selfTestPassed,
      ladderProblem: wish === 'mainnet' ? await choice.ladder() : '',
      testnetKey: stored('testnet'),
      mainnetKey: stored('mainnet'),
    },
  );
};
