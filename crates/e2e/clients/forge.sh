#!/usr/bin/env bash
# The forge story: deploying OpenZeppelin contracts as Foundry's users do.
source "$(dirname "$0")/lib/common.sh"

deployer="$(address 1)"
deployer_key="$(key 1)"
export ETH_RPC_URL="$L2_RPC"
# What a run writes stays in its own scratch directory, so that runs do not meet.
export FOUNDRY_BROADCAST="$scratch/broadcast"

step "forge create"
created="$(forge create contracts/TestToken.sol:TestToken --json --broadcast --rpc-url "$L2_RPC" --private-key "$deployer_key" \
  --constructor-args "$deployer" 1000000000000000000000)"
token="$(field "$created" deployedTo)"
expect_match "address" "$token" '^0x[0-9a-fA-F]{40}$'
expect "name" "$(cast call "$token" 'name()(string)')" '"Test Token"'
expect "supply" "$(cast call "$token" 'balanceOf(address)(uint256)' "$deployer" | cut -d' ' -f1)" 1000000000000000000000

step "forge create without a constructor"
created="$(forge create contracts/Counter.sol:Counter --json --broadcast --rpc-url "$L2_RPC" --private-key "$deployer_key")"
expect "a new counter" "$(cast call "$(field "$created" deployedTo)" 'number()(uint256)')" 0

step "forge script --broadcast"
export DEPLOYER_KEY="$deployer_key"
# A new salt each time, so that the story can be told twice on one chain.
SALT="0x$(node -p 'require("crypto").randomBytes(32).toString("hex")')"
export SALT
forge script forge/script/Deploy.s.sol --rpc-url "$L2_RPC" --broadcast >"$scratch/script.log" 2>&1 ||
  fail "forge script failed: $(cat "$scratch/script.log")"
run="$(find "$scratch/broadcast" -name run-latest.json)"
[ -n "$run" ] || fail "forge script wrote no broadcast log: $(cat "$scratch/script.log")"
node - "$run" <<'JS'
const run = JSON.parse(require('fs').readFileSync(process.argv[2]));
const failed = run.receipts.filter((receipt) => BigInt(receipt.status) !== 1n);
if (run.transactions.length !== 7) throw new Error(`expected 7 transactions, got ${run.transactions.length}`);
if (run.receipts.length !== 7 || failed.length > 0) throw new Error(`receipts: ${JSON.stringify(run.receipts)}`);
const zero = run.receipts.filter((receipt) => BigInt(receipt.blockHash ?? 0) === 0n);
if (process.env.REQUIRE_SEALED && zero.length > 0) throw new Error(`${zero.length} receipts without a block`);
JS
created() { node -p 'JSON.parse(require("fs").readFileSync(process.argv[1])).transactions.filter((t) => t.contractName === process.argv[2]).at(-1).contractAddress' "$run" "$1"; }
proxy="$(created ERC1967Proxy)"
expect "the counter behind the proxy" "$(cast call "$proxy" 'number()(uint256)')" 41
expect "the proxy's implementation" "$(cast to-check-sum-address "$(cast implementation "$proxy")")" "$(cast to-check-sum-address "$(created Counter)")"
expect "assets in the vault" "$(cast call "$(created TestVault)" 'totalAssets()(uint256)' | cut -d' ' -f1)" 100000000000000000000

step "forge script --slow --legacy, one transaction after the other"
SALT="0x$(node -p 'require("crypto").randomBytes(32).toString("hex")')"
forge script forge/script/Deploy.s.sol --rpc-url "$L2_RPC" --broadcast --slow --legacy >"$scratch/script.log" 2>&1 ||
  fail "forge script --slow failed: $(cat "$scratch/script.log")"

step "done"
