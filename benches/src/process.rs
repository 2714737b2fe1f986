//! What a process and its children have used, from `/proc`.

use serde::Serialize;
use std::{collections::BTreeMap, fs, path::Path};

/// Clock ticks a second in `/proc/<pid>/stat`: 100 on every Linux ABI that Rust supports.
const TICKS_PER_SECOND: f64 = 100.0;

/// A snapshot of a process and all its living descendants.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Usage {
    /// User and system time, in seconds, including that of threads that have ended.
    pub cpu_seconds: f64,
    /// Resident memory, in MiB.
    pub rss_mib: f64,
    /// The most that was ever resident, in MiB (summed over the processes).
    pub peak_rss_mib: f64,
    /// Seconds of CPU of the living threads, added up by name without its trailing number.
    pub threads: BTreeMap<String, f64>,
}

impl Usage {
    /// The usage of `pid` and its descendants. A process that has ended counts as nothing.
    pub fn of(pid: u32) -> Self {
        let mut usage = Self::default();
        for member in family(pid) {
            usage.add(&Path::new("/proc").join(member.to_string()));
        }
        usage
    }

    /// What was used between `earlier` and this snapshot; memory is this snapshot's.
    pub fn since(&self, earlier: &Self) -> Self {
        let spent = |name: &String, seconds: &f64| {
            seconds - earlier.threads.get(name).copied().unwrap_or(0.0)
        };
        Self {
            cpu_seconds: self.cpu_seconds - earlier.cpu_seconds,
            rss_mib: self.rss_mib,
            peak_rss_mib: self.peak_rss_mib,
            threads: self
                .threads
                .iter()
                .map(|(name, seconds)| (name.clone(), spent(name, seconds)))
                .filter(|(_, seconds)| *seconds > 0.0)
                .collect(),
        }
    }

    fn add(&mut self, directory: &Path) {
        if let Some(stat) = Stat::read(&directory.join("stat")) {
            self.cpu_seconds += stat.cpu_seconds;
        }
        let status = fs::read_to_string(directory.join("status")).unwrap_or_default();
        self.rss_mib += mebibytes(&status, "VmRSS:");
        self.peak_rss_mib += mebibytes(&status, "VmHWM:");
        for thread in numbered_entries(&directory.join("task")) {
            if let Some(stat) = Stat::read(&directory.join(format!("task/{thread}/stat"))) {
                let name = stat
                    .name
                    .trim_end_matches(|last: char| last.is_ascii_digit() || "-_#. ".contains(last));
                *self.threads.entry(name.to_owned()).or_default() += stat.cpu_seconds;
            }
        }
    }
}

/// CPU seconds that this process has used.
pub fn own_cpu_seconds() -> f64 {
    Stat::read(Path::new("/proc/self/stat")).map_or(0.0, |stat| stat.cpu_seconds)
}

#[derive(Debug, PartialEq)]
struct Stat {
    name: String,
    parent: u32,
    cpu_seconds: f64,
}

impl Stat {
    fn read(path: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(path).ok()?)
    }

    /// The name stands in parentheses and may hold any character, so the fields are counted from the last `)`.
    fn parse(line: &str) -> Option<Self> {
        let (before, after) = line.rsplit_once(')')?;
        let name = before.split_once('(')?.1.to_owned();
        let fields: Vec<&str> = after.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
        let cpu_seconds = (ticks(11)? + ticks(12)?) as f64 / TICKS_PER_SECOND;
        Some(Self {
            name,
            parent: fields.get(1)?.parse().ok()?,
            cpu_seconds,
        })
    }
}

fn family(pid: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = numbered_entries(Path::new("/proc"))
        .into_iter()
        .filter_map(|child| {
            Some((
                child,
                Stat::read(&Path::new("/proc").join(format!("{child}/stat")))?.parent,
            ))
        })
        .collect();
    let mut family = vec![pid];
    let mut visited = 0;
    while let Some(&member) = family.get(visited) {
        family.extend(
            parents
                .iter()
                .filter(|(_, parent)| *parent == member)
                .map(|(child, _)| *child),
        );
        visited += 1;
    }
    family
}

fn numbered_entries(directory: &Path) -> Vec<u32> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

fn mebibytes(status: &str, field: &str) -> f64 {
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|rest| {
        rest.trim()
            .trim_end_matches("kB")
            .trim()
            .parse::<f64>()
            .ok()
    })
    .unwrap_or(0.0)
        / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_line_is_read_whatever_the_name_holds() {
        let line = "41 (a) b (c) S 7 41 41 0 -1 4194304 1 2 3 4 250 50 9 9 20 0 3 0 100 1 1";
        let expected = Stat {
            name: "a) b (c".to_owned(),
            parent: 7,
            cpu_seconds: 3.0,
        };
        assert_eq!(Stat::parse(line), Some(expected));
        assert_eq!(Stat::parse("41 (cut"), None);
    }

    #[test]
    fn this_process_uses_memory_and_has_threads() {
        let usage = Usage::of(std::process::id());
        assert!(usage.rss_mib > 0.0 && usage.peak_rss_mib >= usage.rss_mib);
        assert!(!usage.threads.is_empty());
    }
}
