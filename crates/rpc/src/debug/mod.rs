//! `debug_`: this file lists the methods.

mod raw;
mod trace;

use crate::registry::Registry;

pub(crate) fn register(r: &mut Registry) {
    r.heavy("debug_traceTransaction", trace::transaction);
    r.heavy("debug_traceCall", trace::call);
    r.heavy("debug_traceBlockByNumber", trace::block_by_number);
    r.heavy("debug_traceBlockByHash", trace::block_by_hash);
    r.read("debug_getRawBlock", raw::block);
    r.read("debug_getRawHeader", raw::header);
    r.read("debug_getRawTransaction", raw::transaction);
    r.read("debug_getRawReceipts", raw::receipts);

    // Not here: debug_setHead (the chain follows the L1), profiling and database access (see the metrics and
    // `openledger db`), JavaScript tracers (they would run a client's program in the node).
}
