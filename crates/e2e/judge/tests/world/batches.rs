//! Posts L2 blocks in the forms that a batcher may choose.

use super::{L2_CHAIN, l2::L2Raw};
use alloy_eips::{BlockNumHash, eip2718::Decodable2718, eip4844::Blob};
use alloy_primitives::Bytes;
use alloy_rlp::Encodable;
use kona_genesis::RollupConfig;
use kona_protocol::{Batch, BatchReader, Frame, L1BlockInfoTx, SingleBatch, SpanBatch};
use op_alloy_consensus::OpTxEnvelope;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A span batch under brotli, one frame in calldata.
    Span,
    /// Singular batches under zlib, one frame in calldata.
    Singular,
    /// A span batch under brotli in three frames, in two transactions.
    Frames,
    /// A span batch under brotli in a blob.
    Blob,
    /// As `Span`, an L1 block late: the next epoch's channel comes before it, which is dropped, and after it once more.
    Late,
}

pub enum Payload {
    Calldata(Bytes),
    Blob(Box<Blob>),
}

pub struct Poster {
    rollup: RollupConfig,
    forms: Vec<Form>,
    epochs: usize,
    channels: u8,
    late: Option<Vec<(SingleBatch, u64)>>,
    waiting: Vec<Payload>,
}

impl Poster {
    pub fn new(rollup: RollupConfig, forms: &[Form]) -> Self {
        Self {
            rollup,
            forms: forms.to_vec(),
            epochs: 0,
            channels: 0,
            late: None,
            waiting: Vec::new(),
        }
    }

    /// What goes into the next L1 block.
    pub fn payloads(&mut self) -> Vec<Payload> {
        std::mem::take(&mut self.waiting)
    }

    /// Puts an epoch's blocks into a channel of the form whose turn it is.
    pub fn queue(&mut self, blocks: Vec<(L2Raw, u64)>) {
        let form = self.forms[self.epochs % self.forms.len()];
        self.epochs += 1;
        let singles: Vec<_> = blocks
            .iter()
            .map(|(block, seq)| (single(block), *seq))
            .collect();
        match (form, self.late.take()) {
            (Form::Late, _) => self.late = Some(singles),
            (form, Some(late)) => {
                self.post(form, singles.clone());
                self.post(Form::Span, late);
                self.post(form, singles);
            }
            (form, None) => self.post(form, singles),
        }
    }

    fn post(&mut self, form: Form, singles: Vec<(SingleBatch, u64)>) {
        self.channels += 1;
        let id = [self.channels; 16];
        let frame = |number, data: &[u8], last| Frame::new(id, number, data.to_vec(), last);
        match form {
            Form::Singular => {
                let batches = singles.into_iter().map(|(batch, _)| Batch::Single(batch));
                let channel = miniz_oxide::deflate::compress_to_vec_zlib(&concatenated(batches), 6);
                self.calldata(&[frame(0, &channel, true)]);
            }
            Form::Span | Form::Late => self.calldata(&[frame(0, &self.span(singles), true)]),
            Form::Frames => {
                let channel = self.span(singles);
                let third = channel.len() / 3;
                self.calldata(&[
                    frame(0, &channel[..third], false),
                    frame(1, &channel[third..2 * third], false),
                ]);
                self.calldata(&[frame(2, &channel[2 * third..], true)]);
            }
            Form::Blob => {
                let payload = payload(&[frame(0, &self.span(singles), true)]);
                self.waiting.push(Payload::Blob(blob(&payload)));
            }
        }
    }

    fn calldata(&mut self, frames: &[Frame]) {
        self.waiting.push(Payload::Calldata(payload(frames).into()));
    }

    fn span(&self, singles: Vec<(SingleBatch, u64)>) -> Vec<u8> {
        let mut span = SpanBatch {
            genesis_timestamp: self.rollup.genesis.l2_time,
            chain_id: L2_CHAIN,
            ..Default::default()
        };
        for (batch, sequence) in singles {
            span.append_singular_batch(batch, sequence).unwrap();
        }
        let mut channel = vec![BatchReader::CHANNEL_VERSION_BROTLI];
        let batches = concatenated([Batch::Span(span)]);
        let params = brotli::enc::BrotliEncoderParams::default();
        brotli::BrotliCompress(&mut batches.as_slice(), &mut channel, &params).unwrap();
        channel
    }
}

fn single(block: &L2Raw) -> SingleBatch {
    let decoded = |raw: &Bytes| OpTxEnvelope::decode_2718_exact(raw).unwrap();
    let info = decoded(&block.transactions[0]);
    let info = L1BlockInfoTx::decode_calldata(&info.as_deposit().unwrap().input).unwrap();
    let BlockNumHash { number, hash } = info.id();
    SingleBatch {
        parent_hash: block.header.parent_hash,
        epoch_num: number,
        epoch_hash: hash,
        timestamp: block.header.timestamp,
        transactions: block
            .transactions
            .iter()
            .filter(|raw| !decoded(raw).is_deposit())
            .cloned()
            .collect(),
    }
}

fn concatenated(batches: impl IntoIterator<Item = Batch>) -> Vec<u8> {
    let mut channel = Vec::new();
    for batch in batches {
        let mut bytes = Vec::new();
        batch.encode(&mut bytes).unwrap();
        bytes.as_slice().encode(&mut channel);
    }
    channel
}

fn payload(frames: &[Frame]) -> Vec<u8> {
    let mut payload = vec![0];
    for frame in frames {
        payload.extend(frame.encode());
    }
    payload
}

/// Writes `data` into the 254 usable bits of each field element. Source: specs/protocol/ecotone/derivation.md.
///
/// A round takes 127 bytes into four elements: 31 into each (27 in the very first, after version and length), and three
/// more whose bits fill the six that are left at the top of each element.
fn blob(data: &[u8]) -> Box<Blob> {
    let mut blob = Box::new(Blob::ZERO);
    let mut rest = data.iter().copied().chain(std::iter::repeat(0));
    for round in 0..1024 {
        let mut loose = [0; 3];
        for element in 0..4 {
            let at = (round * 4 + element) * 32;
            let mut from = at + 1;
            if at == 0 {
                blob[2..5].copy_from_slice(&(data.len() as u32).to_be_bytes()[1..]);
                from = 5;
            }
            for byte in &mut blob[from..at + 32] {
                *byte = rest.next().unwrap();
            }
            if let Some(byte) = loose.get_mut(element) {
                *byte = rest.next().unwrap();
            }
        }
        let [x, y, z] = loose;
        let top = [
            x & 0x3f,
            (y & 0x0f) | ((x & 0xc0) >> 2),
            z & 0x3f,
            ((z & 0xc0) >> 2) | ((y & 0xf0) >> 4),
        ];
        for (element, bits) in top.into_iter().enumerate() {
            blob[(round * 4 + element) * 32] = bits;
        }
    }
    blob
}
