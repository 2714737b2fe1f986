//! `openledger`: arguments -> config -> run.

mod args;
mod attribution;
mod check;
mod db;
mod deploy;
mod dev;
mod health;
mod limits;
mod logging;
mod verify;

use std::process::ExitCode;

// Many small allocations on many threads: the system's allocator is slower, and fragments over weeks.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = args::Arguments::checked();
    logging::init(arguments.verbosity);
    let outcome = match arguments.command {
        args::Command::Dev(dev) => dev::run(dev),
        args::Command::Deploy(deploy) => deploy::run(*deploy),
        args::Command::Check(check) => check::run(*check),
        args::Command::Verify(verify) => verify::run(verify),
        args::Command::Db(command) => db::run(command),
        args::Command::Attribution(command) => attribution::run(command),
        args::Command::Health { url } => health::run(&url),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("openledger: {error:#}");
            ExitCode::FAILURE
        }
    }
}
