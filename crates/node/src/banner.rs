//! What a user sees first.

use crate::deployment::Deployment;
use openledger_devnet::{DEV_MNEMONIC, DevAccount};
use std::{fmt::Write, path::Path};

/// The banner, as text.
pub(crate) fn banner(
    deployment: &Deployment,
    accounts: &[DevAccount],
    datadir: &Path,
    temporary: bool,
    clock_behind: u64,
    admin: Option<&str>,
) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        // Writing to a string does not fail.
        let _ = writeln!(out, "{text}");
    };
    line(format!(
        "\nOpenLedger {} · development chain\n",
        env!("CARGO_PKG_VERSION")
    ));
    let coins = if deployment.l1.contracts.contains_key("OPEN") {
        "10000 OPEN"
    } else {
        "10 ETH"
    };
    line(format!(
        "Available accounts ({coins} each on the L2, 10000 ETH each on the L1)"
    ));
    line("==================".into());
    for (index, account) in accounts.iter().enumerate() {
        line(format!("({index}) {}", account.address));
    }
    line("\nPrivate keys (public knowledge: for development only)".into());
    line("==================".into());
    for (index, account) in accounts.iter().enumerate() {
        line(format!("({index}) {}", account.key));
    }
    line(format!("\nMnemonic:        {DEV_MNEMONIC}"));
    line("Derivation path: m/44'/60'/0'/0/\n".into());
    line(format!(
        "L2 JSON-RPC      {}   chain id {}",
        deployment.l2.rpc, deployment.l2.chain_id
    ));
    if let Some(ws) = &deployment.l2.ws {
        line(format!("L2 WebSocket     {ws}"));
    }
    line(format!(
        "L1 JSON-RPC      {}   chain id {}",
        deployment.l1.rpc, deployment.l1.chain_id
    ));
    if let Some(beacon) = &deployment.l1.beacon {
        line(format!("L1 beacon        {beacon}"));
    }
    line(format!("API              {}", deployment.explorer));
    line(format!("Feed             {}", deployment.feed));
    line(format!("Metrics          {}", deployment.metrics));
    if let Some(admin) = admin {
        line(format!("Admin JSON-RPC   {admin}"));
    }
    let kind = if temporary {
        " (temporary: keep state with --datadir)"
    } else {
        ""
    };
    line(format!("Data             {}{kind}", datadir.display()));
    if clock_behind > 1 {
        line(format!(
            "Clock            {clock_behind} s behind the wall clock (resumed; --catch-up fills the slots instead)"
        ));
    }
    line("\nContracts on the L2".into());
    line("==================".into());
    for (name, address) in &deployment.l2.contracts {
        line(format!("{name:<28} {address}"));
    }
    out
}
