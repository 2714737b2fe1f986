//! `judge derive` and `judge size`; see the crate's README.

use std::process::ExitCode;

fn main() -> ExitCode {
    openledger_judge::run()
}
