//! What this crate measures.

use std::time::Duration;

/// A commit of so many blocks took so long.
pub(crate) fn record_commit(blocks: usize, took: Duration) {
    metrics::histogram!("storage_commit_duration_seconds").record(took);
    metrics::histogram!("storage_commit_blocks").record(blocks as f64);
    metrics::counter!("storage_committed_blocks_total").increment(blocks as u64);
}

/// The tries' share of a commit, and the share of MDBX's own commit (writing and syncing the pages).
pub(crate) fn record_commit_parts(state: Duration, history: Duration, pages: Duration) {
    metrics::histogram!("storage_commit_state_duration_seconds").record(state);
    metrics::histogram!("storage_commit_history_duration_seconds").record(history);
    metrics::histogram!("storage_commit_pages_duration_seconds").record(pages);
}

/// Blocks were unwound.
pub(crate) fn record_unwind(blocks: usize, took: Duration) {
    metrics::histogram!("storage_unwind_duration_seconds").record(took);
    metrics::counter!("storage_unwound_blocks_total").increment(blocks as u64);
}

/// History entries were pruned.
pub(crate) fn record_prune(entries: u64, took: Duration) {
    metrics::histogram!("storage_prune_duration_seconds").record(took);
    metrics::counter!("storage_pruned_entries_total").increment(entries);
}

/// The last page in use, a measure of the file's size.
pub(crate) fn record_database_pages(pages: usize) {
    metrics::gauge!("storage_database_pages").set(pages as f64);
}

/// The block log was written and synced.
pub(crate) fn record_log_sync(bytes: usize, took: Duration) {
    metrics::histogram!("storage_log_sync_duration_seconds").record(took);
    metrics::histogram!("storage_log_sync_bytes").record(bytes as f64);
}
