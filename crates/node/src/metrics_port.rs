//! Prometheus.

use anyhow::{Context, Result};
use axum::{Router, extract::State, routing::get};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::{sync::OnceLock, time::Duration};
use tokio_util::sync::CancellationToken;

/// Buckets in seconds, from group commits to full blocks.
const DURATIONS: [f64; 16] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
    1.0, 2.5, 10.0,
];

/// How often collected values are summed up.
const UPKEEP: Duration = Duration::from_secs(1);

/// The process's recorder: it can be installed once.
static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Installs the recorder, or returns the one that is there.
pub(crate) fn recorder() -> Result<PrometheusHandle> {
    if let Some(handle) = RECORDER.get() {
        return Ok(handle.clone());
    }
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_duration".into()), &DURATIONS)
        .and_then(|builder| {
            builder.set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &DURATIONS)
        })
        .context("metrics")?;
    let handle = builder
        .install_recorder()
        .context("the metrics recorder can not be installed")?;
    metrics_process::Collector::default().describe();
    metrics::gauge!("openledger_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(RECORDER.get_or_init(|| handle).clone())
}

/// Sums up what the histograms have collected, until `shutdown`: otherwise every single value is kept in memory until somebody
/// asks for the metrics.
pub(crate) async fn upkeep(handle: PrometheusHandle, shutdown: CancellationToken) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        tokio::select! {
            _ = ticks.tick() => handle.run_upkeep(),
            () = shutdown.cancelled() => return,
        }
    }
}

/// `GET /metrics`.
pub(crate) fn router(handle: PrometheusHandle) -> Router {
    async fn render(State(handle): State<PrometheusHandle>) -> String {
        metrics_process::Collector::default().collect();
        handle.run_upkeep();
        handle.render()
    }
    Router::new()
        .route("/metrics", get(render))
        .with_state(handle)
}
