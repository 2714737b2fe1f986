//! The project's own commands, behind the alias `cargo xtask`: see [`USAGE`].
//!
//! Nothing here ships with the node. It depends on almost nothing, so that it is built in a second or two.

use std::process::ExitCode;

mod clients;
mod contracts;
mod judge;
mod licenses;
mod machine;
mod rust;
mod spdx;
mod step;
mod test;

const USAGE: &str = "\
usage: cargo xtask <command>

  test           everything that must hold: format, lints, docs, licences, contracts, Rust tests, client stories
  test --quick   the same without contracts, client stories and whole nodes: for a change in Rust code
  judge          the larger test: an independent implementation derives our chain from our L1 data, and all must be equal
  licenses       every dependency's licence against the list of accepted ones
  contracts      rebuild the committed contract artifacts
  clients        install what the client stories need, and compile their contracts";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["test"] => test::everything(),
        ["test", "--quick"] => test::quick(),
        ["judge"] => judge::tell(),
        ["licenses"] => licenses::check(),
        ["contracts"] => contracts::rebuild(),
        ["clients"] => clients::prepare().map(drop),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
