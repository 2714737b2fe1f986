//! The way of a transaction into a pool: the sender's account is read from the pending state, then the pool decides.

use alloy_primitives::{Address, B256, KECCAK256_EMPTY, map::AddressMap};
use openledger_chain::Chain;
use openledger_devnet::convert_sidecar;
use openledger_execution::{StateError, StateSource};
use openledger_pool::{AccountCode, AccountView, Pool, Rejected};
use openledger_primitives::PooledTx;
use std::{collections::hash_map::Entry, sync::Arc};

/// Admits transactions to one chain's pool.
#[derive(Debug, Clone)]
pub(crate) struct Admission {
    pub(crate) chain: Arc<Chain>,
    pub(crate) pool: Arc<Pool>,
}

impl Admission {
    /// Validates and inserts; results in the order of the input. A transaction is in the journal when this returns its hash.
    pub(crate) fn submit(&self, mut transactions: Vec<PooledTx>) -> Vec<Result<B256, Rejected>> {
        let count = transactions.len();
        if !self.chain.spec().is_op() && transactions.iter().any(|tx| tx.sidecar.is_some()) {
            let timestamp = self.pool.context().head().timestamp;
            transactions = transactions
                .into_iter()
                .map(|tx| convert_sidecar(self.chain.spec(), timestamp, tx))
                .collect();
        }
        match self.views(&transactions) {
            Ok(views) => {
                let with_views = transactions
                    .into_iter()
                    .map(|tx| {
                        let view = views.get(&tx.tx.signer()).copied().unwrap_or_default();
                        (tx, view)
                    })
                    .collect();
                self.pool
                    .add_batch(with_views)
                    .into_iter()
                    .map(|added| added.map(|added| added.hash))
                    .collect()
            }
            Err(error) => {
                let reason = error.to_string();
                (0..count)
                    .map(|_| Err(Rejected::Unavailable(reason.clone())))
                    .collect()
            }
        }
    }

    /// The senders' accounts in the newest state.
    pub(crate) fn views(
        &self,
        transactions: &[PooledTx],
    ) -> Result<AddressMap<AccountView>, StateError> {
        let state: Arc<dyn StateSource> = match self.chain.pending() {
            Some(pending) => pending,
            None => self.chain.state_at(self.chain.head().number())?,
        };
        let mut views = AddressMap::default();
        for tx in transactions {
            if let Entry::Vacant(entry) = views.entry(tx.tx.signer()) {
                let sender = *entry.key();
                entry.insert(view(&*state, sender)?);
            }
        }
        Ok(views)
    }
}

fn view(state: &dyn StateSource, address: Address) -> Result<AccountView, StateError> {
    let Some(account) = state.account(address)? else {
        return Ok(AccountView::default());
    };
    let code = if account.code_hash == KECCAK256_EMPTY {
        AccountCode::None
    } else if state
        .code(account.code_hash)?
        .starts_with(&[0xef, 0x01, 0x00])
    {
        AccountCode::Delegated
    } else {
        AccountCode::Contract
    };
    Ok(AccountView {
        nonce: account.nonce,
        balance: account.balance,
        code,
    })
}
