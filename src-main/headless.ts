// The console in a plain Node process, with Chromium's window or with none. Wires the composition to that process and nothing else.
import { startConsole } from './console.ts';
import { runInNode } from './shell/node-process.ts';

await runInNode(startConsole, process.argv.slice(2));
