// How the window looks: taste, not safety. Kept with `conf`, the base of electron-store, in the same file format, so that the console
// needs no Electron to read it. A broken file is replaced by the defaults.
import Conf from 'conf';
import { contract, type Preferences } from '../../src-shared/contract/contract.ts';

const DEFAULTS: Preferences = { theme: 'dark', palette: 'standard' };

export interface PreferencesFile {
  get(): Preferences;
  set(preferences: Preferences): Preferences;
}

export const openPreferences = (home: string): PreferencesFile => {
  const file = new Conf<Preferences>({ cwd: home, configName: 'preferences', defaults: DEFAULTS, clearInvalidConfig: true });
  const get = (): Preferences => {
    const parsed = contract.setPreferences.input.safeParse(file.store);
    return parsed.success ? parsed.data : DEFAULTS;
  };
  return {
    get,
    set(preferences) {
      file.store = preferences;
      return get();
    },
  };
};
