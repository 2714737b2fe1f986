// solc as forge calls it: `--version`, or `--standard-json` with the input on standard input.
// forge puts every source's text into that input, so no import callback is needed.
import { createRequire } from 'node:module';
import { readFileSync, writeSync } from 'node:fs';

const solc = createRequire(import.meta.url)('solc');
const args = process.argv.slice(2);

/** Writes everything, also to a pipe that is full. */
function print(text) {
  const bytes = Buffer.from(text);
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(1, bytes, done);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

if (args.includes('--version')) {
  print(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`);
} else if (args.includes('--standard-json')) {
  print(solc.compile(readFileSync(0, 'utf8')));
} else {
  console.error(`solc wrapper: only --version and --standard-json are supported, got: ${args.join(' ')}`);
  process.exit(2);
}
