//! The machine that a result was measured on.

use crate::stats::Percentiles;
use rustix::fs::fdatasync;
use serde::Serialize;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
    process::Command,
    time::Instant,
};

/// The processor, memory and kernel.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// The processor's name.
    pub cpu: String,
    /// Logical processors.
    pub cores: usize,
    /// Memory, in GiB.
    pub memory_gib: f64,
    /// The kernel's release.
    pub kernel: String,
}

impl Machine {
    /// Reads `/proc`; what cannot be read is called unknown.
    pub fn read() -> Self {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let cpuinfo = read("/proc/cpuinfo");
        let model = cpuinfo
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        let meminfo = read("/proc/meminfo");
        let total = meminfo
            .lines()
            .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB"));
        Self {
            cpu: model.map_or_else(|| "unknown".to_owned(), |(_, name)| name.trim().to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gib: total
                .and_then(|kib| kib.trim().parse::<f64>().ok())
                .unwrap_or(0.0)
                / f64::from(1 << 20),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        }
    }
}

/// The load average of the last minute.
pub fn load_average() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace()
        .next()
        .and_then(|first| first.parse().ok())
        .unwrap_or(0.0)
}

/// Appends 4 KiB and syncs the data, 200 times, to a new file in `directory`: the floor under every durable
/// acknowledgement. The file is removed.
pub fn fsync_floor(directory: &Path) -> io::Result<Percentiles> {
    let path = directory.join(format!("fsync-floor-{}", std::process::id()));
    let mut file = OpenOptions::new()
        .create_new(true)
        .append(true)
        .open(&path)?;
    let measured = (0..200)
        .map(|_| append_and_sync(&mut file))
        .collect::<io::Result<Vec<_>>>();
    fs::remove_file(&path)?;
    measured.map(Percentiles::of)
}

fn append_and_sync(file: &mut File) -> io::Result<std::time::Duration> {
    let start = Instant::now();
    file.write_all(&[0x5a; 4096])?;
    fdatasync(&*file)?;
    Ok(start.elapsed())
}

/// The commit of the working directory's repository, with `+` when files differ from it.
pub fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(arguments)
            .output()
            .ok()
            .filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) else {
        return "unknown".to_owned();
    };
    let changed = git(&["status", "--porcelain", "--untracked-files=no"])
        .is_some_and(|changes| !changes.is_empty());
    if changed { commit + "+" } else { commit }
}
