// The way in and out, with viem's own `op-stack` actions. Run: node withdrawals.mjs (the chain under test comes by environment: see
// lib/chain.mjs). The contracts of the L1 come as JSON in L1_CONTRACTS.
import assert from 'node:assert/strict';
import {
  createPublicClient,
  createWalletClient,
  defineChain,
  encodeFunctionData,
  erc20Abi,
  getAddress,
  http,
  isAddressEqual,
  parseAbi,
  parseEther,
  parseEventLogs,
  zeroAddress,
} from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import {
  chainConfig,
  getL2TransactionHashes,
  getWithdrawals,
  publicActionsL1,
  publicActionsL2,
  walletActionsL1,
  walletActionsL2,
} from 'viem/op-stack';
import { CHAIN_ID, L1_CHAIN_ID, L1_RPC, L2_RPC, artifact, developmentKey, next, tell } from './lib/chain.mjs';

const contracts = JSON.parse(process.env.L1_CONTRACTS);
const at = (name) => ({ [L1_CHAIN_ID]: { address: contracts[name] } });
const l1 = defineChain({
  id: L1_CHAIN_ID,
  name: 'L1 dev',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [L1_RPC] } },
  contracts: { multicall3: { address: contracts.Multicall3 } },
});
const l2 = defineChain({
  ...chainConfig,
  id: CHAIN_ID,
  sourceId: L1_CHAIN_ID,
  name: 'OpenLedger dev',
  nativeCurrency: { name: 'Coin', symbol: 'COIN', decimals: 18 },
  rpcUrls: { default: { http: [L2_RPC] } },
  contracts: {
    ...chainConfig.contracts,
    portal: at('OptimismPortal'),
    disputeGameFactory: at('DisputeGameFactory'),
    l1StandardBridge: at('L1StandardBridge'),
  },
});

const account = privateKeyToAccount(developmentKey(4));
const pollingInterval = 100;
const options = (chain) => ({ chain, transport: http(), account, pollingInterval });
const onL1 = createPublicClient(options(l1)).extend(publicActionsL1());
const onL2 = createPublicClient(options(l2)).extend(publicActionsL2());
const sendL1 = createWalletClient(options(l1)).extend(walletActionsL1());
const sendL2 = createWalletClient(options(l2)).extend(walletActionsL2());

const portalAbi = parseAbi([
  'function depositERC20Transaction(address to, uint256 mint, uint256 value, uint64 gasLimit, bool isCreation, bytes data)',
  'function gasPayingToken() view returns (address, uint8)',
  'function lockedBalance() view returns (uint256)',
]);
const bridgeAbi = parseAbi([
  'function bridgeERC20To(address localToken, address remoteToken, address to, uint256 amount, uint32 minGasLimit, bytes extraData)',
  'function deposits(address, address) view returns (uint256)',
  'event ERC20BridgeInitiated(address indexed localToken, address indexed remoteToken, address indexed from, address to, uint256 amount, bytes extraData)',
  'event ERC20BridgeFinalized(address indexed localToken, address indexed remoteToken, address indexed from, address to, uint256 amount, bytes extraData)',
]);
const factoryAbi = parseAbi([
  'function createOptimismMintableERC20(address remoteToken, string name, string symbol) returns (address)',
  'event OptimismMintableERC20Created(address indexed localToken, address indexed remoteToken, address deployer)',
]);
const L2_BRIDGE = '0x4200000000000000000000000000000000000010';
const MINTABLE_FACTORY = '0x4200000000000000000000000000000000000012';
const ETHER = '0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE';

const portal = { abi: portalAbi, address: contracts.OptimismPortal };
const [coin] = await onL1.readContract({ ...portal, functionName: 'gasPayingToken' });
const inEther = getAddress(coin) === ETHER;
const state = {};

/** Waits for the receipt, which must be a success. */
async function mined(client, hash) {
  const receipt = await client.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, 'success', `${hash} reverted`);
  return receipt;
}

/** The L2's receipts of what an L1 transaction deposited; all of them must have succeeded. */
async function deposited(receipt) {
  const hashes = getL2TransactionHashes(receipt);
  assert.ok(hashes.length > 0, 'nothing was deposited');
  return Promise.all(hashes.map((hash) => mined(onL2, hash)));
}

/** What an account has on the L1, in the L2's coin. */
function coinsOnL1(address) {
  return inEther
    ? onL1.getBalance({ address })
    : onL1.readContract({ abi: erc20Abi, address: coin, functionName: 'balanceOf', args: [address] });
}

function locked() {
  return onL1.readContract({ ...portal, functionName: 'lockedBalance' });
}

/** Waits for the L1's next block. */
async function nextBlock() {
  const number = await onL1.getBlockNumber({ cacheTime: 0 });
  await next((onBlockNumber, onError) =>
    onL1.watchBlockNumber({ onBlockNumber: (latest) => latest > number && onBlockNumber(latest), onError }),
  );
}

async function status(receipt) {
  return onL1.getWithdrawalStatus({ receipt, targetChain: l2 });
}

/** From an L2 receipt with a withdrawal to the end, asking for the status at every step. */
async function leave(receipt) {
  const [withdrawal] = getWithdrawals(receipt);
  assert.ok(withdrawal, 'no withdrawal in the receipt');
  const { withdrawalHash } = withdrawal;
  assert.equal(await status(receipt), 'waiting-to-prove');
  const { seconds: toProve } = await onL1.getTimeToProve({ receipt, targetChain: l2 });
  assert.ok(toProve >= 0);

  const { output, game } = await onL1.waitToProve({ receipt, targetChain: l2 });
  assert.equal(await status(receipt), 'ready-to-prove');
  assert.ok(output.l2BlockNumber >= receipt.blockNumber);
  assert.ok(game.l2BlockNumber >= receipt.blockNumber);

  // Nothing is proven in the very block of a game, and gas is estimated in the newest one.
  await nextBlock();
  const proof = await onL2.buildProveWithdrawal({ output, withdrawal });
  const gas = await onL1.estimateProveWithdrawalGas(proof);
  const proven = await mined(onL1, await sendL1.proveWithdrawal(proof));
  assert.ok(proven.gasUsed <= gas, `${proven.gasUsed} gas to prove, estimated were ${gas}`);
  assert.equal(await status(receipt), 'waiting-to-finalize');
  const { seconds: toFinalize, period } = await onL1.getTimeToFinalize({ withdrawalHash, targetChain: l2 });
  assert.ok(toFinalize > 0 && period > 0);

  await onL1.waitToFinalize({ withdrawalHash, targetChain: l2 });
  // viem counts by this machine's clock; the L1's next block may still be to come.
  while ((await status(receipt)) === 'waiting-to-finalize') await nextBlock();
  assert.equal(await status(receipt), 'ready-to-finalize');
  await onL1.estimateFinalizeWithdrawalGas({ targetChain: l2, withdrawal });
  const finalized = await mined(onL1, await sendL1.finalizeWithdrawal({ targetChain: l2, withdrawal }));
  assert.equal(await status(receipt), 'finalized');
  await assert.rejects(sendL1.finalizeWithdrawal({ targetChain: l2, withdrawal }), /OptimismPortal_AlreadyFinalized|reverted/);
  return finalized;
}

await tell(
  inEther ? 'withdrawals in ether' : 'withdrawals in OPEN',
  [
    [
      'a deposit',
      async () => {
        const to = privateKeyToAccount(generatePrivateKey()).address;
        const mint = parseEther('1.5');
        const before = await locked();
        let hash;
        if (inEther) {
          const deposit = await onL2.buildDepositTransaction({ account, mint, to });
          const gas = await onL1.estimateDepositTransactionGas(deposit);
          hash = await sendL1.depositTransaction(deposit);
          assert.ok((await mined(onL1, hash)).gasUsed <= gas);
        } else {
          await mined(
            onL1,
            await sendL1.writeContract({
              abi: erc20Abi,
              address: coin,
              functionName: 'approve',
              args: [portal.address, mint],
            }),
          );
          hash = await sendL1.writeContract({
            ...portal,
            functionName: 'depositERC20Transaction',
            args: [to, mint, mint, 100_000n, false, '0x'],
          });
        }
        await deposited(await mined(onL1, hash));
        assert.equal(await onL2.getBalance({ address: to }), mint);
        assert.equal(await locked(), before + mint);
      },
    ],
    [
      'the fee that is estimated is the fee that is charged',
      async () => {
        const to = privateKeyToAccount(generatePrivateKey()).address;
        // The prices of an estimate are those of its block: try until the transaction is in a block of the same ones.
        for (;;) {
          const gasPrice = await onL2.getGasPrice();
          const request = { account, to, value: 1n, gasPrice, type: 'legacy' };
          const [estimated, l1Fee, operatorFee] = await Promise.all([
            onL2.estimateTotalFee(request),
            onL2.estimateL1Fee(request),
            onL2.estimateOperatorFee(request),
          ]);
          const before = await onL2.getBalance({ address: account.address });
          const receipt = await mined(onL2, await sendL2.sendTransaction(request));
          const after = await onL2.getBalance({ address: account.address });
          // The chain of this story charges an operator fee, as soon as the L2 has heard of it.
          if (operatorFee === 0n) continue;
          if (receipt.effectiveGasPrice !== gasPrice || receipt.l1Fee !== l1Fee) continue;
          assert.equal(before - after - 1n, estimated);
          assert.equal(receipt.gasUsed * receipt.effectiveGasPrice + receipt.l1Fee + operatorFee, estimated);
          return;
        }
      },
    ],
    [
      'a withdrawal of coins',
      async () => {
        const to = privateKeyToAccount(generatePrivateKey()).address;
        const value = parseEther('0.25');
        const before = await locked();
        // viem estimates the gas of the call on the L1 from the zero address, which has nothing on a development chain.
        const request = await onL1.buildInitiateWithdrawal({ account, to, value, gas: 100_000n });
        const hash = await sendL2.initiateWithdrawal(request);
        await leave(await mined(onL2, hash));
        assert.equal(await coinsOnL1(to), value);
        assert.equal(await locked(), before - value);
      },
    ],
    [
      'a withdrawal that calls a contract',
      async () => {
        const counter = artifact('Counter');
        const { contractAddress } = await mined(onL1, await sendL1.deployContract(counter));
        const target = { abi: counter.abi, address: contractAddress };
        const data = encodeFunctionData({ abi: counter.abi, functionName: 'increment', args: ['from the L2'] });
        const request = await onL1.buildInitiateWithdrawal({ account, to: contractAddress, data, gas: 200_000n });
        const receipt = await leave(await mined(onL2, await sendL2.initiateWithdrawal(request)));
        const [event] = parseEventLogs({ abi: counter.abi, logs: receipt.logs, eventName: 'Incremented' });
        assert.ok(isAddressEqual(event.args.by, portal.address));
        assert.equal(await onL1.readContract({ ...target, functionName: 'number' }), 1n);
      },
    ],
    [
      'a token there',
      async () => {
        const token = artifact('TestToken');
        const amount = parseEther('5');
        const { contractAddress } = await mined(
          onL1,
          await sendL1.deployContract({ ...token, args: [account.address, amount] }),
        );
        state.l1Token = getAddress(contractAddress);
        const created = await mined(
          onL2,
          await sendL2.writeContract({
            abi: factoryAbi,
            address: MINTABLE_FACTORY,
            functionName: 'createOptimismMintableERC20',
            args: [state.l1Token, 'Test Token on the L2', 'TT2'],
          }),
        );
        const [event] = parseEventLogs({ abi: factoryAbi, logs: created.logs, eventName: 'OptimismMintableERC20Created' });
        state.l2Token = event.args.localToken;
        await mined(
          onL1,
          await sendL1.writeContract({
            abi: erc20Abi,
            address: state.l1Token,
            functionName: 'approve',
            args: [contracts.L1StandardBridge, amount],
          }),
        );
        const hash = await sendL1.writeContract({
          abi: bridgeAbi,
          address: contracts.L1StandardBridge,
          functionName: 'bridgeERC20To',
          args: [state.l1Token, state.l2Token, account.address, amount, 200_000, '0x'],
        });
        const [receipt] = await deposited(await mined(onL1, hash));
        const [bridged] = parseEventLogs({ abi: bridgeAbi, logs: receipt.logs, eventName: 'ERC20BridgeFinalized' });
        assert.equal(bridged.args.amount, amount);
        const balance = { abi: erc20Abi, address: state.l2Token, functionName: 'balanceOf', args: [account.address] };
        assert.equal(await onL2.readContract(balance), amount);
      },
    ],
    [
      'and back again',
      async () => {
        const amount = parseEther('2');
        const to = privateKeyToAccount(generatePrivateKey()).address;
        const hash = await sendL2.writeContract({
          abi: bridgeAbi,
          address: L2_BRIDGE,
          functionName: 'bridgeERC20To',
          args: [state.l2Token, state.l1Token, to, amount, 200_000, '0x'],
        });
        await leave(await mined(onL2, hash));
        const balance = { abi: erc20Abi, address: state.l1Token, functionName: 'balanceOf', args: [to] };
        assert.equal(await onL1.readContract(balance), amount);
        const [left, supply] = await Promise.all([
          onL1.readContract({
            abi: bridgeAbi,
            address: contracts.L1StandardBridge,
            functionName: 'deposits',
            args: [state.l1Token, state.l2Token],
          }),
          onL2.readContract({ abi: erc20Abi, address: state.l2Token, functionName: 'totalSupply' }),
        ]);
        assert.equal(left, parseEther('3'));
        assert.equal(supply, left);
      },
    ],
    [
      'what the bridge must refuse',
      async () => {
        // The portal makes no call to itself, nor, where the coin is a token, to the token.
        const targets = inEther ? [portal.address] : [portal.address, coin];
        for (const to of targets) {
          const request = await onL1.buildInitiateWithdrawal({ account, to, value: 0n, data: '0x095ea7b3', gas: 100_000n });
          const receipt = await mined(onL2, await sendL2.initiateWithdrawal(request));
          const [withdrawal] = getWithdrawals(receipt);
          const { output } = await onL1.waitToProve({ receipt, targetChain: l2 });
          const proof = await onL2.buildProveWithdrawal({ output, withdrawal });
          await assert.rejects(sendL1.proveWithdrawal(proof), /OptimismPortal_BadTarget|reverted/);
        }
        if (!inEther) {
          await assert.rejects(
            sendL1.sendTransaction({ to: contracts.L1StandardBridge, value: 1n }),
            /reverted|gas token|ETH/,
          );
          await assert.rejects(sendL1.sendTransaction({ to: portal.address, value: 1n }), /reverted/);
        }
        assert.notEqual(await locked(), 0n);
        assert.equal(await onL1.getBalance({ address: zeroAddress }), 0n);
      },
    ],
  ],
  120_000,
);
