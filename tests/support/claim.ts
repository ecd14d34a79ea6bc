// What an auditor says: it holds, or the simulation ends with these words.

export const claim = (holds: boolean, text: string): void => {
  if (!holds) throw new Error(`Audit: ${text}`);
};
