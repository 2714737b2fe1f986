//! Random transactions, valid and not.

use super::{contracts, world::*};
use alloy_consensus::{
    Sealable, SignableTransaction, TxEip1559, TxEip2930, TxEip4844, TxEip7702, TxLegacy,
};
use alloy_eips::{
    eip2930::{AccessList, AccessListItem},
    eip7702::{Authorization, SignedAuthorization},
};
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256, keccak256};
use alloy_signer::SignerSync;
use op_alloy_consensus::TxDeposit;
use openledger_execution::{MemoryState, StateSource};
use openledger_primitives::{Tx, TxEnvelope};
use proptest::prelude::*;

/// What is wrong with a transaction on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    None,
    NonceLow,
    NonceHigh,
    Broke,
    GasOverBlock,
    GasTooLow,
    OtherChain,
    FeeBelowBase,
    TipAboveFee,
}

#[derive(Debug, Clone, Copy)]
pub enum Form {
    Legacy,
    AccessList,
    Dynamic,
    Blob,
}

/// An EIP-7702 authorization, good or bad.
#[derive(Debug, Clone, Copy)]
pub struct Auth {
    pub authority: usize,
    /// `None` clears the delegation.
    pub contract: Option<usize>,
    pub chain_id: u64,
    pub nonce_offset: u64,
    pub valid_signature: bool,
}

#[derive(Debug, Clone)]
pub enum What {
    /// To a sender, a contract, or an address without account; possibly of nothing.
    Transfer {
        to: usize,
        value: u64,
    },
    Call {
        contract: usize,
        a: usize,
        b: u8,
        init_code: usize,
        value: u64,
    },
    Create {
        init_code: usize,
        value: u64,
    },
    Delegate {
        auths: Vec<Auth>,
        to: usize,
    },
    Deposit {
        what: Box<What>,
        mint: u128,
        gas: u64,
    },
}

#[derive(Debug, Clone)]
pub struct Action {
    pub sender: usize,
    pub flaw: Flaw,
    pub form: Form,
    pub gas: u64,
    pub tip: u64,
    pub what: What,
}

fn value() -> impl Strategy<Value = u64> {
    prop_oneof![3 => Just(0), 3 => 1u64..1_000_000, 1 => Just(2_000_000_000_000_000)]
}

fn auth() -> impl Strategy<Value = Auth> {
    (
        0..SENDERS,
        prop::option::weighted(0.7, 0..contracts::ALL.len()),
        prop_oneof![3 => Just(CHAIN_ID), 1 => Just(0), 1 => Just(77)],
        prop_oneof![4 => Just(0u64), 1 => Just(5)],
        prop::bool::weighted(0.85),
    )
        .prop_map(
            |(authority, contract, chain_id, nonce_offset, valid_signature)| Auth {
                authority,
                contract,
                chain_id,
                nonce_offset,
                valid_signature,
            },
        )
}

fn plain() -> impl Strategy<Value = What> {
    prop_oneof![
        3 => (0..20usize, value()).prop_map(|(to, value)| What::Transfer { to, value }),
        6 => (0..contracts::ALL.len(), 0..20usize, 0..3u8, 0..contracts::INIT_CODES, value())
            .prop_map(|(contract, a, b, init_code, value)| What::Call { contract, a, b, init_code, value }),
        1 => (0..contracts::INIT_CODES, value()).prop_map(|(init_code, value)| What::Create { init_code, value }),
    ]
}

pub fn action() -> impl Strategy<Value = Action> {
    let what = prop_oneof![
        8 => plain(),
        1 => (prop::collection::vec(auth(), 0..4), 0..20usize).prop_map(|(auths, to)| What::Delegate { auths, to }),
        2 => (plain(), prop_oneof![Just(0u128), 1u128..1_000_000_000], prop_oneof![Just(15_000u64), Just(60_000), Just(1_000_000)])
            .prop_map(|(what, mint, gas)| What::Deposit { what: Box::new(what), mint, gas }),
    ];
    let flaw = prop_oneof![
        8 => Just(Flaw::None),
        1 => Just(Flaw::NonceLow),
        1 => Just(Flaw::NonceHigh),
        1 => Just(Flaw::Broke),
        1 => Just(Flaw::GasOverBlock),
        1 => Just(Flaw::GasTooLow),
        1 => Just(Flaw::OtherChain),
        1 => Just(Flaw::FeeBelowBase),
        1 => Just(Flaw::TipAboveFee),
    ];
    let form = prop_oneof![2 => Just(Form::Legacy), 1 => Just(Form::AccessList), 3 => Just(Form::Dynamic), 1 => Just(Form::Blob)];
    let gas = prop_oneof![3 => Just(100_000u64), 3 => Just(300_000), 1 => Just(16_000_000), 1 => Just(20_000_000)];
    (
        0..SENDERS,
        flaw,
        form,
        gas,
        prop_oneof![Just(0), 1u64..2_000_000_000],
        what,
    )
        .prop_map(|(sender, flaw, form, gas, tip, what)| Action {
            sender,
            flaw,
            form,
            gas,
            tip,
            what,
        })
}

/// The address that an action's number stands for.
pub fn target(index: usize) -> Address {
    if index < SENDERS {
        sender(index)
    } else if index < SENDERS + contracts::ALL.len() {
        contracts::address(index - SENDERS)
    } else {
        Address::repeat_byte(0xd0 + index as u8)
    }
}

fn nonce_of(state: &MemoryState, address: Address) -> u64 {
    state
        .account(address)
        .expect("memory does not fail")
        .map_or(0, |account| account.nonce)
}

impl What {
    fn call(&self) -> (TxKind, U256, Bytes) {
        match self {
            Self::Transfer { to, value } => {
                (TxKind::Call(target(*to)), U256::from(*value), Bytes::new())
            }
            Self::Call {
                contract,
                a,
                b,
                init_code,
                value,
            } => {
                let input = if contracts::takes_init_code(*contract) {
                    contracts::init_code(*init_code)
                } else {
                    // Slots are small numbers for those that store, addresses for those that look at one.
                    let first = if *contract <= 3 {
                        U256::from(*a % 4)
                    } else {
                        target(*a).into_word().into()
                    };
                    [
                        first.to_be_bytes::<32>(),
                        U256::from(*b).to_be_bytes::<32>(),
                    ]
                    .concat()
                    .into()
                };
                (
                    TxKind::Call(contracts::address(*contract)),
                    U256::from(*value),
                    input,
                )
            }
            Self::Create { init_code, value } => (
                TxKind::Create,
                U256::from(*value),
                contracts::init_code(*init_code),
            ),
            Self::Delegate { to, .. } => (TxKind::Call(target(*to)), U256::ZERO, Bytes::new()),
            Self::Deposit { what, .. } => what.call(),
        }
    }
}

impl Action {
    /// True when no state lets the transaction into a block.
    pub fn is_flawed(&self) -> bool {
        self.flaw != Flaw::None && !matches!(self.what, What::Deposit { .. })
    }

    /// The transaction on the state so far. `index` makes deposits unique.
    pub fn tx(&self, index: usize, state: &MemoryState) -> Tx {
        let from = sender(self.sender);
        let (kind, value, input) = self.what.call();
        if let What::Deposit { mint, gas, .. } = &self.what {
            let deposit = TxDeposit {
                source_hash: keccak256(index.to_be_bytes()),
                from,
                to: kind,
                mint: *mint,
                value,
                gas_limit: *gas,
                is_system_transaction: false,
                input,
            };
            return Tx::with_signer(TxEnvelope::Deposit(deposit.seal_slow()), from);
        }
        self.signed(from, kind, value, input, state)
    }

    fn signed(
        &self,
        from: Address,
        kind: TxKind,
        value: U256,
        input: Bytes,
        state: &MemoryState,
    ) -> Tx {
        let right = nonce_of(state, from);
        // Where there is no lower nonce, a higher one is as wrong.
        let nonce = match self.flaw {
            Flaw::NonceLow => right.checked_sub(1).unwrap_or(right + 1),
            Flaw::NonceHigh => right + 3,
            _ => right,
        };
        let value = if self.flaw == Flaw::Broke {
            U256::MAX >> 1
        } else {
            value
        };
        let gas_limit = match self.flaw {
            Flaw::GasOverBlock => GAS_LIMIT + 1,
            Flaw::GasTooLow => 20_999,
            _ => self.gas,
        };
        let chain_id = if self.flaw == Flaw::OtherChain {
            CHAIN_ID + 1
        } else {
            CHAIN_ID
        };
        let base_fee = u128::from(BASE_FEE);
        let (max_fee, tip) = match self.flaw {
            Flaw::FeeBelowBase => (base_fee - 1, 0),
            Flaw::TipAboveFee => (3 * base_fee, 3 * base_fee + 1),
            _ => (3 * base_fee, u128::from(self.tip)),
        };
        let access_list = AccessList(vec![AccessListItem {
            address: contracts::address(0),
            storage_keys: vec![B256::with_last_byte(1)],
        }]);

        if let What::Delegate { auths, .. } = &self.what {
            let tx = TxEip7702 {
                chain_id,
                nonce,
                gas_limit,
                max_fee_per_gas: max_fee,
                max_priority_fee_per_gas: tip,
                to: kind.to().copied().unwrap_or_default(),
                value,
                access_list,
                authorization_list: auths
                    .iter()
                    .map(|auth| auth.signed(self.sender, state))
                    .collect(),
                input,
            };
            return seal(tx, TxEnvelope::Eip7702, from);
        }
        // Only a dynamic fee can have a tip above it.
        let form = if self.flaw == Flaw::TipAboveFee {
            Form::Dynamic
        } else {
            self.form
        };
        match (form, kind) {
            (Form::Legacy, _) => {
                let tx = TxLegacy {
                    chain_id: Some(chain_id),
                    nonce,
                    gas_price: max_fee,
                    gas_limit,
                    to: kind,
                    value,
                    input,
                };
                seal(tx, TxEnvelope::Legacy, from)
            }
            (Form::AccessList, _) => {
                let tx = TxEip2930 {
                    chain_id,
                    nonce,
                    gas_price: max_fee,
                    gas_limit,
                    to: kind,
                    value,
                    access_list,
                    input,
                };
                seal(tx, TxEnvelope::Eip2930, from)
            }
            (Form::Blob, TxKind::Call(to)) => {
                let tx = TxEip4844 {
                    chain_id,
                    nonce,
                    gas_limit,
                    max_fee_per_gas: max_fee,
                    max_priority_fee_per_gas: tip,
                    to,
                    value,
                    access_list,
                    blob_versioned_hashes: vec![
                        B256::right_padding_from(&[1]),
                        B256::right_padding_from(&[1, 2]),
                    ],
                    max_fee_per_blob_gas: 1_000,
                    input,
                };
                seal(tx, TxEnvelope::Eip4844, from)
            }
            (Form::Dynamic | Form::Blob, _) => {
                let tx = TxEip1559 {
                    chain_id,
                    nonce,
                    gas_limit,
                    max_fee_per_gas: max_fee,
                    max_priority_fee_per_gas: tip,
                    to: kind,
                    value,
                    access_list,
                    input,
                };
                seal(tx, TxEnvelope::Eip1559, from)
            }
        }
    }
}

/// Execution takes the sender as given, so that any signature does.
fn seal<T>(tx: T, wrap: impl FnOnce(alloy_consensus::Signed<T>) -> TxEnvelope, from: Address) -> Tx
where
    T: SignableTransaction<Signature> + alloy_consensus::transaction::RlpEcdsaEncodableTx,
{
    let signature = Signature::new(
        U256::from(from.into_word().0[31]) + U256::from(1),
        U256::from(1),
        false,
    );
    Tx::with_signer(wrap(tx.into_signed(signature)), from)
}

impl Auth {
    fn signed(&self, tx_sender: usize, state: &MemoryState) -> SignedAuthorization {
        // The sender's own nonce is raised before authorizations are looked at.
        let nonce =
            nonce_of(state, sender(self.authority)) + u64::from(self.authority == tx_sender);
        let authorization = Authorization {
            chain_id: U256::from(self.chain_id),
            address: self.contract.map(contracts::address).unwrap_or_default(),
            nonce: nonce + self.nonce_offset,
        };
        let signature = if self.valid_signature {
            key(self.authority)
                .sign_hash_sync(&authorization.signature_hash())
                .expect("signs")
        } else {
            Signature::new(U256::ZERO, U256::ZERO, false)
        };
        authorization.into_signed(signature)
    }
}
