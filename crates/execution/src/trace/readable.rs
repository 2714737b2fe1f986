//! A transaction's calls as indented text, for the node's log and for people.

use super::{Replay, TraceLimits};
use crate::{BlockAttributes, SimulateError, StateSource, halt_text, revert_reason};
use alloy_primitives::{Bytes, hex};
use openledger_genesis::ChainSpec;
use openledger_primitives::Tx;
use revm::context::result::ExecutionResult;
use revm_inspectors::tracing::{
    CallTraceArena,
    types::{CallKind, CallTraceNode, TraceMemberOrder},
};
use std::{
    fmt::{self, Write},
    sync::Arc,
};

/// Calls beyond this number are counted, not written.
const MAX_CALLS: usize = 200;
/// Bytes of input, output or log data beyond this number are counted, not written.
const MAX_DATA: usize = 68;

/// A transaction's end and calls in readable form; [`Display`](fmt::Display) gives both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadableTrace {
    /// One line: `succeeded`, `reverted: <reason>` or `halted: <reason>`.
    pub reason: String,
    /// One line for each call and log, indented by depth, without a final line break.
    pub calls: String,
    /// Gas used.
    pub gas_used: u64,
}

impl fmt::Display for ReadableTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} gas)\n{}", self.reason, self.gas_used, self.calls)
    }
}

/// Executes a transaction again on the state that it saw and tells what happened.
///
/// `state` is the state directly before the transaction. Fails when the state can not be read or the limits are exceeded.
pub fn readable_trace(
    spec: Arc<ChainSpec>,
    state: Arc<dyn StateSource>,
    attributes: BlockAttributes,
    tx: &Tx,
) -> Result<ReadableTrace, SimulateError> {
    Replay::on_state(spec, state, attributes, TraceLimits::default()).readable(tx)
}

impl Replay {
    /// Executes the next transaction and tells what happened. Fails as [`trace`](Self::trace) does.
    pub fn readable(&mut self, tx: &Tx) -> Result<ReadableTrace, SimulateError> {
        let (result, arena) = self.record(tx)?;
        let reason = match &result.result {
            ExecutionResult::Success { .. } => "succeeded".into(),
            ExecutionResult::Revert { output, .. } => format!("reverted: {}", revert(output)),
            ExecutionResult::Halt { reason, .. } => format!("halted: {}", halt_text(reason)),
        };
        Ok(ReadableTrace {
            reason,
            calls: calls(&arena),
            gas_used: result.result.tx_gas_used(),
        })
    }
}

/// What a revert's data says: the reason, or the custom error's selector and arguments.
fn revert(data: &Bytes) -> String {
    match revert_reason(data) {
        Some(reason) => reason,
        None if data.is_empty() => "no reason".into(),
        None if data.len() >= 4 => format!("custom error {}", shorten(data)),
        None => shorten(data),
    }
}

fn shorten(data: &[u8]) -> String {
    match data.get(..MAX_DATA) {
        Some(head) if data.len() > MAX_DATA => {
            format!("{}... ({} bytes)", hex::encode_prefixed(head), data.len())
        }
        _ => hex::encode_prefixed(data),
    }
}

fn calls(arena: &CallTraceArena) -> String {
    let nodes = arena.nodes();
    let mut out = String::new();
    // An explicit stack: the depth is the transaction's choice.
    let mut open: Vec<(usize, usize)> = Vec::new();
    if let Some(root) = nodes.first() {
        line(&mut out, root);
        open.push((0, 0));
    }
    let mut written = 1;
    while let Some((index, at)) = open.pop() {
        let node = &nodes[index];
        let Some(member) = node.ordering.get(at) else {
            continue;
        };
        open.push((index, at + 1));
        match member {
            TraceMemberOrder::Log(log) => {
                if let Some(log) = node.logs.get(*log) {
                    let depth = node.trace.depth + 1;
                    let topics: Vec<_> = log
                        .raw_log
                        .topics()
                        .iter()
                        .map(ToString::to_string)
                        .collect();
                    let _ = write!(
                        out,
                        "\n{:indent$}log [{}] {}",
                        "",
                        topics.join(", "),
                        shorten(&log.raw_log.data),
                        indent = depth * 2
                    );
                }
            }
            TraceMemberOrder::Call(child) => {
                let Some(child) = node.children.get(*child).copied() else {
                    continue;
                };
                written += 1;
                if written <= MAX_CALLS {
                    out.push('\n');
                    line(&mut out, &nodes[child]);
                    open.push((child, 0));
                }
            }
            TraceMemberOrder::Step(_) => {}
        }
    }
    if nodes.len() > MAX_CALLS {
        let _ = write!(out, "\n... {} calls in all", nodes.len());
    }
    out
}

fn line(out: &mut String, node: &CallTraceNode) {
    let trace = &node.trace;
    let kind = match trace.kind {
        CallKind::Call => "call",
        CallKind::StaticCall => "staticcall",
        CallKind::CallCode => "callcode",
        CallKind::DelegateCall => "delegatecall",
        CallKind::AuthCall => "authcall",
        CallKind::Create => "create",
        CallKind::Create2 => "create2",
    };
    let _ = write!(
        out,
        "{:indent$}{kind} {}",
        "",
        trace.address,
        indent = trace.depth * 2
    );
    if trace.kind.is_any_create() {
        let _ = write!(out, " (init code of {} bytes)", trace.data.len());
    } else if let Some((selector, arguments)) = trace.data.split_at_checked(4) {
        let _ = write!(
            out,
            " {}({})",
            hex::encode_prefixed(selector),
            shorten_arguments(arguments)
        );
    } else if !trace.data.is_empty() {
        let _ = write!(out, " {}", shorten(&trace.data));
    }
    if !trace.value.is_zero() {
        let _ = write!(out, " value {}", trace.value);
    }
    let _ = write!(out, " gas {}/{}", trace.gas_used, trace.gas_limit);
    if trace.success {
        if !trace.output.is_empty() && !trace.kind.is_any_create() {
            let _ = write!(out, " -> {}", shorten(&trace.output));
        }
        return;
    }
    match trace.status {
        Some(status) if status.is_revert() => {
            let _ = write!(out, " -> reverted: {}", revert(&trace.output));
        }
        Some(status) => {
            let _ = write!(out, " -> halted: {status:?}");
        }
        None => out.push_str(" -> failed"),
    }
}

fn shorten_arguments(data: &[u8]) -> String {
    if data.is_empty() {
        String::new()
    } else {
        shorten(data)
    }
}
