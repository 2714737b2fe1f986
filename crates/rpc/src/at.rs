//! Which block a call is about, and the state that it sees there.

use crate::{
    RpcError,
    context::Rpc,
    convert::{Inclusion, ReceiptContext},
};
use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::B256;
use openledger_chain::PendingBlock;
use openledger_execution::{BlockAttributes, StateSource};
use openledger_primitives::{Block, Receipt, SealedHeader};
use openledger_storage::ExecutedBlock;
use std::sync::Arc;

/// A block.
#[derive(Debug, Clone)]
pub(crate) enum At {
    /// A sealed one, by number. It exists.
    Sealed(u64),
    /// The open one.
    Open(Arc<PendingBlock>),
}

/// A sealed block with its receipts.
#[derive(Debug, Clone)]
pub(crate) enum Sealed {
    Recent(Arc<ExecutedBlock>),
    Stored(Arc<Block>, Arc<Vec<Receipt>>),
}

impl Sealed {
    pub(crate) fn block(&self) -> &Block {
        match self {
            Self::Recent(block) => &block.block,
            Self::Stored(block, _) => block,
        }
    }

    pub(crate) fn receipts(&self) -> &[Receipt] {
        match self {
            Self::Recent(block) => &block.receipts,
            Self::Stored(_, receipts) => receipts,
        }
    }

    pub(crate) fn inclusion(&self) -> Inclusion {
        Inclusion::sealed(&self.block().header)
    }
}

impl Rpc {
    /// The block that an identifier means; `None` when there is none. Without an identifier: the latest.
    pub(crate) fn at(&self, id: Option<BlockId>) -> Result<Option<At>, RpcError> {
        match id.unwrap_or_default() {
            BlockId::Number(tag) => self.at_tag(tag),
            BlockId::Hash(hash) => Ok(self.chain.block_number(hash.block_hash)?.map(At::Sealed)),
        }
    }

    /// The same for what must exist, with geth's error.
    pub(crate) fn at_existing(&self, id: Option<BlockId>) -> Result<At, RpcError> {
        self.at(id)?.ok_or_else(|| {
            RpcError::Server(match id {
                Some(BlockId::Hash(hash)) if hash.require_canonical == Some(true) => {
                    "hash is not currently canonical".into()
                }
                Some(BlockId::Hash(_)) => "header for hash not found".into(),
                _ => "header not found".into(),
            })
        })
    }

    /// The block whose state a read or a call is about.
    ///
    /// `latest`, and no identifier, mean the open block as far as it is preconfirmed. Whoever holds a preconfirmed receipt reads
    /// its effects at once this way, and a wallet that takes its next nonce from `latest` does not use one twice; blocks,
    /// headers, logs and proofs of `latest` are those of the last sealed block.
    pub(crate) fn at_state(&self, id: Option<BlockId>) -> Result<At, RpcError> {
        match id {
            None | Some(BlockId::Number(BlockNumberOrTag::Latest)) => Ok(self
                .chain
                .pending()
                .map_or_else(|| At::Sealed(self.chain.head().number()), At::Open)),
            id => self.at_existing(id),
        }
    }

    pub(crate) fn at_tag(&self, tag: BlockNumberOrTag) -> Result<Option<At>, RpcError> {
        let head = || self.chain.head().number();
        Ok(match tag {
            BlockNumberOrTag::Latest => Some(At::Sealed(head())),
            // Without an open block, pending means latest.
            BlockNumberOrTag::Pending => Some(
                self.chain
                    .pending()
                    .map_or_else(|| At::Sealed(head()), At::Open),
            ),
            BlockNumberOrTag::Safe => Some(At::Sealed(self.chain.safe().number)),
            BlockNumberOrTag::Finalized => Some(At::Sealed(self.chain.finalized().number)),
            BlockNumberOrTag::Earliest => Some(At::Sealed(self.chain.genesis().number)),
            BlockNumberOrTag::Number(number) => (number <= head()).then_some(At::Sealed(number)),
        })
    }

    /// The state after the block, or after the open block's last preconfirmed transaction.
    pub(crate) fn state(&self, at: &At) -> Result<Arc<dyn StateSource>, RpcError> {
        Ok(match at {
            At::Sealed(number) => self.chain.state_at(*number)?,
            At::Open(block) => block.clone(),
        })
    }

    /// What calls see as their block.
    pub(crate) fn attributes(&self, at: &At) -> Result<BlockAttributes, RpcError> {
        Ok(match at {
            At::Sealed(number) => BlockAttributes::of_header(self.header(*number)?.inner()),
            At::Open(block) => block.attributes.clone(),
        })
    }

    /// The header of a block that exists.
    pub(crate) fn header(&self, number: u64) -> Result<SealedHeader, RpcError> {
        self.chain
            .header(number)?
            .ok_or_else(|| RpcError::Server("header not found".into()))
    }

    /// A sealed block with its receipts.
    pub(crate) fn sealed(&self, number: u64) -> Result<Option<Sealed>, RpcError> {
        if let Some(block) = self.chain.recent(number) {
            return Ok(Some(Sealed::Recent(block)));
        }
        let Some(block) = self.chain.block(number)? else {
            return Ok(None);
        };
        let receipts = self.chain.receipts(number)?.unwrap_or_default();
        Ok(Some(Sealed::Stored(block, receipts)))
    }

    pub(crate) fn sealed_receipts(&self, sealed: &Sealed) -> ReceiptContext {
        let block = sealed.block();
        ReceiptContext::new(
            self.spec(),
            sealed.inclusion(),
            block.header.excess_blob_gas,
            &block.transactions,
        )
    }

    pub(crate) fn open_receipts(&self, block: &PendingBlock) -> ReceiptContext {
        let inclusion = Inclusion::preconfirmed(&block.attributes);
        ReceiptContext::new(
            self.spec(),
            inclusion,
            block.attributes.excess_blob_gas,
            &block.transactions,
        )
    }

    /// Where a transaction is; `None` when no block has it.
    pub(crate) fn find(&self, hash: B256) -> Result<Option<(At, usize)>, RpcError> {
        // The open block first: should it be sealed in between, the chain has it afterwards.
        if let Some(block) = self.chain.pending()
            && let Some(index) = block.position(hash)
        {
            return Ok(Some((At::Open(block), index)));
        }
        Ok(self
            .chain
            .transaction(hash)?
            .map(|(number, index)| (At::Sealed(number), index)))
    }
}
