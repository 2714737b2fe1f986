//! Methods that the operator's port does not have, and why.

/// Why a method is not here. geth's words for one that nobody knows.
pub(super) fn reason(method: &str) -> String {
    let refusal = match method {
        "admin_postUnsafePayload" => {
            "this node sequences alone: its blocks come from its own sequencer and from the L1, never from a caller"
        }
        "admin_overrideLeader" => {
            "there is no conductor to override: this node's sequencer always leads"
        }
        "admin_setLogLevel" => {
            "what the log says is decided when the node starts: `--verbosity`, or RUST_LOG for single parts"
        }
        "admin_setThrottleControllerType" | "admin_setThrottleControllerPIDConfig" => {
            "use admin_setThrottleController"
        }
        "admin_addPeer"
        | "admin_removePeer"
        | "admin_addTrustedPeer"
        | "admin_removeTrustedPeer"
        | "admin_peers"
        | "admin_peerEvents"
        | "admin_nodeInfo" => "this node has no peers: it knows its L1",
        "admin_startHTTP" | "admin_stopHTTP" | "admin_startWS" | "admin_stopWS"
        | "admin_startRPC" | "admin_stopRPC" => {
            "ports are opened by the command line, for as long as the node runs"
        }
        "admin_exportChain" | "admin_importChain" | "admin_datadir" => {
            "the chain's data is looked after by `openledger db`, and rebuilt by `openledger verify`"
        }
        _ if method.starts_with("admin_") => {
            return format!("the method {method} does not exist/is not available");
        }
        _ => "this port has the operator's methods only",
    };
    format!("the method {method} is not available: {refusal}")
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn refusals_name_the_method_and_the_reason() {
        for method in ["admin_postUnsafePayload", "admin_peers", "eth_chainId", ""] {
            let text = reason(method);
            let start = format!("the method {method} is not available: ");
            assert!(text.starts_with(&start), "{text}");
        }
        assert_eq!(
            reason("admin_nothing"),
            "the method admin_nothing does not exist/is not available"
        );
    }
}
