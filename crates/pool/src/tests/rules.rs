//! What the rule set, the block and the account allow.

use super::*;
use alloy_consensus::{TxEip4844, TxEip7702};
use alloy_eips::eip2930::{AccessList, AccessListItem};

#[test]
fn pre_eip155_transactions_are_accepted() {
    pool(PoolConfig::default())
        .add(legacy(account(1), None), rich(0))
        .expect("accepted");
}

#[test]
fn another_chains_transactions_are_refused() {
    let pool = pool(PoolConfig::default());
    assert_rejected(
        pool.add(legacy(account(1), Some(1)), rich(0)),
        "invalid chain id for signer: have 1 want 1337",
    );
}

#[test]
fn blob_transactions_are_refused_under_op_rules() {
    let tx = TxEip4844 {
        chain_id: 1337,
        gas_limit: 21_000,
        ..Default::default()
    };
    let tx = unsigned(TxEnvelope::Eip4844(tx.into_signed(made_up())), account(1));
    assert_rejected(
        pool(PoolConfig::default()).add(tx, rich(0)),
        "transaction type not supported",
    );
}

#[test]
fn deposits_are_refused_under_both_rule_sets() {
    use alloy_consensus::Sealable;
    for chain in [op_chain(), ethereum("prague")] {
        let pool = Pool::new(chain, PoolConfig::default());
        let deposit = op_alloy_deposit();
        let tx = unsigned(TxEnvelope::Deposit(deposit.seal_slow()), account(1));
        assert_rejected(
            pool.add(tx, rich(0)),
            "transaction type not supported: type 0x7e",
        );
    }
}

fn op_alloy_deposit() -> op_alloy_consensus::TxDeposit {
    op_alloy_consensus::TxDeposit {
        gas_limit: 21_000,
        ..Default::default()
    }
}

#[test]
fn set_code_transactions_begin_with_prague() {
    let tx = TxEip7702 {
        chain_id: 1337,
        gas_limit: 100_000,
        ..Default::default()
    };
    let tx = unsigned(TxEnvelope::Eip7702(tx.into_signed(made_up())), account(1));
    let cancun = Pool::new(ethereum("cancun"), PoolConfig::default());
    assert_rejected(
        cancun.add(tx.clone(), rich(0)),
        "transaction type not supported",
    );
    let prague = Pool::new(ethereum("prague"), PoolConfig::default());
    assert_rejected(
        prague.add(tx, rich(0)),
        "set code tx must have at least one authorization tuple",
    );
}

#[test]
fn gas_must_cover_the_intrinsic_cost_and_the_calldata_floor() {
    let pool = pool(PoolConfig::default());
    let mut poor = Draft::new(0);
    poor.0.gas_limit = 20_999;
    assert_rejected(
        pool.add(poor.from(account(1)), rich(0)),
        "intrinsic gas too low: gas 20999, minimum needed 21000",
    );
    // 1,000 non-zero bytes: 16 gas each by the old rule, 40 by EIP-7623's floor.
    let floor = Draft::new(0).input(vec![1; 1_000], 60_999);
    assert_rejected(
        pool.add(floor.from(account(1)), rich(0)),
        "insufficient gas for floor data gas cost: gas 60999, minimum needed 61000",
    );
    pool.add(
        Draft::new(0).input(vec![1; 1_000], 61_000).from(account(1)),
        rich(0),
    )
    .expect("accepted");
    let mut listed = Draft::new(1);
    listed.0.access_list = AccessList(vec![AccessListItem {
        address: account(9),
        storage_keys: vec![B256::ZERO, B256::with_last_byte(1)],
    }]);
    assert_rejected(
        pool.add(listed.from(account(1)), rich(0)),
        "intrinsic gas too low: gas 21000, minimum needed 27200",
    );
}

#[test]
fn gas_limits_of_block_operator_and_osaka_hold() {
    let big = Draft::new(0)
        .input(Bytes::new(), 30_000_001)
        .from(account(1));
    assert_rejected(
        pool(PoolConfig::default()).add(big, rich(0)),
        "exceeds block gas limit",
    );
    let config = PoolConfig {
        max_gas_limit: Some(1_000_000),
        ..Default::default()
    };
    let medium = Draft::new(0)
        .input(Bytes::new(), 1_000_001)
        .from(account(1));
    assert_rejected(
        pool(config).add(medium, rich(0)),
        "transaction gas limit too high (cap: 1000000, tx: 1000001)",
    );
    let osaka = Pool::new(ethereum("osaka"), PoolConfig::default());
    osaka.set_head(head(GWEI));
    let above = Draft::new(0)
        .input(Bytes::new(), (1 << 24) + 1)
        .from(account(1));
    assert_rejected(
        osaka.add(above.clone(), rich(0)),
        "transaction gas limit too high (cap: 16777216",
    );
    pool(PoolConfig::default())
        .add(above, rich(0))
        .expect("OP rules at Jovian have no such cap");
}

#[test]
fn init_code_is_limited() {
    let mut create = Draft::new(0).input(vec![0; 49_153], 10_000_000);
    create.0.to = TxKind::Create;
    assert_rejected(
        pool(PoolConfig::default()).add(create.from(account(1)), rich(0)),
        "max initcode size exceeded: code size 49153, limit 49152",
    );
}

#[test]
fn fees_must_make_sense() {
    let config = PoolConfig {
        min_tip: 5,
        min_fee_cap: 100,
        ..Default::default()
    };
    let pool = pool(config);
    let add = |fee_cap, tip| pool.add(Draft::new(0).fees(fee_cap, tip).from(account(1)), rich(0));
    assert_rejected(
        add(10, 11),
        "max priority fee per gas higher than max fee per gas",
    );
    assert_rejected(
        add(100, 4),
        "transaction gas price below minimum: gas tip cap 4, minimum needed 5",
    );
    assert_rejected(
        add(99, 5),
        "transaction underpriced: gas fee cap 99, minimum needed 100",
    );
    assert!(add(100, 5).expect("accepted").executable);
}

#[test]
fn accounts_must_be_able_to_send() {
    let pool = pool(PoolConfig::default());
    let contract = AccountView {
        code: AccountCode::Contract,
        ..rich(0)
    };
    assert_rejected(
        pool.add(Draft::new(0).from(account(1)), contract),
        "sender not an eoa",
    );
    assert_rejected(
        pool.add(Draft::new(4).from(account(1)), rich(5)),
        "nonce too low: next nonce 5, tx nonce 4",
    );
    assert_rejected(
        pool.add(Draft::new(u64::MAX).from(account(1)), rich(0)),
        "nonce has max value",
    );
    assert_rejected(
        pool.add(
            Draft::new(0).value(5).from(account(1)),
            with_balance(0, 42_000 * GWEI + 4),
        ),
        "insufficient funds for gas * price + value: balance 42000000000004, queued cost 0, \
         tx cost 42000000000005, overshot 1",
    );
    pool.add(
        Draft::new(0).value(5).from(account(1)),
        with_balance(0, 42_000 * GWEI + 5),
    )
    .expect("accepted");
}

#[test]
fn the_balance_must_cover_the_l1_and_operator_fee() {
    let pool = pool(PoolConfig::default());
    pool.set_head(HeadInfo {
        l1_block_info: Some(l1_info(1_000_000)),
        ..head(GWEI)
    });
    let tx = Draft::new(0).from(account(1));
    let op_spec = op_revm::OpSpecId::JOVIAN;
    let extra = l1_info(1_000_000).tx_cost(tx.tx.encoded(), U256::from(21_000), op_spec);
    assert!(extra > U256::from(1_000_000));
    let exact = U256::from(42_000 * GWEI) + extra;
    let short = AccountView {
        balance: exact - U256::from(1),
        ..rich(0)
    };
    assert_rejected(
        pool.add(tx.clone(), short),
        "insufficient funds for gas * price + value",
    );
    pool.add(
        tx,
        AccountView {
            balance: exact,
            ..rich(0)
        },
    )
    .expect("accepted");
}
