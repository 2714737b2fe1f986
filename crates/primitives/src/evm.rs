//! Conversions into what the EVM crates execute. They stand here because of Rust's orphan rule.

use crate::{Receipt, Tx, TxEnvelope, TxType};
use alloy_consensus::Eip658Value;
use alloy_evm::{
    Evm, FromRecoveredTx, FromTxWithEncoded, RecoveredTx, ToTxEnv,
    eth::receipt_builder::{ReceiptBuilder, ReceiptBuilderCtx},
};
use alloy_op_evm::{OpTx, block::receipt_builder::OpReceiptBuilder};
use alloy_primitives::{Address, Bytes};
use op_alloy_consensus::{OpDepositReceipt, TxDeposit};
use revm::context::TxEnv;

impl FromRecoveredTx<TxEnvelope> for TxEnv {
    fn from_recovered_tx(tx: &TxEnvelope, sender: Address) -> Self {
        match tx {
            TxEnvelope::Legacy(tx) => Self::from_recovered_tx(tx.tx(), sender),
            TxEnvelope::Eip2930(tx) => Self::from_recovered_tx(tx.tx(), sender),
            TxEnvelope::Eip1559(tx) => Self::from_recovered_tx(tx.tx(), sender),
            TxEnvelope::Eip4844(tx) => Self::from_recovered_tx(tx.tx(), sender),
            TxEnvelope::Eip7702(tx) => Self::from_recovered_tx(tx.tx(), sender),
            TxEnvelope::Deposit(tx) => deposit_env(tx.inner(), sender),
        }
    }
}

/// A deposit's base environment. Under Ethereum rules its type makes revm refuse it.
fn deposit_env(tx: &TxDeposit, caller: Address) -> TxEnv {
    TxEnv {
        tx_type: 0x7e,
        caller,
        gas_limit: tx.gas_limit,
        kind: tx.to,
        value: tx.value,
        data: tx.input.clone(),
        ..Default::default()
    }
}

impl FromTxWithEncoded<TxEnvelope> for TxEnv {
    fn from_encoded_tx(tx: &TxEnvelope, sender: Address, _encoded: Bytes) -> Self {
        Self::from_recovered_tx(tx, sender)
    }
}

impl FromRecoveredTx<TxEnvelope> for OpTx {
    fn from_recovered_tx(tx: &TxEnvelope, sender: Address) -> Self {
        use alloy_eips::Encodable2718;
        Self::from_encoded_tx(tx, sender, tx.encoded_2718().into())
    }
}

impl FromTxWithEncoded<TxEnvelope> for OpTx {
    fn from_encoded_tx(tx: &TxEnvelope, sender: Address, encoded: Bytes) -> Self {
        match tx {
            TxEnvelope::Legacy(tx) => Self::from_encoded_tx(tx.tx(), sender, encoded),
            TxEnvelope::Eip2930(tx) => Self::from_encoded_tx(tx.tx(), sender, encoded),
            TxEnvelope::Eip1559(tx) => Self::from_encoded_tx(tx.tx(), sender, encoded),
            TxEnvelope::Eip4844(tx) => Self::from_encoded_tx(tx.tx(), sender, encoded),
            TxEnvelope::Eip7702(tx) => Self::from_encoded_tx(tx.tx(), sender, encoded),
            TxEnvelope::Deposit(tx) => Self::from_encoded_tx(tx.inner(), sender, encoded),
        }
    }
}

impl ToTxEnv<TxEnv> for Tx {
    fn to_tx_env(&self) -> TxEnv {
        TxEnv::from_recovered_tx(self.envelope(), self.signer())
    }
}

impl ToTxEnv<OpTx> for Tx {
    fn to_tx_env(&self) -> OpTx {
        OpTx::from_encoded_tx(self.envelope(), self.signer(), self.encoded().clone())
    }
}

impl RecoveredTx<TxEnvelope> for Tx {
    fn tx(&self) -> &TxEnvelope {
        self.envelope()
    }

    fn signer(&self) -> &Address {
        self.signer_ref()
    }
}

/// Builds the superset receipt under both rule sets.
///
/// The status is always EIP-658's flag: a caller that executes blocks from before Byzantium replaces it by the
/// intermediate root.
#[derive(Debug, Clone, Copy, Default)]
pub struct SupersetReceiptBuilder;

impl ReceiptBuilder for SupersetReceiptBuilder {
    type Transaction = TxEnvelope;
    type Receipt = Receipt;

    fn build_receipt<E: Evm>(&self, ctx: ReceiptBuilderCtx<'_, TxType, E>) -> Receipt {
        Receipt {
            tx_type: ctx.tx_type,
            status: Eip658Value::Eip658(ctx.result.is_success()),
            cumulative_gas_used: ctx.cumulative_gas_used,
            logs: ctx.result.into_logs(),
            deposit_nonce: None,
            deposit_receipt_version: None,
        }
    }
}

impl OpReceiptBuilder for SupersetReceiptBuilder {
    type Transaction = TxEnvelope;
    type Receipt = Receipt;

    fn build_receipt<'a, E: Evm>(
        &self,
        ctx: ReceiptBuilderCtx<'a, TxType, E>,
    ) -> Result<Receipt, ReceiptBuilderCtx<'a, TxType, E>> {
        if ctx.tx_type == TxType::Deposit {
            return Err(ctx);
        }
        Ok(ReceiptBuilder::build_receipt(self, ctx))
    }

    fn build_deposit_receipt(&self, inner: OpDepositReceipt) -> Receipt {
        Receipt {
            tx_type: TxType::Deposit,
            status: inner.inner.status,
            cumulative_gas_used: inner.inner.cumulative_gas_used,
            logs: inner.inner.logs,
            deposit_nonce: inner.deposit_nonce,
            deposit_receipt_version: inner.deposit_receipt_version,
        }
    }
}
