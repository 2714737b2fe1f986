# Shared by the shell stories. Sourced, never run.
#
# The chain under test comes by environment: L2_RPC, L1_RPC, CHAIN_ID, L1_CHAIN_ID, and OP_STACK=1 where the chain
# is an OP Stack one (a plain anvil, which the stories are also run against, is not).
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$here"
PATH="$here/node_modules/.bin:$PATH"
# The native binaries themselves: the node wrappers in node_modules/.bin exit with 0 whatever the tool exited with.
for directory in "$here"/node_modules/@foundry-rs/*-*/bin; do PATH="$directory:$PATH"; done
export PATH
# The user's own Foundry settings do not reach the stories.
export FOUNDRY_DISABLE_NIGHTLY_WARNING=1 NO_COLOR=1
unset ETH_RPC_URL ETH_FROM ETH_KEYSTORE ETHERSCAN_API_KEY

L2_RPC="${L2_RPC:-http://127.0.0.1:9545}"
L1_RPC="${L1_RPC:-http://127.0.0.1:8545}"
CHAIN_ID="${CHAIN_ID:-901}"
L1_CHAIN_ID="${L1_CHAIN_ID:-900}"
OP_STACK="${OP_STACK:-}"
MNEMONIC="test test test test test test test test test test test junk"

story="$(basename "$0" .sh)"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
trap 'echo "$story: failed at line $LINENO: $BASH_COMMAND" >&2' ERR

command -v cast forge >/dev/null || { echo "$story: run \`npm ci\` in $(basename "$here") first" >&2; exit 1; }

fail() { echo "$story: $*" >&2; exit 1; }
step() { echo "$story: $*"; }

# expect WHAT GOT WANTED
expect() { [ "$2" = "$3" ] || fail "$1: expected '$3', got '$2'"; }

# expect_match WHAT GOT REGEX
expect_match() { [[ "$2" =~ $3 ]] || fail "$1: expected something like '$3', got '$2'"; }

# expect_failure WHAT REGEX COMMAND...: the command must fail, and its message must match.
expect_failure() {
  local what="$1" wanted="$2" output
  shift 2
  if output="$("$@" 2>&1)"; then fail "$what: expected a failure, got: $output"; fi
  [[ "$output" =~ $wanted ]] || fail "$what: expected a message like '$wanted', got: $output"
}

# key INDEX, address INDEX: of the development accounts.
key() { cast wallet private-key "$MNEMONIC" "$1"; }
address() { cast wallet address --mnemonic "$MNEMONIC" --mnemonic-index "$1"; }

# field JSON NAME: one value of a JSON object, as text (nothing when it is null or absent).
field() { node -p 'const v = JSON.parse(process.argv[1])[process.argv[2]]; v === null || v === undefined ? "" : typeof v === "object" ? JSON.stringify(v) : v' "$1" "$2"; }
