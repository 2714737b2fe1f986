//! Programs that end with the test.

use anyhow::{Context, Result};
use parking_lot::Mutex;
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, prlimit, setrlimit};
use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::Arc,
    thread::JoinHandle,
};

use crate::wait::until;

/// A running program. Its output is collected; dropping it kills it.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    /// Starts a program with nothing on its standard input.
    ///
    /// # Errors
    /// When it can not be started.
    pub fn spawn(name: &str, command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{name} can not be started: {:?}", command.get_program()))?;
        let (stdout, stderr) = (Arc::default(), Arc::default());
        let readers = [
            child
                .stdout
                .take()
                .map(|pipe| collect(pipe, Arc::clone(&stdout))),
            child
                .stderr
                .take()
                .map(|pipe| collect(pipe, Arc::clone(&stderr))),
        ];
        Ok(Self {
            name: name.into(),
            child,
            stdout,
            stderr,
            readers: readers.into_iter().flatten().collect(),
        })
    }

    /// What it has printed on its standard output so far.
    pub fn stdout(&self) -> String {
        self.stdout.lock().clone()
    }

    /// What it has printed on its standard error so far.
    pub fn stderr(&self) -> String {
        self.stderr.lock().clone()
    }

    /// How it ended; `None` while it runs.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child
            .try_wait()
            .with_context(|| format!("the state of {}", self.name))
    }

    /// Waits for its end, and for the rest of its output.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn end(&mut self) -> Result<ExitStatus> {
        let what = format!("the end of {}", self.name);
        let status = until(&what, async || self.ended())
            .await
            .with_context(|| self.stderr())?;
        self.readers
            .drain(..)
            .for_each(|reader| drop(reader.join()));
        Ok(status)
    }

    /// Ends it at once, as a power failure of the process would: it can do nothing about it.
    pub fn kill9(&mut self) {
        // An error means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// When there is no such process any more.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        kill_process(self.pid(), signal)
            .with_context(|| format!("{} can not be signalled", self.name))
    }

    /// Lets no file that it writes grow beyond `bytes`; `None` lifts that. What a full disk does to a program, this does.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn limit_files(&self, bytes: Option<u64>) -> Result<()> {
        let limit = Rlimit {
            current: bytes,
            maximum: None,
        };
        prlimit(Some(self.pid()), Resource::Fsize, limit)
            .context("the file size limit can not be set")?;
        Ok(())
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill9();
    }
}

fn collect(pipe: impl Read + Send + 'static, into: Arc<Mutex<String>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut lines = BufReader::new(pipe);
        let mut line = Vec::new();
        // A pipe that fails has ended.
        while lines
            .read_until(b'\n', &mut line)
            .is_ok_and(|read| read > 0)
        {
            into.lock().push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    })
}

/// Allows this process as many open files as the system lets it have; returns how many that is.
///
/// # Errors
/// When the system refuses.
pub fn raise_file_limit() -> Result<u64> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        },
    )?;
    Ok(limit.maximum.unwrap_or(u64::MAX))
}
