//! `net_`: this file lists the methods.

use crate::registry::Registry;
use alloy_primitives::U64;

pub(crate) fn register(r: &mut Registry) {
    r.quick("net_version", |rpc, _| {
        Ok(rpc.spec().chain_id().to_string())
    });
    r.quick("net_listening", |_, _| Ok(true));
    // A rollup's node has no peers: it reads the L1, and replicas read its feed.
    r.quick("net_peerCount", |_, _| Ok(U64::ZERO));
}
