//! Methods of other programs that this node does not have, and why.

/// Why a method is not here. geth's words for one that nobody knows.
pub(crate) fn reason(method: &str) -> String {
    let refusal = match method.split('_').next().unwrap_or_default() {
        "evm" | "anvil" | "hardhat" => match method {
            "evm_snapshot" | "evm_revert" => {
                "a rollup's history can not be rewritten by RPC: start a fresh chain with `openledger dev`, \
                 or use state overrides with eth_call"
            }
            "evm_increaseTime" | "evm_setNextBlockTimestamp" | "evm_setTime" | "anvil_setTime" => {
                "block times follow the L1 and can not be set by RPC: use block overrides with eth_call, \
                 or `--block-time` when the chain starts"
            }
            "evm_mine"
            | "anvil_mine"
            | "hardhat_mine"
            | "evm_setAutomine"
            | "evm_setIntervalMining"
            | "anvil_setIntervalMining" => {
                "blocks are sealed at the chain's own block time; transactions are preconfirmed as they arrive, \
                 so nothing has to be mined by hand"
            }
            _ => {
                "the state of a rollup is derived from its L1 and can not be changed by RPC: use state overrides \
                 with eth_call, or a funded development account"
            }
        },
        "personal" => {
            "keys are kept outside the node: sign in the client and use eth_sendRawTransaction"
        }
        "miner" => "there is no miner: the operator sets block limits in the configuration",
        "wallet" => "wallet methods belong to wallets, not to nodes",
        "engine" => "the engine API is not served on this port",
        "admin" => {
            "the operator's methods are served on a port of their own, which `--admin-port` opens"
        }
        "clique" | "les" | "ethash" | "bor" => "no such consensus here",
        "trace" | "parity" => "use debug_traceTransaction with flatCallTracer or callTracer",
        _ => match method {
            "eth_signTypedData" | "eth_signTypedData_v3" | "eth_signTypedData_v4" => {
                "sign typed data in the client: the node signs only transactions and messages of development accounts"
            }
            "eth_getWork" | "eth_submitWork" | "eth_submitHashrate" => "there is no proof of work",
            "eth_compileSolidity"
            | "eth_compileLLL"
            | "eth_compileSerpent"
            | "eth_getCompilers" => "compile with solc",
            "eth_simulateV1" => "use eth_call with state and block overrides",
            _ => return format!("the method {method} does not exist/is not available"),
        },
    };
    format!("the method {method} is not available: {refusal}")
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn refusals_name_the_method_and_the_way_out() {
        for method in [
            "evm_snapshot",
            "evm_mine",
            "anvil_setBalance",
            "hardhat_impersonateAccount",
            "personal_sign",
            "admin_stopSequencer",
        ] {
            let text = reason(method);
            assert!(
                text.starts_with(&format!("the method {method} is not available: ")),
                "{text}"
            );
        }
        assert_eq!(
            reason("eth_nothing"),
            "the method eth_nothing does not exist/is not available"
        );
        assert_eq!(reason(""), "the method  does not exist/is not available");
    }
}
