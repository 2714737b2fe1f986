//! Files whose lines are JSON.

use anyhow::{Context, Result, anyhow, ensure};
use serde::de::DeserializeOwned;
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use super::MOST_BYTES;

/// The lines of a file, of which one is in memory at a time. Empty ones are passed over.
pub(super) struct Lines {
    shown: String,
    reader: BufReader<File>,
    line: Vec<u8>,
    number: u64,
}

impl Lines {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let shown = path.display().to_string();
        let file = File::open(path).with_context(|| format!("{shown} can not be read"))?;
        Ok(Self {
            shown,
            reader: BufReader::new(file),
            line: Vec::new(),
            number: 0,
        })
    }

    /// The next line's value; `None` at the end.
    pub(super) fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        loop {
            self.line.clear();
            self.number += 1;
            let mut limited = (&mut self.reader).take(MOST_BYTES + 1);
            let read = limited.read_until(b'\n', &mut self.line);
            if read.with_context(|| self.place())? == 0 {
                return Ok(None);
            }
            ensure!(
                self.line.len() as u64 <= MOST_BYTES,
                "{}: it has more than {MOST_BYTES} bytes",
                self.place()
            );
            if self.line.trim_ascii().is_empty() {
                continue;
            }
            let value = serde_json::from_slice(&self.line);
            return value
                .map(Some)
                .map_err(|error| anyhow!("{}: {error}", self.place()));
        }
    }

    /// The file and the number of the line that was read last.
    pub(super) fn place(&self) -> String {
        format!("{}, line {}", self.shown, self.number)
    }
}
