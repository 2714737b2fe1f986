//! Blocks to channels to L1 transactions.
