// Finding a command by what was typed.

export interface Command {
  readonly name: string;
  readonly run: () => void;
}

/** The commands whose name has every word that was typed, in the order of the list. */
export const matching = (all: readonly Command[], typed: string): readonly Command[] => {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
};
