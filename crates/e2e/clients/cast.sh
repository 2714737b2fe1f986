#!/usr/bin/env bash
# The cast story: what a developer does with it in an afternoon, on the L2, and one blob to the L1.
source "$(dirname "$0")/lib/common.sh"

me="$(address 2)"
me_key="$(key 2)"
export ETH_RPC_URL="$L2_RPC"
send() { cast send --json --private-key "$me_key" "$@"; }
status() { expect "$1: status" "$(($(field "$2" status)))" 1; }

step "chain, blocks, balances, prices"
expect "chain id" "$(cast chain-id)" "$CHAIN_ID"
expect "chain id of the L1" "$(cast chain-id --rpc-url "$L1_RPC")" "$L1_CHAIN_ID"
expect_match "client version" "$(cast client)" '/'
expect_match "block number" "$(cast block-number)" '^[0-9]+$'
expect_match "block hash" "$(field "$(cast block latest --json)" hash)" '^0x[0-9a-f]{64}$'
expect_match "block with transactions" "$(cast block latest --full --json)" '"transactions"'
expect_match "gas price" "$(cast gas-price)" '^[1-9][0-9]*$'
expect_match "base fee" "$(cast base-fee)" '^[0-9]+$'
expect_match "age" "$(cast age latest)" 'UTC'
expect_match "rpc" "$(cast rpc eth_chainId)" "^\"0x$(printf %x "$CHAIN_ID")\"$"
if [ -n "$OP_STACK" ]; then expect_match "rpc_modules" "$(cast rpc rpc_modules)" '"eth"'; fi
expect_match "fee history" "$(cast rpc eth_feeHistory 0x1 latest '[50]')" 'baseFeePerGas'
expect_match "pool" "$(cast tx-pool status --json)" 'pending'
balance="$(cast balance "$me")"
expect_match "balance" "$balance" '^[1-9][0-9]{18,}$'

step "a transfer, and what it leaves behind"
fresh="$(cast wallet new --json)"
fresh_address="$(node -p 'const w = JSON.parse(process.argv[1]); (w[0] ?? w.wallets?.[0] ?? w).address' "$fresh")"
nonce="$(cast nonce "$me")"
receipt="$(send --value 1gwei "$fresh_address")"
status transfer "$receipt"
expect "gas of a transfer" "$(($(field "$receipt" gasUsed)))" 21000
expect "nonce after" "$(cast nonce "$me" --block pending)" "$((nonce + 1))"
expect "balance after" "$(cast balance "$fresh_address" --block pending)" 1000000000
hash="$(field "$receipt" transactionHash)"
# With confirmations, the receipt is one of a block and not only of the pending state.
sealed="$(cast receipt --confirmations 1 --json "$hash")"
expect "receipt's hash" "$(field "$sealed" transactionHash)" "$hash"
expect_match "receipt's block" "$(field "$sealed" blockHash)" '^0x[0-9a-f]{64}$'
expect "transaction" "$(field "$(cast tx --json "$hash")" hash)" "$hash"
expect "sender" "$(cast to-check-sum-address "$(cast tx "$hash" from)")" "$me"
raw="$(cast tx --raw "$hash")"
expect "raw transaction" "$(cast keccak "$raw")" "$hash"
if [ -n "$OP_STACK" ]; then
  expect_match "L1 fee in the receipt" "$(field "$sealed" l1Fee)" '^0x'
  expect_match "L1 gas price in the receipt" "$(field "$sealed" l1GasPrice)" '^0x'
  expect "first transaction of the block" "$(cast rpc eth_getTransactionByBlockNumberAndIndex "$(field "$sealed" blockNumber)" 0x0 | node -p 'JSON.parse(require("fs").readFileSync(0)).type')" 0x7e
fi

step "the older and the newer transaction types"
status legacy "$(send --legacy --value 1 "$fresh_address")"
list="[{\"address\":\"$fresh_address\",\"storageKeys\":[]}]"
with_list="$(send --access-list "$list" --value 1 "$fresh_address")"
status "access list" "$with_list"
expect "gas with an access list" "$(($(field "$with_list" gasUsed)))" 23400
# cast takes the nonce from the latest state: a receipt that was given means that the latest state has it.
status "sync" "$(send --sync --value 1 "$fresh_address")"
status "sync after sync" "$(send --sync --value 1 "$fresh_address")"
status "send after sync" "$(send --value 1 "$fresh_address")"
expect "--async prints the hash" "$(send --async --value 1 "$fresh_address" | grep -cE '^"?0x[0-9a-f]{64}"?$')" 1
signed="$(cast mktx --private-key "$me_key" --nonce "$(cast nonce "$me" --block pending)" --value 2 "$fresh_address")"
status publish "$(cast publish "$signed")"

step "a contract: create, call, send, estimate, access list, logs, storage, proof"
code="$(field "$(node -p 'JSON.stringify(JSON.parse(require("fs").readFileSync("forge/out/Counter.sol/Counter.json")).bytecode)')" object)"
created="$(send --create "$code")"
status create "$created"
counter="$(cast to-check-sum-address "$(field "$created" contractAddress)")"
expect_match "code" "$(cast code "$counter")" '^0x60'
expect "code size" "$(cast codesize "$counter")" "$((($(cast code "$counter" | tr -d '\n' | wc -c) - 2) / 2))"
incremented="$(send "$counter" 'increment(string)' 'by cast')"
status increment "$incremented"
expect "call" "$(cast call "$counter" 'number()(uint256)')" 1
expect "call at the block before" "$(cast call --block "$(($(field "$incremented" blockNumber) - 1))" "$counter" 'number()(uint256)')" 0
expect_match "estimate" "$(cast estimate --from "$me" "$counter" 'increment(string)' again)" '^[1-9][0-9]+$'
slot=0x0000000000000000000000000000000000000000000000000000000000000000
expect "storage" "$(cast to-dec "$(cast storage "$counter" $slot)")" 1
expect_match "access list" "$(cast access-list --from "$me" "$counter" 'increment(string)' again | tr 'A-F' 'a-f')" "$(tr 'A-F' 'a-f' <<<"$counter")"
expect_match "logs" "$(cast logs --json --from-block "$(($(field "$incremented" blockNumber)))" --address "$counter" 'Incremented(address indexed,uint256 indexed,string)' "$me")" "$(field "$incremented" transactionHash)"
proof="$(cast proof "$counter" $slot --json)"
expect_match "account proof" "$(field "$proof" accountProof)" '0x'
expect_match "storage proof" "$(field "$proof" storageProof)" '"value":"0x1"'
expect_match "call with state override" "$(cast call --override-state-diff "$counter:$slot:7" "$counter" 'number()(uint256)')" '^7$'

step "failures say why"
expect_failure "custom error" 'TooMuch|0x[0-9a-f]{8}|execution reverted' cast call "$counter" 'set(uint256)' 101
expect_failure "reason" 'no such luck' cast call "$counter" 'failWithReason()'
expect_failure "panic" 'panic|division|0x4e487b71' cast call "$counter" 'failWithPanic(uint256)' 0
expect_failure "estimate of a revert" 'no such luck' cast estimate --from "$me" "$counter" 'failWithReason()'
expect_failure "nonce too low" 'nonce too low' send --nonce 0 --value 1 "$fresh_address"
expect_failure "not enough balance" 'nsufficient funds|OutOfFunds|overshot' cast send --private-key "$me_key" --gas-limit 21000 --value 999999999ether "$fresh_address"
reverted="$(send --gas-limit 100000 "$counter" 'failWithReason()' || true)"
expect "a reverted transaction is included" "$(($(field "$reverted" status)))" 0

step "traces"
expect_match "run (quick)" "$(cast run --quick "$(field "$incremented" transactionHash)" 2>&1)" 'increment|0x[0-9a-f]{8}'
expect_match "run" "$(cast run "$(field "$incremented" transactionHash)" 2>&1)" 'increment|0x[0-9a-f]{8}'
expect_match "struct log" "$(cast rpc debug_traceTransaction "$(field "$incremented" transactionHash)" '{}')" '"structLogs"'
expect_match "call tracer" "$(cast rpc debug_traceTransaction "$(field "$incremented" transactionHash)" '{"tracer":"callTracer"}')" '"type":"CALL"'
expect_match "prestate tracer" "$(cast rpc debug_traceTransaction "$(field "$incremented" transactionHash)" '{"tracer":"prestateTracer"}')" "$(tr 'A-F' 'a-f' <<<"$counter")"
expect_match "call trace" "$(cast call --trace "$counter" 'number()(uint256)' 2>&1)" 'number|0x[0-9a-f]{8}'

step "EIP-7702: an account becomes a contract and back"
code="$(field "$(node -p 'JSON.stringify(JSON.parse(require("fs").readFileSync("forge/out/BatchAccount.sol/BatchAccount.json")).bytecode)')" object)"
batch="$(cast to-check-sum-address "$(field "$(send --create "$code")" contractAddress)")"
authority_key="$(node -p 'const w = JSON.parse(process.argv[1]); (w[0] ?? w.wallets?.[0] ?? w).private_key' "$fresh")"
authorization="$(cast wallet sign-auth "$batch" --private-key "$authority_key" --nonce "$(cast nonce "$fresh_address")" --chain "$CHAIN_ID")"
delegated="$(send --auth "$authorization" "$fresh_address" 'execute((address,uint256,bytes)[])' "[($counter,0,$(cast calldata 'increment(string)' 'by a delegated account'))]")"
status delegation "$delegated"
expect "type of the transaction" "$(($(field "$delegated" type)))" 4
expect "delegation" "$(cast code "$fresh_address" | tr 'A-F' 'a-f')" "0xef0100$(tr 'A-F' 'a-f' <<<"${batch#0x}")"
expect "the call it made" "$(cast call "$counter" 'number()(uint256)')" 2
revoked="$(send --auth "$(cast wallet sign-auth 0x0000000000000000000000000000000000000000 --private-key "$authority_key" --nonce "$(cast nonce "$fresh_address")" --chain "$CHAIN_ID")" "$fresh_address")"
status revocation "$revoked"
expect "no delegation" "$(cast code "$fresh_address")" 0x

step "the deterministic deployment proxy"
# A pre-EIP-155 transaction deployed it elsewhere; here it is part of the genesis, and cast's users expect it.
expect_match "its code" "$(cast code 0x4e59b44847b379578588920cA78FbF26c0B4956C)" '^0x7f'
if [ -n "$OP_STACK" ]; then
  expect_match "Multicall3" "$(cast code 0xcA11bde05977b3631167028862bE2a173976CA11)" '^0x60'
  expect_match "the L1 fee of a transaction" "$(cast call 0x420000000000000000000000000000000000000F 'getL1Fee(bytes)(uint256)' "$raw")" '^[0-9]+'
  expect_match "the L1 origin" "$(cast call 0x4200000000000000000000000000000000000015 'number()(uint64)')" '^[0-9]+'
  expect_failure "no blobs on the L2" '.' cast send --private-key "$me_key" --blob --path package.json "$me"
fi

step "a blob to the L1"
head -c 200000 /dev/zero | tr '\0' 'b' >"$scratch/blob"
blob="$(cast send --json --rpc-url "$L1_RPC" --private-key "$me_key" --blob --path "$scratch/blob" "$me")"
status blob "$blob"
expect "type of the transaction" "$(($(field "$blob" type)))" 3
expect "blob gas of two blobs" "$(($(field "$blob" blobGasUsed)))" 262144

step "done"
