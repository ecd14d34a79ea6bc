// What can be asked of the signed endpoint (REQUIREMENTS F). `other`: anything that it does not know.

export type KillSwitchAsk = 'trigger' | 'reset' | 'status' | 'other';
