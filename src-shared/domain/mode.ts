// Which money is at stake. The mode is always on screen, as a word and a colour (REQUIREMENTS A2).

export type Mode = 'practice' | 'testnet' | 'mainnet';
export const MODES: readonly Mode[] = ['practice', 'testnet', 'mainnet'];

/** The account presets of practice mode (REQUIREMENTS A1); each is an account of its own, with its own journal. */
export type PracticeAccount = 'conservative' | 'aggressive' | 'high-volume';
export const PRACTICE_ACCOUNTS: readonly PracticeAccount[] = ['conservative', 'aggressive', 'high-volume'];
