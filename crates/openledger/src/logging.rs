//! The log goes to standard error.

use crate::args::Verbosity;
use tracing_subscriber::EnvFilter;

/// Starts logging. `RUST_LOG` overrides the verbosity.
pub fn init(verbosity: Verbosity) {
    let level = match verbosity {
        Verbosity::Error => "error",
        Verbosity::Warn => "warn",
        Verbosity::Info => "info",
        Verbosity::Debug => "debug",
        Verbosity::Trace => "trace",
    };
    // Chatty libraries speak up only when asked by name.
    let default = format!(
        "{level},hyper=warn,hyper_util=warn,reqwest=warn,jsonrpsee=warn,jsonrpsee_server=warn,h2=warn,tower=warn,soketto=warn"
    );
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_writer(std::io::stderr)
        .init();
}
