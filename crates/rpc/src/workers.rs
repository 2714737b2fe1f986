//! Threads for what must not run on the async runtime.

use crate::RpcError;
use crossbeam_channel::{Sender, TrySendError, bounded};
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// A fixed number of threads with a bounded queue. They end when the last handle is dropped and the queue is empty.
#[derive(Debug, Clone)]
pub(crate) struct Workers {
    queue: Sender<Job>,
}

impl Workers {
    /// Starts the threads. `niceness` above zero lowers their priority, so that block production goes first.
    ///
    /// Fails when the system refuses a thread.
    pub(crate) fn start(
        name: &str,
        threads: usize,
        queue: usize,
        niceness: i32,
    ) -> io::Result<Self> {
        let (sender, jobs) = bounded::<Job>(queue.max(1));
        for index in 0..threads.max(1) {
            let jobs = jobs.clone();
            thread::Builder::new()
                .name(format!("{name}-{index}"))
                .spawn(move || {
                    if niceness > 0 {
                        // On Linux this is the calling thread's. Without permission the priority stays: a loss of
                        // comfort only.
                        let _ = rustix::process::setpriority_process(None, niceness);
                    }
                    for job in jobs {
                        job();
                    }
                })?;
        }
        Ok(Self { queue: sender })
    }

    /// Runs a job. A job whose caller has gone away before it began is not run.
    ///
    /// Fails at once when the queue is full, and when the job panics.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, RpcError> + Send + 'static,
    ) -> Result<T, RpcError> {
        let (answer, result) = oneshot::channel();
        let job = move || {
            if answer.is_closed() {
                return;
            }
            let result = catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|_| {
                tracing::error!("a call panicked");
                Err(RpcError::Internal("the call failed unexpectedly".into()))
            });
            let _ = answer.send(result);
        };
        match self.queue.try_send(Box::new(job)) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                return Err(RpcError::Limit("server is busy, try again later".into()));
            }
            Err(TrySendError::Disconnected(_)) => {
                return Err(RpcError::Internal("server is stopping".into()));
            }
        }
        result
            .await
            .unwrap_or_else(|_| Err(RpcError::Internal("server is stopping".into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_queue_refuses_and_a_panic_is_an_error() {
        let workers = Workers::start("test", 1, 1, 0).unwrap();
        let (release, wait) = crossbeam_channel::bounded::<()>(0);
        let (started, begun) = oneshot::channel();
        let first = tokio::spawn({
            let workers = workers.clone();
            async move {
                let job = move || {
                    let _ = started.send(());
                    let _ = wait.recv();
                    Ok(1)
                };
                workers.run(job).await
            }
        });
        begun.await.unwrap();
        let second = tokio::spawn({
            let workers = workers.clone();
            async move { workers.run(|| Ok(2)).await }
        });
        while workers.queue.is_empty() {
            tokio::task::yield_now().await;
        }
        let third = workers.run(|| Ok(3)).await;
        assert!(matches!(third, Err(RpcError::Limit(_))));
        drop(release);
        assert_eq!(first.await.unwrap().unwrap(), 1);
        assert_eq!(second.await.unwrap().unwrap(), 2);
        let panicked: Result<(), _> = workers.run(|| panic!("on purpose")).await;
        assert!(matches!(panicked, Err(RpcError::Internal(_))));
        assert_eq!(workers.run(|| Ok(4)).await.unwrap(), 4);
    }
}
