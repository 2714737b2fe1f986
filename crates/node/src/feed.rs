//! The feed: slices of the open block, in the shape of Base's flashblocks, over a WebSocket.
//!
//! Every slice that holds something is sent at most once an interval. Index 0 of a payload has the `base`; each slice has
//! the transactions since the one before in `diff`, and their receipts in `metadata`. The state root is zero until the seal.

use crate::api::ApiState;
use alloy_primitives::{B256, hex};
use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, Utf8Bytes, WebSocket},
    },
    response::Response,
};
use openledger_chain::{Chain, ChainEvent, PendingBlock};
use openledger_primitives::Receipt;
use serde_json::{Value, json};
use std::{ops::Range, sync::Arc, time::Duration};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

/// Slices that a slow listener may fall behind before it misses some.
pub(crate) const BUFFER: usize = 1_024;

/// Collects what was preconfirmed and sends it once an interval.
pub(crate) async fn run(
    chain: Arc<Chain>,
    out: broadcast::Sender<Arc<str>>,
    every: Duration,
    shutdown: CancellationToken,
) {
    let mut events = chain.subscribe();
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut slices = Slices::default();
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Ok(event) => {
                    if let Some(slice) = slices.take(event) {
                        send(&out, slice);
                    }
                }
                // The next slice starts where the listeners are: they see the gap in `index`.
                Err(RecvError::Lagged(_)) => slices.missed(),
                Err(RecvError::Closed) => return,
            },
            _ = ticks.tick() => {
                if let Some(slice) = slices.flush() {
                    send(&out, slice);
                }
            }
            () = shutdown.cancelled() => return,
        }
    }
}

/// What is to be sent. Writing it out costs more than executing it, so that is left until somebody listens.
enum Slice {
    Preconfirmed {
        block: Arc<PendingBlock>,
        range: Range<usize>,
        index: u64,
    },
    Retracted {
        number: u64,
    },
}

fn send(out: &broadcast::Sender<Arc<str>>, slice: Slice) {
    if out.receiver_count() == 0 {
        return;
    }
    let message = match slice {
        Slice::Preconfirmed {
            block,
            range,
            index,
        } => preconfirmed(&block, range, index),
        Slice::Retracted { number } => {
            json!({"retracted": true, "metadata": {"block_number": number}})
        }
    };
    // The last listener may have left in between.
    let _ = out.send(Arc::from(message.to_string()));
}

#[derive(Default)]
struct Slices {
    number: u64,
    index: u64,
    waiting: Option<(Arc<PendingBlock>, Range<usize>)>,
}

impl Slices {
    /// Takes an event in; returns what must go out at once.
    fn take(&mut self, event: ChainEvent) -> Option<Slice> {
        match event {
            ChainEvent::Preconfirmed(block, new) => {
                let mut out = None;
                let mut from = new.start;
                if block.number() != self.number {
                    out = self.flush();
                    self.number = block.number();
                    self.index = 0;
                    // A block's first slice has all of it, also when its beginning came before anybody listened.
                    from = 0;
                }
                let start = self
                    .waiting
                    .as_ref()
                    .map_or(from, |(_, waiting)| waiting.start);
                self.waiting = Some((block, start..new.end));
                out
            }
            ChainEvent::Committed(_) => self.flush(),
            ChainEvent::Retracted(blocks) => self.retracted(blocks.last()?.number()),
            ChainEvent::PendingRetracted(block) => self.retracted(block.number()),
        }
    }

    /// Blocks from `number` on were taken back; slices begin anew.
    fn retracted(&mut self, number: u64) -> Option<Slice> {
        *self = Self::default();
        Some(Slice::Retracted { number })
    }

    /// Events were missed: the next slice starts with what comes now.
    fn missed(&mut self) {
        self.waiting = None;
        self.index += 1;
    }

    fn flush(&mut self) -> Option<Slice> {
        let (block, range) = self.waiting.take()?;
        let index = self.index;
        self.index += 1;
        Some(Slice::Preconfirmed {
            block,
            range,
            index,
        })
    }
}

fn preconfirmed(block: &PendingBlock, range: Range<usize>, index: u64) -> Value {
    let attributes = &block.attributes;
    let transactions: Vec<_> = block
        .transactions
        .iter()
        .skip(range.start)
        .take(range.len())
        .map(|tx| tx.encoded().clone())
        .collect();
    let receipts: serde_json::Map<String, Value> = block
        .transactions
        .iter()
        .zip(block.receipts())
        .skip(range.start)
        .take(range.len())
        .map(|(tx, receipt)| (tx.hash().to_string(), metadata(receipt)))
        .collect();
    let bloom = Receipt::block_bloom(block.receipts());
    let gas_used = block.gas_used();
    // Eight bytes that name the payload: all slices of a block have the same.
    let id = alloy_primitives::keccak256(
        [
            attributes.number.to_be_bytes().as_slice(),
            attributes.timestamp.to_be_bytes().as_slice(),
        ]
        .concat(),
    );
    let mut slice = json!({
        "payload_id": format!("0x{}", hex::encode(&id[..8])),
        "index": index,
        "diff": {
            "state_root": B256::ZERO,
            "receipts_root": B256::ZERO,
            "block_hash": B256::ZERO,
            "logs_bloom": bloom,
            "gas_used": format!("{gas_used:#x}"),
            "transactions": transactions,
            "withdrawals": [],
            "withdrawals_root": B256::ZERO,
        },
        "metadata": {"block_number": attributes.number, "receipts": receipts},
    });
    if index == 0 {
        slice["base"] = json!({
            "parent_beacon_block_root": attributes.parent_beacon_block_root,
            "parent_hash": attributes.parent_hash,
            "fee_recipient": attributes.beneficiary,
            "prev_randao": attributes.prev_randao,
            "block_number": format!("{:#x}", attributes.number),
            "gas_limit": format!("{:#x}", attributes.gas_limit),
            "timestamp": format!("{:#x}", attributes.timestamp),
            "extra_data": attributes.extra_data,
            "base_fee_per_gas": format!("{:#x}", attributes.base_fee),
        });
    }
    slice
}

fn metadata(receipt: &Receipt) -> Value {
    json!({
        "type": format!("{:#x}", receipt.tx_type as u8),
        "status": if receipt.success() { "0x1" } else { "0x0" },
        "cumulativeGasUsed": format!("{:#x}", receipt.cumulative_gas_used),
        "logs": receipt.logs,
    })
}

/// `GET /api/v1/feed`: upgrades to a WebSocket that receives slices from now on.
pub(crate) async fn upgrade(State(state): State<ApiState>, upgrade: WebSocketUpgrade) -> Response {
    let receiver = state.feed.subscribe();
    upgrade.on_upgrade(move |socket| forward(socket, receiver))
}

async fn forward(mut socket: WebSocket, mut slices: broadcast::Receiver<Arc<str>>) {
    loop {
        tokio::select! {
            slice = slices.recv() => match slice {
                Ok(slice) => {
                    if socket.send(Message::Text(Utf8Bytes::from(&*slice))).await.is_err() {
                        return;
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            // Listeners have nothing to say; a close, or an error, ends it.
            message = socket.recv() => match message {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
        }
    }
}
