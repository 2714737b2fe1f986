// The ethers story. Run: node ethers.mjs (the chain under test comes by environment: see lib/chain.mjs).
import assert from 'node:assert/strict';
import {
  ContractFactory,
  JsonRpcProvider,
  NonceManager,
  Wallet,
  WebSocketProvider,
  ZeroHash,
  isCallException,
  isError,
  parseEther,
} from 'ethers';
import { CHAIN_ID, L2_RPC, L2_WS, OP_STACK, artifact, developmentKey, tell } from './lib/chain.mjs';

// It polls sooner than its cache of 250 ms forgets: with that cache it would sign with a nonce that it asked for before.
const provider = new JsonRpcProvider(L2_RPC, undefined, { polling: true, pollingInterval: 100, cacheTimeout: -1 });
const socket = new WebSocketProvider(L2_WS);
// As most scripts have it: one provider, default options, its batching and its cache of 250 ms included.
const ordinary = new JsonRpcProvider(L2_RPC);
const wallet = new Wallet(developmentKey(4), provider);
const counterArtifact = artifact('Counter');
const tokenArtifact = artifact('TestToken');
const at = {};

/** A wait that must resolve with a successful receipt of a sealed block. */
async function mined(response, confirmations = 1) {
  const receipt = await response.wait(confirmations);
  assert.equal(receipt.status, 1);
  assert.notEqual(receipt.blockHash, ZeroHash);
  return receipt;
}

await tell('ethers', [
  [
    'the chain',
    async () => {
      assert.equal((await provider.getNetwork()).chainId, BigInt(CHAIN_ID));
      const block = await provider.getBlock('latest', true);
      assert.equal(block.hash.length, 66);
      assert.ok((await provider.getBalance(wallet.address)) > parseEther('1'));
      const fees = await provider.getFeeData();
      assert.ok(fees.gasPrice > 0n && fees.maxFeePerGas > 0n && fees.maxPriorityFeePerGas >= 0n);
      for (const tag of OP_STACK ? ['latest', 'pending', 'safe', 'finalized', 'earliest'] : ['latest', 'pending']) {
        assert.ok((await provider.getBlock(tag)).number >= 0, tag);
      }
    },
  ],
  [
    'wait() of a transfer',
    async () => {
      const to = Wallet.createRandom().address;
      const response = await wallet.sendTransaction({ to, value: 5n });
      const receipt = await mined(response);
      assert.equal(receipt.gasUsed, 21_000n);
      assert.equal(await provider.getBalance(to), 5n);
      assert.equal((await provider.getTransaction(response.hash)).blockNumber, receipt.blockNumber);
      assert.equal((await receipt.getBlock()).hash, receipt.blockHash);
      await mined(response, 3);
      assert.ok((await receipt.confirmations()) >= 3);
      assert.equal((await response.wait(0)).hash, response.hash);
    },
  ],
  [
    'wait() right after a receipt that came with the answer',
    async () => {
      const filled = await wallet.populateTransaction({ to: wallet.address, value: 6n });
      const signed = await wallet.signTransaction(filled);
      const early = await provider.send('eth_sendRawTransactionSync', [signed]);
      assert.equal(BigInt(early.status), 1n);
      // The same hash, asked for by clients that know nothing of preconfirmations: both must come to the sealed receipt.
      const waited = await ordinary.waitForTransaction(early.transactionHash, 1, 30_000);
      assert.equal(waited.hash, early.transactionHash);
      assert.equal(waited.blockNumber, Number(early.blockNumber));
      const response = await ordinary.getTransaction(early.transactionHash);
      const receipt = await mined(response);
      assert.equal(receipt.index, Number(early.transactionIndex));
      const confirmed = await mined(response, 2);
      assert.equal(confirmed.blockHash, receipt.blockHash);
    },
  ],
  [
    'one transfer after the other, by a provider with default options',
    async () => {
      // It polls every 4 s and caches answers for 250 ms: a receipt must not come sooner than the state it speaks of.
      const sender = new Wallet(developmentKey(4), ordinary);
      for (let i = 0; i < 2; i++) await mined(await sender.sendTransaction({ to: sender.address, value: 1n }));
    },
  ],
  [
    'deploy, write, read',
    async () => {
      const token = await new ContractFactory(tokenArtifact.abi, tokenArtifact.bytecode, wallet).deploy(
        wallet.address,
        parseEther('10'),
      );
      await token.waitForDeployment();
      at.token = token;
      const counter = await new ContractFactory(counterArtifact.abi, counterArtifact.bytecode, wallet).deploy();
      at.counter = await counter.waitForDeployment();
      assert.equal(await token.symbol(), 'TT');
      const to = Wallet.createRandom().address;
      const receipt = await mined(await token.transfer(to, 9n));
      const event = token.interface.parseLog(receipt.logs[0]);
      assert.equal(event.name, 'Transfer');
      assert.equal(event.args.value, 9n);
      assert.equal(await token.balanceOf(to), 9n);
      assert.equal(await token.balanceOf(to, { blockTag: receipt.blockNumber - 1 }), 0n);
      assert.ok((await counter.increment.estimateGas('x')) > 21_000n);
    },
  ],
  [
    'reverts are decoded',
    async () => {
      await assert.rejects(at.counter.set.staticCall(101), (error) => {
        assert.ok(isCallException(error));
        assert.equal(error.revert.name, 'TooMuch');
        assert.deepEqual([...error.revert.args], [101n, 100n]);
        return true;
      });
      await assert.rejects(at.counter.failWithReason(), (error) => error.reason === 'no such luck');
      await assert.rejects(at.counter.failWithPanic(0), (error) => /DIVIDE_BY_ZERO|panic/i.test(error.reason));
      // Sent all the same, it is included, and wait() rejects with its receipt.
      const response = await at.counter.set(101, { gasLimit: 100_000 });
      await assert.rejects(response.wait(), (error) => {
        assert.ok(isCallException(error));
        assert.equal(error.receipt.status, 0);
        return true;
      });
      await assert.rejects(wallet.sendTransaction({ to: wallet.address, nonce: 0 }), (error) =>
        isError(error, 'NONCE_EXPIRED'),
      );
      const poor = Wallet.createRandom().connect(provider);
      await assert.rejects(poor.sendTransaction({ to: poor.address, value: 1n, gasLimit: 21_000 }), (error) =>
        isError(error, 'INSUFFICIENT_FUNDS'),
      );
    },
  ],
  [
    'events by query, by polling and over WebSocket',
    async () => {
      const polled = new Promise((resolve) => {
        at.counter.once('Incremented', (by, number, note, payload) => resolve({ by, number, note, payload }));
      });
      const pushed = new Promise((resolve) => {
        at.counter.connect(socket).once('Incremented', (by, number, note) => resolve({ by, number, note }));
      });
      const head = new Promise((resolve) => socket.once('block', resolve));
      const pending = new Promise((resolve) => socket.once('pending', resolve));
      // Both are set up when these are answered.
      await socket.getBlockNumber();
      await provider.getBlockNumber();
      const response = await at.counter.increment('by ethers');
      assert.equal(await pending, response.hash);
      const receipt = await mined(response);
      assert.equal((await pushed).note, 'by ethers');
      assert.equal((await polled).note, 'by ethers');
      assert.ok((await head) > 0);
      const found = await at.counter.queryFilter('Incremented', receipt.blockNumber, receipt.blockNumber);
      assert.equal(found.length, 1);
      assert.equal(found[0].blockHash, receipt.blockHash);
      assert.equal(found[0].args.by, wallet.address);
    },
  ],
  [
    'a contract driven over WebSocket',
    async () => {
      const counter = at.counter.connect(wallet.connect(socket));
      await mined(await counter.increment('over ws'));
      assert.equal(await counter.number(), 2n);
    },
  ],
  [
    'a burst, nonces by NonceManager',
    async () => {
      const manager = new NonceManager(wallet);
      const responses = [];
      for (let i = 0; i < 10; i++) {
        responses.push(await manager.sendTransaction({ to: wallet.address, value: 1n }));
      }
      await Promise.all(responses.map((response) => mined(response)));
    },
  ],
  [
    'EIP-7702',
    async () => {
      const made = artifact('BatchAccount');
      const batch = await new ContractFactory(made.abi, made.bytecode, wallet).deploy();
      await batch.waitForDeployment();
      const authority = Wallet.createRandom().connect(provider);
      const authorization = await authority.authorize({ address: await batch.getAddress(), nonce: 0 });
      const receipt = await mined(
        await wallet.sendTransaction({ type: 4, to: authority.address, authorizationList: [authorization] }),
      );
      assert.equal(receipt.type, 4);
      const code = await provider.getCode(authority.address);
      assert.equal(code, `0xef0100${(await batch.getAddress()).slice(2).toLowerCase()}`);
    },
  ],
]);
