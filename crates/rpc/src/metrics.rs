//! Metrics, under reth's names.

use metrics::{Counter, Histogram, counter, histogram};
use std::{collections::HashMap, time::Instant};

/// Handles of one method.
#[derive(Clone)]
struct MethodMetrics {
    started: Counter,
    successful: Counter,
    failed: Counter,
    time: Histogram,
}

/// Handles of all methods, bound to the recorder that is installed when the server starts.
pub(crate) struct RpcMetrics {
    methods: HashMap<&'static str, MethodMetrics>,
    unknown: Counter,
    pub(crate) batches: Counter,
}

impl RpcMetrics {
    pub(crate) fn new(server: &'static str, methods: impl Iterator<Item = &'static str>) -> Self {
        let methods = methods.map(|method| {
            let handles = MethodMetrics {
                started: counter!("rpc_server_calls_started_total", "server" => server, "method" => method),
                successful: counter!("rpc_server_calls_successful_total", "server" => server, "method" => method),
                failed: counter!("rpc_server_calls_failed_total", "server" => server, "method" => method),
                time: histogram!("rpc_server_calls_time_seconds", "server" => server, "method" => method),
            };
            (method, handles)
        });
        Self {
            methods: methods.collect(),
            unknown: counter!("rpc_server_calls_unknown_total", "server" => server),
            batches: counter!("rpc_server_batches_total", "server" => server),
        }
    }

    /// A call began; `None` when the method does not exist.
    pub(crate) fn started(&self, method: &str) -> Option<Call<'_>> {
        let Some(handles) = self.methods.get(method) else {
            self.unknown.increment(1);
            return None;
        };
        handles.started.increment(1);
        Some(Call {
            handles,
            began: Instant::now(),
            count: 1,
        })
    }

    /// Calls of one method began together; `None` when it does not exist.
    pub(crate) fn started_many(&self, method: &str, count: usize) -> Option<Call<'_>> {
        let handles = self.methods.get(method)?;
        handles.started.increment(count as u64);
        Some(Call {
            handles,
            began: Instant::now(),
            count,
        })
    }
}

/// A call in progress.
pub(crate) struct Call<'a> {
    handles: &'a MethodMetrics,
    began: Instant,
    count: usize,
}

impl Call<'_> {
    pub(crate) fn finished(self, success: bool) {
        if success {
            self.handles.successful.increment(1);
        } else {
            self.handles.failed.increment(1);
        }
        self.handles.time.record(self.began.elapsed());
    }

    /// The calls ended together; as many were successful.
    pub(crate) fn finished_many(self, successful: usize) {
        self.handles.successful.increment(successful as u64);
        self.handles
            .failed
            .increment(self.count.saturating_sub(successful) as u64);
        self.handles
            .time
            .record_many(self.began.elapsed(), self.count);
    }
}
