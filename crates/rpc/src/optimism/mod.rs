//! `optimism_`: this file lists the methods. Registered where the chain is a rollup's.
//!
//! Numbers in these answers are JSON numbers, as in op-node's; parameters are hexadecimal.

mod rollup;

pub use rollup::{RollupContext, RollupStatus, SafeHeadAt};

use crate::registry::Registry;

pub(crate) fn register(r: &mut Registry) {
    r.read("optimism_syncStatus", |rpc, _| rollup::sync_status(rpc));
    r.read("optimism_outputAtBlock", rollup::output_at_block);
    r.quick("optimism_rollupConfig", |rpc, _| rollup::config(rpc));
    r.quick("optimism_version", |rpc, _| Ok(rpc.client_version.clone()));
    r.read("optimism_safeHeadAtL1Block", rollup::safe_head_at_l1_block);
}
