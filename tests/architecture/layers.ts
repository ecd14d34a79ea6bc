// The direction of imports (DESIGN 3) as one table. A layer that is not in the table may not exist.

/** `may` lists the layers that this one may import; its own files are always allowed. `types` lists what it may import as types only. */
export type Layer = {
  readonly name: string;
  readonly path: RegExp;
  readonly may: readonly string[];
  readonly types: readonly string[];
  readonly reason: string;
};

const PURE = ['engine', 'safety', 'reconcile'];
const ADAPTERS = ['venue', 'practice', 'journal', 'vault', 'settings', 'alerts', 'control', 'ipc', 'shell', 'watchdog'];

/** Adapters that need a neighbour, each with its reason. */
const NEIGHBOURS: Readonly<Record<string, { readonly may: readonly string[]; readonly reason: string }>> = {
  practice: {
    may: ['practice core', 'settings'],
    reason: 'the protocol stands in front of the core; its file is replaced as settings are',
  },
  shell: { may: ['ipc'], reason: 'the shells carry the ipc that stands between the window and the handlers' },
  control: {
    may: ['settings', 'journal', 'vault', 'venue', 'watchdog'],
    reason: 'the command line finds its console by the same home, and with none running verifies a journal and cancels everything',
  },
  watchdog: {
    may: ['venue', 'settings', 'journal'],
    reason: 'a process of its own: it cancels at the exchange, and its report and lock lie in the home',
  },
};

const adapter = (name: string): Layer => ({
  name,
  path: new RegExp(`^src-main/${name}/`),
  may: ['shared', ...PURE, ...(NEIGHBOURS[name]?.may ?? [])],
  types: ['ports'],
  reason: NEIGHBOURS[name]?.reason ?? 'an adapter serves the core and does not know the other adapters; the composition joins them',
});

export const LAYERS: readonly Layer[] = [
  { name: 'shared', path: /^src-shared\//, may: [], types: [], reason: 'both processes read it, so it stands on nothing of either' },
  ...PURE.map((name) => ({
    name,
    path: new RegExp(`^src-main/${name}/`),
    may: ['shared', ...PURE],
    types: ['ports'],
    reason: 'the decider is pure: the outside world is visible to it as types of ports only',
  })),
  {
    name: 'practice core',
    path: /^src-main\/practice\/core\//,
    may: ['shared'],
    types: [],
    reason: 'the matching model also runs in virtual time, away from the protocol in front of it',
  },
  ...ADAPTERS.map(adapter),
  {
    name: 'composition',
    path: /^src-main\/(?:[^/]+$|console\/)/,
    may: ['shared', ...PURE, ...ADAPTERS, 'practice core'],
    types: [],
    reason: 'wires ports to adapters; nothing below may reach up to it',
  },
  {
    name: 'window',
    path: /^src-renderer\//,
    may: ['shared'],
    types: [],
    reason: 'the window is a replica with buttons: its only way out is the bridge',
  },
  {
    name: 'tests',
    path: /^(tests\/|[^/]+\.config\.ts$|launch\.mjs$)/,
    may: ['shared', ...PURE, ...ADAPTERS, 'practice core', 'composition', 'window'],
    types: [],
    reason: 'tests look at everything, and nothing looks at tests',
  },
];

/** A file that declares a port: what the pure core may know of an adapter, as types. */
const PORT_FILE = /\/(port|ports|[a-z-]+-port)\.ts$/;

/** The layer of a project path: the most particular one (practice/core before practice). */
export const layerOf = (path: string): Layer | undefined =>
  LAYERS.filter((layer) => layer.path.test(path)).toSorted((a, b) => b.path.source.length - a.path.source.length)[0];

/** Says why an import from one project path to another is wrong, or undefined when it is right. */
export function wrongDirection(from: string, to: string, typeOnly: boolean): string | undefined {
  const source = layerOf(from);
  if (!source) return `${from} is in no layer of the table`;
  const target = layerOf(to);
  if (!target) return /^(package\.json|assets\/)/.test(to) ? undefined : `${to} is in no layer of the table`;
  if (target.name === source.name || source.may.includes(target.name)) return undefined;
  if (typeOnly && source.types.includes('ports') && PORT_FILE.test(to)) return undefined;
  return `${source.name} must not import ${target.name} (${source.reason})`;
}
