// The guide's pages, bundled with the window at build time: a person must be able to read what to do when nothing else answers any more.
import { GUIDE_PAGES } from '../../../src-shared/domain/guide.ts';
import { pageOf } from './pages.ts';

const FILES = import.meta.glob<string>('../../../assets/guide/*.md', { query: '?raw', import: 'default', eager: true });

export const GUIDE = GUIDE_PAGES.map((name) => pageOf(name, FILES[`../../../assets/guide/${name}.md`] ?? `# ${name}`));
