// The one command that asks no console: the guide must be there when nothing else is.
import type { Command } from 'commander';
import { GUIDE_PAGES } from '../../src-shared/domain/guide.ts';
import type { Session } from './session.ts';

export const guideCommand = (program: Command, session: Session): void => {
  const command = program
    .command('guide')
    .description('the manual: what to do in an emergency, what each state and alert means, every setting. Needs no console')
    .argument('[page]', GUIDE_PAGES.join(', '))
    .option('--find <words>', 'the sections that have all of these words')
    .option('--json', 'machine-readable output')
    .allowExcessArguments(false);
  command.action(async (page: string | undefined, { find, json }: { find?: string; json?: true }) => {
    const { guide } = await import('./guide.ts');
    session.finish(guide(page, find), json === true);
  });
};
