//! geth's tracing options.

use super::bounded::Weights;
use crate::SimulateError;
use alloy_rpc_types_trace::geth::{
    GethDebugBuiltInTracerType as BuiltIn, GethDebugTracerType, GethDebugTracingOptions,
};
use revm_inspectors::tracing::DebugInspector;
use std::time::Duration;

/// The inspector for the options, and what it keeps of each step.
pub(super) fn inspector(
    options: &GethDebugTracingOptions,
) -> Result<(DebugInspector, Weights), SimulateError> {
    let weights = match &options.tracer {
        None => Weights {
            steps: true,
            stack: !options.config.disable_stack.unwrap_or_default(),
            memory: options.config.enable_memory.unwrap_or_default(),
            storage: !options.config.disable_storage.unwrap_or_default(),
            return_data: options.config.is_return_data_enabled(),
        },
        Some(GethDebugTracerType::BuiltInTracer(tracer)) => match tracer {
            BuiltIn::CallTracer
            | BuiltIn::FlatCallTracer
            | BuiltIn::PreStateTracer
            | BuiltIn::FourByteTracer
            | BuiltIn::NoopTracer => Weights::default(),
            BuiltIn::MuxTracer | BuiltIn::Erc7562Tracer => Weights {
                steps: true,
                stack: true,
                memory: true,
                storage: false,
                return_data: false,
            },
            other => {
                return Err(SimulateError::Tracer(format!(
                    "tracer {other:?} is not supported"
                )));
            }
        },
        Some(GethDebugTracerType::JsTracer(name)) => {
            let text = if name.contains(['{', '(']) {
                "JavaScript tracers are not supported: use callTracer, prestateTracer, flatCallTracer, \
                 4byteTracer, muxTracer, erc7562Tracer or the default struct logger"
                    .into()
            } else {
                format!("tracer not found: {name}")
            };
            return Err(SimulateError::Tracer(text));
        }
    };
    let inspector =
        DebugInspector::new(options.clone()).map_err(|e| SimulateError::Tracer(e.to_string()))?;
    Ok((inspector, weights))
}

/// The request's time-out, at most `limit`. Go's duration syntax: `10s`, `1m30s`, `250ms`.
pub(super) fn timeout(
    options: &GethDebugTracingOptions,
    limit: Duration,
) -> Result<Duration, SimulateError> {
    let Some(text) = &options.timeout else {
        return Ok(limit);
    };
    parse_duration(text)
        .map(|wanted| wanted.min(limit))
        .ok_or_else(|| {
            SimulateError::Tracer(format!(
                "timeout {text:?} is not a duration such as \"10s\""
            ))
        })
}

fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let value: f64 = rest[..number].parse().ok()?;
        rest = &rest[number..];
        let unit = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        total += value
            * match &rest[..unit] {
                "h" => 3_600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 1e-3,
                "us" | "µs" => 1e-6,
                "ns" => 1e-9,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    (!text.is_empty())
        .then(|| Duration::try_from_secs_f64(total).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        for (text, millis) in [
            ("10s", Some(10_000)),
            ("1m30s", Some(90_000)),
            ("250ms", Some(250)),
            ("1.5s", Some(1_500)),
            ("", None),
            ("10", None),
            ("s", None),
            ("5 s", None),
            ("-1s", None),
            ("9e9h", None),
        ] {
            assert_eq!(
                parse_duration(text),
                millis.map(Duration::from_millis),
                "{text:?}"
            );
        }
    }
}
