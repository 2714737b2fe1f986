// Runs a command, or every story, against two anvils: an "L1" with chain id 900 and an "L2" with chain id 901.
// This is the control: a story that passes here and fails against the node is the node's failure.
//
//   node lib/with-anvil.mjs                 every story
//   node lib/with-anvil.mjs bash cast.sh    one of them
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
// The native binary: the wrapper in node_modules/.bin would leave it behind when it is killed.
const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch];
const anvilBinary = `${root}node_modules/@foundry-rs/anvil-${process.platform}-${arch}/bin/anvil`;
const stories = ['bash forge.sh', 'bash cast.sh', 'node viem.mjs', 'node ethers.mjs', 'bash hardhat.sh', `${process.env.PYTHON ?? 'python3'} web3py.py`];

/** Starts anvil on a free port and resolves with its URL once it listens. */
function anvil(...args) {
  const child = spawn(anvilBinary, ['--port', '0', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.on('exit', () => child.kill('SIGKILL'));
  return new Promise((resolve, reject) => {
    let seen = '';
    child.stdout.on('data', (chunk) => {
      seen += chunk;
      const found = /Listening on ([0-9.:]+)/.exec(seen);
      if (found) resolve(`http://${found[1]}`);
    });
    child.on('exit', (code) => reject(new Error(`anvil ended with ${code} before it listened: ${seen}`)));
  });
}

/** Runs one command with the chains in its environment; resolves with its exit code. */
function run(command, env) {
  const child = spawn(command[0], command.slice(1), { cwd: root, env, stdio: 'inherit' });
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}

const L1_RPC = await anvil('--chain-id', '900', '--block-time', '2');
const L2_RPC = await anvil('--chain-id', '901', '--block-time', '1', '--network', 'optimism');
const env = { ...process.env, L1_RPC, L2_RPC, L1_CHAIN_ID: '900', CHAIN_ID: '901', OP_STACK: '' };

const asked = process.argv.slice(2);
const commands = asked.length > 0 ? [asked] : stories.map((story) => story.split(' '));
const failed = [];
for (const command of commands) {
  if ((await run(command, env)) !== 0) failed.push(command.join(' '));
}
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
process.exit(failed.length > 0 ? 1 : 0);
