//! From L2 blocks to the batcher's payloads and back, and from L1 receipts to deposits and configuration.
//!
//! `OPENLEDGER_TESTDATA` names the folder that holds `optimism/`, without which the recorded vectors are looked for in
//! `shared/testdata` beside the workspace. `PROPTEST_CASES` sets how many cases every property gets.

mod batches;
mod channels;
mod hostile;
mod l1_events;
mod support;
mod vectors;
