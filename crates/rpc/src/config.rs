//! Limits and switches of the server.

use std::time::Duration;

/// Who may call from a browser.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CorsOrigins {
    /// No cross-origin calls.
    #[default]
    None,
    /// Pages of any origin; for development chains.
    Any,
    /// Pages of these origins, such as `https://app.example.org`.
    List(Vec<String>),
}

/// Limits of the JSON-RPC server. Every field states its unit and default.
#[derive(Debug, Clone)]
pub struct RpcConfig {
    /// Origins that browsers may call from. Default none.
    pub cors: CorsOrigins,
    /// Host names accepted in the `Host` header beside `localhost`, `127.0.0.1` and `[::1]`, without port; `*` accepts all.
    /// Protects a node on a developer's machine from DNS rebinding. Default none.
    pub hosts: Vec<String>,
    /// Size of a request's body in bytes. Default 15 MB.
    pub max_request_bytes: u32,
    /// Size of the response to one call in bytes. Default 160 MB.
    pub max_response_bytes: u32,
    /// Size of the response to a batch in bytes; entries beyond it are answered with an error. Default 25 MB (geth's).
    pub max_batch_response_bytes: usize,
    /// Calls in a batch. Default 1,000.
    pub max_batch_entries: u32,
    /// HTTP requests being answered and WebSocket connections, together. Default 4,096.
    pub max_connections: u32,
    /// Subscriptions of one WebSocket connection. Default 1,024.
    pub max_subscriptions_per_connection: u32,
    /// Filters of `eth_newFilter` and its kin. Default 1,024.
    pub max_filters: usize,
    /// How long a filter that nobody polls is kept. Default 5 minutes.
    pub filter_lifetime: Duration,
    /// How long any call may take. Default 60 seconds.
    pub call_timeout: Duration,
    /// How long gas estimation, tracing and log search may take. Default 10 seconds.
    pub heavy_timeout: Duration,
    /// Gas of `eth_call` and of estimation. Default 50,000,000.
    pub call_gas_cap: u64,
    /// Bytes that the traces of one request may take in memory. Default 128 MiB.
    pub max_trace_bytes: usize,
    /// Blocks in the range of `eth_getLogs`. Default 100,000.
    pub max_log_blocks: u64,
    /// Logs in the answer of `eth_getLogs`. Default 20,000.
    pub max_logs: usize,
    /// Slots in one `eth_getProof`. Default 1,024.
    pub max_proof_slots: usize,
    /// How long `eth_sendRawTransactionSync` waits when the request does not say. Default 20 seconds.
    pub sync_timeout: Duration,
    /// The longest that a request can make it wait. Default 30 seconds.
    pub max_sync_timeout: Duration,
    /// Threads that answer reads from the database. Default 4.
    pub read_threads: usize,
    /// Threads for calls that can be expensive (`eth_call`, logs, proofs, traces); they run at a lower priority than block
    /// production. Default: half the processors, at least 1.
    pub heavy_threads: usize,
    /// Threads that decode and submit transactions. Default 2.
    pub submit_threads: usize,
    /// Calls waiting for a thread before more are refused. Default 8,192.
    pub max_queued_calls: usize,
}

impl Default for RpcConfig {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            cors: CorsOrigins::None,
            hosts: Vec::new(),
            max_request_bytes: 15_000_000,
            max_response_bytes: 160_000_000,
            max_batch_response_bytes: 25_000_000,
            max_batch_entries: 1_000,
            max_connections: 4_096,
            max_subscriptions_per_connection: 1_024,
            max_filters: 1_024,
            filter_lifetime: Duration::from_secs(300),
            call_timeout: Duration::from_secs(60),
            heavy_timeout: Duration::from_secs(10),
            call_gas_cap: openledger_execution::DEFAULT_CALL_GAS_CAP,
            max_trace_bytes: 128 << 20,
            max_log_blocks: 100_000,
            max_logs: 20_000,
            max_proof_slots: 1_024,
            sync_timeout: Duration::from_secs(20),
            max_sync_timeout: Duration::from_secs(30),
            read_threads: 4,
            heavy_threads: (processors / 2).max(1),
            submit_threads: 2,
            max_queued_calls: 8_192,
        }
    }
}
