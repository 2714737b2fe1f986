//! Who may do what, with which key, and with how much money.

use super::{CheckConfig, contracts::Contracts, finding::Findings};
use alloy_primitives::{Address, U256, utils::format_ether};
use openledger_devnet::{dev_accounts, dev_roles};
use openledger_l1::{L1Block, L1Client, L1Error};
use std::collections::BTreeMap;

/// Gas of a transaction that posts blobs, and blobs in it.
const POST_GAS: u64 = 21_000;
const POST_BLOBS: u64 = 6;

/// Gas of a blob (EIP-4844).
const BLOB_GAS: u64 = 131_072;

/// Gas of creating, resolving and closing a game, together.
const GAME_GAS: u64 = 900_000;

/// Gas of a challenge.
const CHALLENGE_GAS: u64 = 150_000;

/// Transactions that an account should be able to pay at today's prices.
const RESERVE: u64 = 200;

/// Wei per gas of tip that is reckoned with.
const TIP: u64 = 1_000_000_000;

/// Public test networks' and development chains' ids on which public keys do no harm.
const DEVELOPMENT: [u64; 3] = [900, 1_337, 31_337];

pub(super) async fn look(
    config: &CheckConfig,
    client: &L1Client,
    head: &L1Block,
    contracts: &Contracts,
    findings: &mut Findings,
) {
    let roles = [
        ("batcher", contracts.batcher),
        ("proposer", contracts.proposer),
        ("challenger", contracts.challenger),
        ("guardian", contracts.guardian),
        ("unsafe block signer", contracts.unsafe_block_signer),
        ("owner of SystemConfig", contracts.config_owner),
    ];
    shared(&roles, findings);
    let development = client.options().chain_id.unwrap_or_default();
    let development = DEVELOPMENT.contains(&development)
        || client
            .chain_id()
            .await
            .is_ok_and(|id| DEVELOPMENT.contains(&id));
    if !development {
        public(&roles, findings);
    }
    keys(config, &roles, findings);
    if let Err(error) = balances(config, client, head, contracts, findings).await {
        findings.error(
            "balances",
            error.to_string(),
            "ask again when the L1 answers",
        );
    }
}

/// One key for two roles: whoever steals it has both.
fn shared(roles: &[(&'static str, Address)], findings: &mut Findings) {
    let mut by_account: BTreeMap<Address, Vec<&str>> = BTreeMap::new();
    for (role, account) in roles {
        by_account.entry(*account).or_default().push(role);
    }
    let mut apart = true;
    for (account, roles) in by_account {
        // The batcher's key signs unsafe blocks by default: both belong to the sequencer.
        let harmless = roles
            .iter()
            .all(|role| ["batcher", "unsafe block signer"].contains(role));
        if roles.len() > 1 && !harmless {
            apart = false;
            findings.warning(
                "roles",
                format!("{account} is {}", roles.join(" and ")),
                "give each role a key of its own: the challenger and the guardian are there to stop the others",
            );
        }
    }
    if apart {
        findings.good("roles", "each has an account of its own");
    }
}

/// Accounts of the development mnemonic.
fn public(roles: &[(&'static str, Address)], findings: &mut Findings) {
    let mut known: Vec<Address> = dev_accounts(20)
        .into_iter()
        .flatten()
        .map(|account| account.address)
        .collect();
    if let Ok(dev) = dev_roles() {
        known.extend(dev.accounts().map(|account| account.address));
    }
    for (role, account) in roles {
        if known.contains(account) {
            findings.error(
                "roles",
                format!("the {role} is {account}, whose key is public knowledge"),
                "give the role another account at once",
            );
        }
    }
}

/// The keys that are at hand, and what they are good for.
fn keys(config: &CheckConfig, roles: &[(&'static str, Address)], findings: &mut Findings) {
    for (variable, signer) in &config.keys {
        let account = signer.address();
        let held: Vec<&str> = roles
            .iter()
            .filter(|(_, holder)| *holder == account)
            .map(|(role, _)| *role)
            .collect();
        if held.is_empty() {
            findings.error(
                "keys",
                format!("{variable} is the key of {account}, which has no role in this rollup"),
                "check that it is the right key, and the right rollup.json",
            );
        } else {
            findings.good(
                "keys",
                format!("{variable} is the key of the {}", held.join(" and ")),
            );
        }
    }
}

async fn balances(
    config: &CheckConfig,
    client: &L1Client,
    head: &L1Block,
    contracts: &Contracts,
    findings: &mut Findings,
) -> Result<(), L1Error> {
    let gas_price = U256::from(head.base_fee) * U256::from(2) + U256::from(TIP);
    let gas = |amount: u64| gas_price * U256::from(amount);
    let post =
        gas(POST_GAS) + U256::from(head.blob_base_fee) * U256::from(2 * POST_BLOBS * BLOB_GAS);
    let open = (contracts.clock + contracts.finality) / config.proposal_interval.max(1) + 2;
    let bonds = contracts.bond * U256::from(open);
    let reserve = U256::from(RESERVE);
    let needs = [
        ("batcher", contracts.batcher, post * reserve, String::new()),
        (
            "proposer",
            contracts.proposer,
            bonds + gas(GAME_GAS) * reserve,
            format!(
                ", {open} bonds of {} among it",
                format_ether(contracts.bond)
            ),
        ),
        (
            "challenger",
            contracts.challenger,
            gas(CHALLENGE_GAS) * reserve,
            String::new(),
        ),
    ];
    for (role, account, needed, among) in needs {
        let balance: U256 = client.call("eth_getBalance", (account, "latest")).await?;
        let found = format!(
            "the {role} {account} has {} ether; {RESERVE} transactions at today's prices need {}{among}",
            format_ether(balance),
            format_ether(needed)
        );
        if balance.is_zero() {
            findings.error("balances", found, "send it ether");
        } else if balance < needed {
            findings.warning("balances", found, "send it ether");
        } else {
            findings.good("balances", found);
        }
    }
    Ok(())
}
