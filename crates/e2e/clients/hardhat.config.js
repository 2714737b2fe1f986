// Hardhat 3 with what its toolbox for ethers and mocha has, compiling offline: `path` names npm's solc.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'hardhat/config';
import hardhatEthers from '@nomicfoundation/hardhat-ethers';
import hardhatChaiMatchers from '@nomicfoundation/hardhat-ethers-chai-matchers';
import hardhatIgnitionEthers from '@nomicfoundation/hardhat-ignition-ethers';
import hardhatMocha from '@nomicfoundation/hardhat-mocha';
import { CHAIN_ID, L2_RPC, OP_STACK, developmentKey } from './lib/chain.mjs';

export default defineConfig({
  plugins: [hardhatEthers, hardhatChaiMatchers, hardhatIgnitionEthers, hardhatMocha],
  solidity: {
    version: '0.8.37',
    path: fileURLToPath(new URL('./node_modules/solc/soljson.js', import.meta.url)),
    settings: { evmVersion: 'prague', optimizer: { enabled: true, runs: 200 } },
  },
  paths: {
    sources: './contracts',
    artifacts: './hardhat/artifacts',
    cache: './hardhat/cache',
    ignition: './hardhat/ignition',
    tests: { mocha: './hardhat/test' },
  },
  networks: {
    openledger: {
      type: 'http',
      chainType: OP_STACK ? 'op' : 'l1',
      chainId: CHAIN_ID,
      url: L2_RPC,
      accounts: [developmentKey(5), developmentKey(7)],
    },
    // The dev node's own accounts (eth_accounts, eth_sendTransaction), as `npx hardhat node` has them.
    unlocked: { type: 'http', chainType: OP_STACK ? 'op' : 'l1', chainId: CHAIN_ID, url: L2_RPC, accounts: 'remote' },
  },
  ignition: { requiredConfirmations: 1, blockPollingInterval: 200 },
});
