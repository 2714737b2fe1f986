//! `eth_`: this file lists the methods.

mod accounts;
mod blocks;
mod call;
mod config;
mod fees;
mod logs;
mod send;
mod state;
mod subscribe;
mod transactions;

pub(crate) use call::simulation;

use crate::registry::Registry;
use alloy_primitives::U64;

pub(crate) fn register(r: &mut Registry) {
    // The chain.
    r.quick("eth_chainId", |rpc, _| Ok(U64::from(rpc.spec().chain_id())));
    r.quick("eth_syncing", |_, _| Ok(false));
    r.quick("eth_blockNumber", |rpc, _| {
        Ok(U64::from(rpc.chain.head().number()))
    });
    r.quick("eth_config", config::config);
    r.quick("eth_mining", |_, _| Ok(false));
    r.quick("eth_hashrate", |_, _| Ok(U64::ZERO));

    // Blocks.
    r.read("eth_getBlockByNumber", blocks::by_number);
    r.read("eth_getBlockByHash", blocks::by_hash);
    r.read("eth_getHeaderByNumber", blocks::header_by_number);
    r.read("eth_getHeaderByHash", blocks::header_by_hash);
    r.read(
        "eth_getBlockTransactionCountByNumber",
        blocks::count_by_number,
    );
    r.read("eth_getBlockTransactionCountByHash", blocks::count_by_hash);
    r.read(
        "eth_getUncleCountByBlockNumber",
        blocks::uncle_count_by_number,
    );
    r.read("eth_getUncleCountByBlockHash", blocks::uncle_count_by_hash);
    r.quick("eth_getUncleByBlockNumberAndIndex", |_, _| Ok(()));
    r.quick("eth_getUncleByBlockHashAndIndex", |_, _| Ok(()));

    // Transactions and receipts.
    r.read("eth_getTransactionByHash", transactions::by_hash);
    r.read(
        "eth_getTransactionByBlockNumberAndIndex",
        transactions::by_number_and_index,
    );
    r.read(
        "eth_getTransactionByBlockHashAndIndex",
        transactions::by_block_and_index,
    );
    r.read("eth_getRawTransactionByHash", transactions::raw_by_hash);
    r.read(
        "eth_getRawTransactionByBlockNumberAndIndex",
        transactions::raw_by_number_and_index,
    );
    r.read(
        "eth_getRawTransactionByBlockHashAndIndex",
        transactions::raw_by_block_and_index,
    );
    r.read("eth_getTransactionReceipt", transactions::receipt);
    r.read("eth_getBlockReceipts", transactions::block_receipts);

    // State.
    r.read("eth_getBalance", state::balance);
    r.read("eth_getCode", state::code);
    r.read("eth_getStorageAt", state::storage);
    r.read("eth_getTransactionCount", state::nonce);
    r.heavy("eth_getProof", state::proof);
    r.heavy("eth_getAccount", state::account);

    // Calls.
    r.heavy("eth_call", call::call);
    r.heavy("eth_estimateGas", call::estimate);
    r.heavy("eth_createAccessList", call::access_list);

    // Fees.
    r.read("eth_gasPrice", fees::gas_price);
    r.read("eth_maxPriorityFeePerGas", fees::priority_fee);
    r.heavy("eth_feeHistory", fees::history);
    r.read("eth_blobBaseFee", fees::blob_base_fee);
    r.read("eth_baseFee", fees::base_fee);

    // Logs and filters.
    r.heavy("eth_getLogs", logs::logs);
    r.quick("eth_newFilter", logs::new_filter);
    r.quick("eth_newBlockFilter", logs::new_block_filter);
    r.quick("eth_newPendingTransactionFilter", logs::new_pending_filter);
    r.read("eth_getFilterChanges", logs::changes);
    r.heavy("eth_getFilterLogs", logs::filter_logs);
    r.quick("eth_uninstallFilter", logs::uninstall);

    // Sending.
    r.waiting("eth_sendRawTransaction", send::raw);
    r.waiting("eth_sendRawTransactionSync", send::raw_sync);

    // The accounts of a development chain.
    r.quick("eth_accounts", accounts::list);
    r.waiting("eth_sendTransaction", accounts::send);
    r.waiting("eth_signTransaction", accounts::sign_transaction);
    r.quick("eth_sign", accounts::sign);

    // eth_subscribe: newHeads, logs, newPendingTransactions.
    subscribe::register(r);

    // Not here, see `refused.rs`: eth_signTypedData_v4 (clients sign), eth_simulateV1 (eth_call with overrides),
    // mining and compiling (there is neither), eth_coinbase (no miner).
}
