#!/usr/bin/env bash
# The hardhat story: compile offline, deploy with Ignition, run a dApp's mocha tests on the chain.
# Hardhat 3 wants Node.js 22: the one of npm's `node` package, first on the path here, serves where the machine's is older.
source "$(dirname "$0")/lib/common.sh"
export HARDHAT_DISABLE_TELEMETRY_PROMPT=true HARDHAT_IGNITION_CONFIRM_DEPLOYMENT=true DO_NOT_TRACK=1 CI=true
export L2_RPC CHAIN_ID OP_STACK

step "compile"
node node_modules/hardhat/dist/src/cli.js compile --quiet >"$scratch/log" 2>&1 || fail "compile: $(cat "$scratch/log")"

step "ignition deploy"
node node_modules/hardhat/dist/src/cli.js ignition deploy hardhat/ignition/modules/Vault.mjs --network openledger \
  --deployment-id "story-$$-$RANDOM" >"$scratch/log" 2>&1 || fail "ignition: $(cat "$scratch/log")"
token="$(grep -oE 'Vault#TestToken - 0x[0-9a-fA-F]{40}' "$scratch/log" | cut -d' ' -f3)"
vault="$(grep -oE 'Vault#TestVault - 0x[0-9a-fA-F]{40}' "$scratch/log" | cut -d' ' -f3)"
[ -n "$token" ] && [ -n "$vault" ] || fail "ignition named no addresses: $(cat "$scratch/log")"
expect "assets in the vault" "$(cast call --rpc-url "$L2_RPC" "$vault" 'totalAssets()(uint256)')" 100
rm -rf hardhat/ignition/deployments/story-$$-*

step "test mocha"
node node_modules/hardhat/dist/src/cli.js test mocha --network openledger >"$scratch/log" 2>&1 || fail "tests: $(cat "$scratch/log")"
expect_match "its summary" "$(cat "$scratch/log")" '6 passing'

step "done"
