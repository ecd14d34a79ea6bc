// The program `holdfast`: hands its words to the command line and ends with its exit code. Nothing else.
import { createInterface } from 'node:readline';
import { runCommandLine } from './command-line.ts';

// A reader that closed the pipe (`| head`) has what it wanted.
process.stdout.on('error', () => process.exit());

process.exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  environment: process.env,
  // Made when the first line is asked for: what came before anybody listened would be lost.
  lines: async function* () {
    yield* createInterface({ input: process.stdin });
  },
  interrupted: new Promise((resolve) => {
    if (process.argv.includes('watch')) process.once('SIGINT', () => resolve());
  }),
});
