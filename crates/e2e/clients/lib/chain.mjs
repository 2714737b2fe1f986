// What every JavaScript story needs: the chain under test (from the environment), its own development account,
// the compiled contracts, and steps that name what failed.
import { readFileSync } from 'node:fs';
import { mnemonicToAccount } from 'viem/accounts';
import { toHex } from 'viem';

const env = process.env;

export const L2_RPC = env.L2_RPC ?? 'http://127.0.0.1:9545';
export const L1_RPC = env.L1_RPC ?? 'http://127.0.0.1:8545';
export const L2_WS = L2_RPC.replace(/^http/, 'ws');
export const CHAIN_ID = Number(env.CHAIN_ID ?? 901);
export const L1_CHAIN_ID = Number(env.L1_CHAIN_ID ?? 900);
/** Set where the chain is an OP Stack one: a plain anvil, the control, is not. */
export const OP_STACK = Boolean(env.OP_STACK);

const MNEMONIC = 'test test test test test test test test test test test junk';

/** The private key of development account `index`. */
export function developmentKey(index) {
  return toHex(mnemonicToAccount(MNEMONIC, { addressIndex: index }).getHdKey().privateKey);
}

/** The ABI and the creation code of a contract of `contracts/`, compiled by `npm run build`. */
export function artifact(name) {
  const file = new URL(`../forge/out/${name}.sol/${name}.json`, import.meta.url);
  try {
    const { abi, bytecode } = JSON.parse(readFileSync(file, 'utf8'));
    return { abi, bytecode: bytecode.object };
  } catch (cause) {
    throw new Error(`${name} is not compiled: run \`npm run build\` first`, { cause });
  }
}

/** An event of the other side, subscribed with `start(resolve, reject)`, which returns the unsubscriber. */
export function next(start) {
  return new Promise((resolve, reject) => {
    const stop = start(
      (value) => {
        stop?.();
        resolve(value);
      },
      (error) => {
        stop?.();
        reject(error);
      },
    );
  });
}

/**
 * Tells a story: an array of [title, async step] in order. Ends the process: 0 when every step passed, 1 at the
 * first that fails or takes longer than `limit` milliseconds, saying which and why.
 */
export async function tell(story, steps, limit = 60_000) {
  for (const [title, step] of steps) {
    console.log(`${story}: ${title}`);
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done after ${limit / 1000} s`)), limit);
    });
    try {
      await Promise.race([step(), late]);
    } catch (error) {
      console.error(`${story}: failed at "${title}":`, error);
      process.exit(1);
    } finally {
      clearTimeout(timer);
    }
  }
  console.log(`${story}: done`);
  process.exit(0);
}
