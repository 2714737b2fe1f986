// The viem story. Run: node viem.mjs (the chain under test comes by environment: see lib/chain.mjs).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  BaseError,
  ContractFunctionRevertedError,
  bytesToHex,
  createPublicClient,
  createWalletClient,
  decodeEventLog,
  defineChain,
  encodeFunctionData,
  getAddress,
  hexToBytes,
  http,
  isAddressEqual,
  parseEther,
  parseGwei,
  stringToHex,
  toBlobs,
  webSocket,
  zeroAddress,
  zeroHash,
} from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { chainConfig, publicActionsL2 } from 'viem/op-stack';
import { KZG } from 'micro-eth-signer/advanced/kzg.js';
import {
  CHAIN_ID,
  L1_CHAIN_ID,
  L1_RPC,
  L2_RPC,
  L2_WS,
  OP_STACK,
  artifact,
  developmentKey,
  next,
  tell,
} from './lib/chain.mjs';

const MULTICALL3 = '0xcA11bde05977b3631167028862bE2a173976CA11';
const openledger = defineChain({
  ...(OP_STACK ? chainConfig : {}),
  id: CHAIN_ID,
  name: 'OpenLedger dev',
  nativeCurrency: { name: 'OPEN', symbol: 'OPEN', decimals: 18 },
  rpcUrls: { default: { http: [L2_RPC], webSocket: [L2_WS] } },
  contracts: { ...(OP_STACK ? chainConfig.contracts : {}), multicall3: { address: MULTICALL3 } },
});
const l1 = defineChain({
  id: L1_CHAIN_ID,
  name: 'L1 dev',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [L1_RPC] } },
});

const account = privateKeyToAccount(developmentKey(3));
const pollingInterval = 100;
const client = createPublicClient({ chain: openledger, transport: http(), pollingInterval });
const batching = createPublicClient({ chain: openledger, transport: http(L2_RPC, { batch: true }), pollingInterval });
const wallet = createWalletClient({ chain: openledger, transport: http(), account, pollingInterval });
const socket = createPublicClient({ chain: openledger, transport: webSocket() });

const token = artifact('TestToken');
const counter = artifact('Counter');
const at = {};

/** Waits for the receipt, which must be a success, part of a sealed block. */
async function mined(hash) {
  const receipt = await client.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, 'success');
  return receipt;
}

/** The custom error's name and arguments behind a failed call. */
function revertOf(error) {
  assert.ok(error instanceof BaseError, `not an error of viem: ${error}`);
  const revert = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  assert.ok(revert, `no revert in: ${error.message}`);
  return revert;
}

// viem ships the file; the path that `viem/node` exports for it points beside it.
const trustedSetup = new URL('./node_modules/viem/trusted-setups/mainnet.json', import.meta.url);

/** KZG without native code, in the shape that viem asks for. */
function pureKzg() {
  const kzg = new KZG(JSON.parse(readFileSync(trustedSetup, 'utf8')));
  return {
    blobToKzgCommitment: (blob) => hexToBytes(kzg.blobToKzgCommitment(bytesToHex(blob))),
    computeBlobKzgProof: (blob, commitment) =>
      hexToBytes(kzg.computeBlobProof(bytesToHex(blob), bytesToHex(commitment))),
  };
}

await tell('viem', [
  [
    'the chain',
    async () => {
      assert.equal(await client.getChainId(), CHAIN_ID);
      const block = await client.getBlock();
      assert.equal(block.hash.length, 66);
      const [again, balance, gasPrice] = await Promise.all([
        batching.getBlock({ blockHash: block.hash }),
        batching.getBalance({ address: account.address }),
        batching.getGasPrice(),
      ]);
      assert.equal(again.number, block.number);
      assert.ok(balance > parseEther('1'));
      assert.ok(gasPrice > 0n);
      const fees = await client.estimateFeesPerGas();
      assert.ok(fees.maxFeePerGas > fees.maxPriorityFeePerGas);
      const history = await client.getFeeHistory({ blockCount: 2, rewardPercentiles: [25, 75] });
      assert.ok(history.baseFeePerGas.length >= 2);
      if (OP_STACK) {
        // The genesis block has no transactions; every later one begins with a deposit.
        let full;
        do {
          full = await client.getBlock({ includeTransactions: true });
        } while (full.number === 0n);
        assert.equal(full.transactions[0].type, 'deposit');
      }
    },
  ],
  [
    'a transfer and its receipt',
    async () => {
      const to = privateKeyToAccount(generatePrivateKey()).address;
      const hash = await wallet.sendTransaction({ to, value: 7n });
      const receipt = await mined(hash);
      assert.equal(receipt.gasUsed, 21_000n);
      assert.notEqual(receipt.blockHash, zeroHash);
      assert.equal(await client.getBalance({ address: to }), 7n);
      const transaction = await client.getTransaction({ hash });
      assert.ok(isAddressEqual(transaction.from, account.address));
      assert.equal((await client.waitForTransactionReceipt({ hash, confirmations: 3 })).transactionHash, hash);
      assert.ok((await client.getTransactionConfirmations({ hash })) >= 3n);
      if (OP_STACK) {
        assert.equal(typeof receipt.l1Fee, 'bigint');
        assert.equal(typeof receipt.l1GasPrice, 'bigint');
      }
    },
  ],
  [
    'deploy, write, read',
    async () => {
      const deployed = await mined(await wallet.deployContract({ ...token, args: [account.address, parseEther('10')] }));
      at.token = { abi: token.abi, address: getAddress(deployed.contractAddress) };
      const made = await mined(await wallet.deployContract(counter));
      at.counter = { abi: counter.abi, address: getAddress(made.contractAddress) };
      const to = privateKeyToAccount(generatePrivateKey()).address;
      const receipt = await mined(
        await wallet.writeContract({ ...at.token, functionName: 'transfer', args: [to, parseEther('1')] }),
      );
      const event = decodeEventLog({ abi: token.abi, ...receipt.logs[0] });
      assert.equal(event.eventName, 'Transfer');
      assert.equal(event.args.value, parseEther('1'));
      assert.equal(await client.readContract({ ...at.token, functionName: 'balanceOf', args: [to] }), parseEther('1'));
      assert.ok((await client.getCode({ address: at.token.address })).length > 2);
    },
  ],
  [
    'many transactions at once, nonces by the node',
    async () => {
      const nonce = await client.getTransactionCount({ address: account.address, blockTag: 'pending' });
      const hashes = [];
      for (let i = 0; i < 10; i++) {
        hashes.push(await wallet.sendTransaction({ to: account.address, value: 1n }));
      }
      assert.equal(await client.getTransactionCount({ address: account.address, blockTag: 'pending' }), nonce + 10);
      await Promise.all(hashes.map(mined));
    },
  ],
  [
    'a revert is decoded',
    async () => {
      await assert.rejects(
        client.simulateContract({ ...at.counter, functionName: 'set', args: [101n], account }),
        (error) => {
          const { data } = revertOf(error);
          assert.equal(data.errorName, 'TooMuch');
          assert.deepEqual(data.args, [101n, 100n]);
          return true;
        },
      );
      await assert.rejects(
        client.simulateContract({ ...at.token, functionName: 'transfer', args: [zeroAddress, 1n], account }),
        (error) => revertOf(error).data.errorName === 'ERC20InvalidReceiver',
      );
      await assert.rejects(
        client.readContract({ ...at.counter, functionName: 'failWithReason' }),
        (error) => revertOf(error).reason === 'no such luck',
      );
      await assert.rejects(
        client.readContract({ ...at.counter, functionName: 'failWithPanic', args: [0n] }),
        (error) => /zero|0x12|18/.test(revertOf(error).message),
      );
      await assert.rejects(client.estimateContractGas({ ...at.counter, functionName: 'set', args: [101n], account }), (error) => {
        assert.equal(revertOf(error).data.errorName, 'TooMuch');
        return true;
      });
      const { request, result } = await client.simulateContract({
        ...at.token,
        functionName: 'transfer',
        args: [account.address, 1n],
        account,
      });
      assert.equal(result, true);
      await mined(await wallet.writeContract(request));
    },
  ],
  [
    'logs, filters, events',
    async () => {
      const filter = await client.createContractEventFilter({ ...at.counter, eventName: 'Incremented', strict: true });
      const blocks = await client.createBlockFilter();
      const receipt = await mined(
        await wallet.writeContract({ ...at.counter, functionName: 'increment', args: ['by viem'] }),
      );
      const changes = [];
      const seenBlocks = [];
      while (changes.length === 0 || seenBlocks.length === 0) {
        changes.push(...(await client.getFilterChanges({ filter })));
        seenBlocks.push(...(await client.getFilterChanges({ filter: blocks })));
      }
      assert.equal(changes[0].args.note, 'by viem');
      assert.equal(changes[0].transactionHash, receipt.transactionHash);
      assert.equal((await client.getFilterLogs({ filter })).length, 1);
      await client.uninstallFilter({ filter });
      await client.uninstallFilter({ filter: blocks });
      const byRange = await client.getContractEvents({
        ...at.counter,
        eventName: 'Incremented',
        args: { by: account.address },
        fromBlock: receipt.blockNumber,
        toBlock: receipt.blockNumber,
      });
      const byHash = await client.getLogs({ address: at.counter.address, blockHash: receipt.blockHash });
      assert.equal(byRange.length, 1);
      assert.equal(byRange[0].blockHash, receipt.blockHash);
      assert.equal(byHash.length, 1);
    },
  ],
  [
    'subscriptions over WebSocket',
    async () => {
      const head = next((onBlock, onError) => socket.watchBlocks({ onBlock, onError }));
      const number = next((onBlockNumber, onError) => socket.watchBlockNumber({ onBlockNumber, onError }));
      const pending = next((resolve, onError) =>
        socket.watchPendingTransactions({ onTransactions: ([hash]) => resolve(hash), onError }),
      );
      const event = next((resolve, onError) =>
        socket.watchContractEvent({ ...at.counter, eventName: 'Incremented', onLogs: ([log]) => resolve(log), onError }),
      );
      // A round trip on the same connection: the subscriptions above are made when it is answered.
      await socket.getChainId();
      const hash = await wallet.writeContract({ ...at.counter, functionName: 'increment', args: ['by socket'] });
      assert.equal(await pending, hash);
      const log = await event;
      assert.equal(log.transactionHash, hash);
      assert.equal(log.args.note, 'by socket');
      assert.ok((await head).number > 0n);
      assert.ok((await number) > 0n);
      await mined(hash);
    },
  ],
  [
    'multicall',
    async () => {
      const canonical = await client.getCode({ address: MULTICALL3 });
      assert.ok(canonical || !OP_STACK, 'Multicall3 is missing at its canonical address');
      let multicallAddress = MULTICALL3;
      if (!canonical) {
        multicallAddress = (await mined(await wallet.deployContract(artifact('Aggregator')))).contractAddress;
      }
      const [symbol, number, failure] = await client.multicall({
        multicallAddress,
        contracts: [
          { ...at.token, functionName: 'symbol' },
          { ...at.counter, functionName: 'number' },
          { ...at.counter, functionName: 'failWithReason' },
        ],
      });
      assert.equal(symbol.result, 'TT');
      assert.equal(number.result, 2n);
      assert.equal(failure.status, 'failure');
    },
  ],
  [
    'calls with overrides, access lists, proofs',
    async () => {
      const poor = privateKeyToAccount(generatePrivateKey());
      const call = { account: poor.address, to: account.address, value: parseEther('5') };
      await assert.rejects(client.call(call));
      await client.call({ ...call, stateOverride: [{ address: poor.address, balance: parseEther('6') }] });
      const data = encodeFunctionData({ abi: counter.abi, functionName: 'increment', args: ['x'] });
      const { accessList, gasUsed } = await client.createAccessList({ account, to: at.counter.address, data });
      assert.ok(isAddressEqual(accessList[0].address, at.counter.address));
      assert.ok(gasUsed > 21_000n);
      const slot = zeroHash;
      const proof = await client.getProof({ address: at.counter.address, storageKeys: [slot] });
      assert.equal(proof.storageProof[0].value, 2n);
      assert.ok(proof.accountProof.length > 0);
      assert.equal(BigInt(await client.getStorageAt({ address: at.counter.address, slot })), 2n);
    },
  ],
  [
    'a receipt in the answer: sendRawTransactionSync',
    async () => {
      const request = await wallet.prepareTransactionRequest({ to: account.address, value: 3n });
      const serializedTransaction = await wallet.signTransaction(request);
      const receipt = await client.sendRawTransactionSync({ serializedTransaction });
      assert.equal(receipt.status, 'success');
      assert.equal(receipt.gasUsed, 21_000n);
      // Right after it the state knows, under both tags: a client that was given a receipt reads what it wrote.
      for (const blockTag of ['pending', 'latest']) {
        assert.equal(await client.getTransactionCount({ address: account.address, blockTag }), request.nonce + 1, blockTag);
      }
      const second = await wallet.sendTransactionSync({ to: account.address, value: 4n });
      assert.equal(second.status, 'success');
      // Waiting for a receipt that was already given must not hang or contradict it.
      const sealed = await mined(receipt.transactionHash);
      assert.equal(sealed.transactionHash, receipt.transactionHash);
      assert.equal(sealed.blockNumber, receipt.blockNumber);
      assert.equal(sealed.transactionIndex, receipt.transactionIndex);
    },
  ],
  [
    'EIP-7702',
    async () => {
      const { contractAddress } = await mined(await wallet.deployContract(artifact('BatchAccount')));
      const authority = privateKeyToAccount(generatePrivateKey());
      const authorization = await wallet.signAuthorization({ account: authority, contractAddress });
      const { abi } = artifact('BatchAccount');
      const increment = encodeFunctionData({ abi: counter.abi, functionName: 'increment', args: ['delegated'] });
      const hash = await wallet.sendTransaction({
        authorizationList: [authorization],
        to: authority.address,
        data: encodeFunctionData({
          abi,
          functionName: 'execute',
          args: [[{ to: at.counter.address, value: 0n, data: increment }]],
        }),
      });
      const receipt = await mined(hash);
      assert.equal(receipt.type, 'eip7702');
      const [log] = await client.getContractEvents({ ...at.counter, blockHash: receipt.blockHash });
      assert.ok(isAddressEqual(log.args.by, authority.address));
      const delegation = await client.getDelegation({ address: authority.address });
      assert.ok(isAddressEqual(delegation, contractAddress));
    },
  ],
  [
    'permit: a signature in place of a transaction',
    async () => {
      const owner = account.address;
      const spender = privateKeyToAccount(generatePrivateKey()).address;
      const message = { owner, spender, value: 5n, nonce: 0n, deadline: 2n ** 64n };
      const domain = { name: 'Test Token', version: '1', chainId: CHAIN_ID, verifyingContract: at.token.address };
      const field = (name, type) => ({ name, type });
      const types = {
        Permit: [
          field('owner', 'address'),
          field('spender', 'address'),
          field('value', 'uint256'),
          field('nonce', 'uint256'),
          field('deadline', 'uint256'),
        ],
      };
      const signature = await account.signTypedData({ domain, types, primaryType: 'Permit', message });
      const [r, s, v] = [signature.slice(0, 66), `0x${signature.slice(66, 130)}`, Number(`0x${signature.slice(130)}`)];
      await mined(
        await wallet.writeContract({
          ...at.token,
          functionName: 'permit',
          args: [owner, spender, 5n, message.deadline, v, r, s],
        }),
      );
      assert.equal(await client.readContract({ ...at.token, functionName: 'allowance', args: [owner, spender] }), 5n);
    },
  ],
  [
    'what must be refused is refused, with the reason',
    async () => {
      await assert.rejects(
        wallet.sendTransaction({ to: account.address, nonce: 0, gas: 21_000n }),
        (error) => /nonce too low|lower than the current nonce/i.test(error.message),
      );
      const stranger = createWalletClient({
        chain: openledger,
        transport: http(),
        account: privateKeyToAccount(generatePrivateKey()),
      });
      await assert.rejects(
        stranger.sendTransaction({ to: account.address, value: 1n, gas: 21_000n }),
        (error) => /insufficient funds|exceeds the balance/i.test(error.message),
      );
      const foreign = await account.signTransaction({
        chainId: 1,
        type: 'eip1559',
        nonce: await client.getTransactionCount({ address: account.address }),
        to: account.address,
        gas: 21_000n,
        maxFeePerGas: parseGwei('10'),
      });
      await assert.rejects(client.sendRawTransaction({ serializedTransaction: foreign }), (error) =>
        /chain/i.test(error.message),
      );
      await assert.rejects(client.request({ method: 'eth_noSuchMethod' }), (error) => error.code === -32601);
    },
  ],
  [
    'fees of the L1 data',
    async () => {
      if (!OP_STACK) return;
      const l2 = client.extend(publicActionsL2());
      const request = { account, to: account.address, value: 1n };
      const [l1Fee, l1Gas, total] = await Promise.all([
        l2.estimateL1Fee(request),
        l2.estimateL1Gas(request),
        l2.estimateTotalFee(request),
      ]);
      assert.ok(l1Fee >= 0n && l1Gas > 0n && total >= l1Fee);
    },
  ],
  [
    'a blob to the L1',
    async () => {
      const l1Client = createPublicClient({ chain: l1, transport: http(), pollingInterval });
      const l1Wallet = createWalletClient({ chain: l1, transport: http(), account, pollingInterval });
      const hash = await l1Wallet.sendTransaction({
        blobs: toBlobs({ data: stringToHex('two bytes and a blob') }),
        kzg: pureKzg(),
        maxFeePerBlobGas: parseGwei('30'),
        to: account.address,
      });
      const receipt = await l1Client.waitForTransactionReceipt({ hash });
      assert.equal(receipt.status, 'success');
      assert.equal(receipt.blobGasUsed, 131_072n);
    },
  ],
]);
