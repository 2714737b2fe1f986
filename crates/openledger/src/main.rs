//! `openledger`: arguments -> config -> run.

mod args;
mod dev;
mod logging;

use clap::Parser;
use std::process::ExitCode;

// Many small allocations on many threads: the system's allocator is slower, and fragments over weeks.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = args::Arguments::parse();
    logging::init(arguments.verbosity);
    let outcome = match arguments.command {
        args::Command::Dev(dev) => dev::run(dev),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("openledger: {error:#}");
            ExitCode::FAILURE
        }
    }
}
