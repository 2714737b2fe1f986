//! This machine: clock, disk, ports.

use super::{CheckConfig, finding::Findings};
use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

/// Bytes below which a node stops writing soon: 10 GB.
const LITTLE_SPACE: u64 = 10_000_000_000;

/// Seconds by which the newest L1 block may be behind the clock: a few missed slots.
const OLD_HEAD: u64 = 120;

/// Seconds by which it may be ahead: what a block's timestamp may be.
const AHEAD: u64 = 15;

pub(super) fn look(config: &CheckConfig, findings: &mut Findings) {
    if let Some(datadir) = &config.datadir {
        disk(datadir, findings);
    }
    for port in &config.ports {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, *port)) {
            Ok(_) => findings.good("ports", format!("{port} is free")),
            Err(error) => findings.error(
                "ports",
                format!("{port} can not be used: {error}"),
                "stop what listens there, or give the node another port",
            ),
        }
    }
}

/// A data directory that is still to be made is judged by the nearest folder that exists.
fn disk(datadir: &Path, findings: &mut Findings) {
    let existing = datadir
        .ancestors()
        .find(|path| !path.as_os_str().is_empty() && path.exists())
        .unwrap_or(Path::new("."));
    match rustix::fs::statvfs(existing) {
        Ok(stat) => {
            let free = stat.f_bavail.saturating_mul(stat.f_frsize);
            let found = format!("{} GB free for {}", free / 1_000_000_000, datadir.display());
            if free < LITTLE_SPACE {
                findings.warning("disk", found, "make room, or move the data directory");
            } else {
                findings.good("disk", found);
            }
        }
        Err(error) => findings.error(
            "disk",
            format!("{} can not be looked at: {error}", existing.display()),
            "give --datadir a folder that this user can read",
        ),
    }
}

/// Compares this machine's clock with the L1's newest block.
pub(super) fn clock(l1_time: u64, findings: &mut Findings) {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    if l1_time > now + AHEAD {
        findings.error(
            "clock",
            format!(
                "the L1's head is {} s in this machine's future",
                l1_time - now
            ),
            "set the clock (NTP): blocks would be made too late",
        );
    } else if now > l1_time + OLD_HEAD {
        findings.warning(
            "clock",
            format!("the L1's head is {} s old", now - l1_time),
            "the endpoint is behind, the L1 stands still, or the clock is wrong (NTP)",
        );
    } else {
        findings.good("clock", "agrees with the L1's");
    }
}
