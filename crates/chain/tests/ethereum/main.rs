//! Ethereum's public test data, through the code that the node runs.
//!
//! `OPENLEDGER_TESTDATA` names the folder that holds `ethereum/` (a copy of github.com/ethereum/tests or a part of it); without
//! it nothing is tested here, and the output says so. Every test passes or stands with its reason in `exceptions.json`: an
//! unexpected failure fails the run, and so does an entry that passes.

mod blockchain;
mod rlp;
mod suite;
mod transaction;

use suite::Suite;

#[test]
fn rlp_tests() {
    Suite::run("RLPTests", rlp::check);
}

#[test]
fn transaction_tests() {
    Suite::run("TransactionTests", transaction::check);
}

#[test]
fn valid_blocks() {
    Suite::run("BlockchainTests/ValidBlocks", blockchain::check);
}

#[test]
fn invalid_blocks() {
    Suite::run("BlockchainTests/InvalidBlocks", blockchain::check);
}

#[test]
fn transitions() {
    Suite::run("BlockchainTests/TransitionTests", blockchain::check);
}

#[test]
fn general_state_tests() {
    Suite::run("BlockchainTests/GeneralStateTests", blockchain::check);
}
