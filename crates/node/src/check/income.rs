//! What the L2's users paid, against what its batches and output roots cost on the L1.

use super::{CheckConfig, contracts::Contracts, finding::Findings};
use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::{Address, B256, U64, U256};
use anyhow::{Context, Result, ensure};
use openledger_contracts::{IFeeVault, IL1Block, addresses};
use openledger_l1::{L1Client, L1Error, Views};
use serde_json::Value;

/// The vaults in which fees gather.
const VAULTS: [Address; 4] = [
    addresses::L1_FEE_VAULT,
    addresses::OPERATOR_FEE_VAULT,
    addresses::BASE_FEE_VAULT,
    addresses::SEQUENCER_FEE_VAULT,
];

/// Income and cost over the same time.
#[derive(Debug, Clone)]
pub(super) struct Comparison {
    /// The L2's blocks.
    blocks: (u64, u64),
    /// The L1's blocks that made them safe.
    l1_blocks: (u64, u64),
    /// In wei of the L2's coin: for the L1, for the operator, the base fee, tips.
    income: [U256; 4],
    /// In wei of ether: of the batcher, of the proposer.
    cost: [U256; 2],
    custom_coin: bool,
    coins_per_ether: f64,
    scalars: (u32, u32),
}

pub(super) async fn compare(
    config: &CheckConfig,
    l1: &L1Client,
    l2: &L1Client,
    contracts: &Contracts,
) -> Result<Comparison> {
    let last = block(l2, BlockNumberOrTag::Safe)
        .await?
        .context("the L2 has no safe block yet")?;
    ensure!(last.0 > 0, "nothing of the L2 is on its L1 yet");
    let first = block(
        l2,
        BlockNumberOrTag::Number(last.0.saturating_sub(config.blocks)),
    )
    .await?
    .context("the first of the blocks is missing")?;
    let (before, after) = (Views::new(l2, first.1), Views::new(l2, last.1));
    let mut income = [U256::ZERO; 4];
    for (sum, vault) in income.iter_mut().zip(VAULTS) {
        let gathered = gathered(l2, &after, last.1, vault).await?;
        *sum = gathered.saturating_sub(self::gathered(l2, &before, first.1, vault).await?);
    }
    let l1_blocks = (
        safe_since(l2, &before, first.0).await?,
        safe_since(l2, &after, last.0).await?,
    );
    let mut cost = [U256::ZERO; 2];
    for number in l1_blocks.0 + 1..=l1_blocks.1 {
        let receipts: Vec<Value> = l1
            .call("eth_getBlockReceipts", (BlockNumberOrTag::Number(number),))
            .await?;
        for receipt in receipts {
            let from: Address = serde_json::from_value(receipt["from"].clone())?;
            let payers = [contracts.batcher, contracts.proposer];
            if let Some(payer) = payers.iter().position(|payer| *payer == from) {
                cost[payer] += paid(&receipt)?;
            }
        }
    }
    Ok(Comparison {
        blocks: (first.0, last.0),
        l1_blocks,
        income,
        cost,
        custom_coin: contracts.custom_coin,
        coins_per_ether: config.coins_per_ether,
        scalars: contracts.scalars,
    })
}

/// The L1 block that made an L2 block safe: what was posted after the one of the first block, up to that of the last one, is what
/// the blocks between them cost.
async fn safe_since(l2: &L1Client, views: &Views<'_>, number: u64) -> Result<u64> {
    let number_call = IL1Block::numberCall {};
    let mut low: u64 = views.call(addresses::L1_BLOCK, number_call).await?;
    if number == 0 {
        return Ok(low);
    }
    let status: Value = l2.call("optimism_syncStatus", ()).await?;
    let mut high = status["current_l1"]["number"]
        .as_u64()
        .context("optimism_syncStatus names no L1 block")?;
    while low < high {
        let middle = low + (high - low) / 2;
        let found: Value = match l2
            .call("optimism_safeHeadAtL1Block", (U64::from(middle),))
            .await
        {
            Ok(found) => found,
            // Nothing was safe at so early a block.
            Err(L1Error::Refused { .. }) => Value::Null,
            Err(error) => return Err(error.into()),
        };
        if found["safeHead"]["number"]
            .as_u64()
            .is_some_and(|safe| safe >= number)
        {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}

async fn block(l2: &L1Client, tag: BlockNumberOrTag) -> Result<Option<(u64, B256)>> {
    let found: Option<Value> = l2.call("eth_getBlockByNumber", (tag, false)).await?;
    found
        .map(|block| {
            let number: U64 = serde_json::from_value(block["number"].clone())?;
            Ok((number.to(), serde_json::from_value(block["hash"].clone())?))
        })
        .transpose()
}

/// What a vault ever took in.
async fn gathered(l2: &L1Client, views: &Views<'_>, at: B256, vault: Address) -> Result<U256> {
    let balance: U256 = l2
        .call("eth_getBalance", (vault, BlockId::hash(at)))
        .await?;
    let processed = views.call(vault, IFeeVault::totalProcessedCall {}).await?;
    Ok(balance.saturating_add(processed))
}

/// What a transaction cost, from its receipt.
fn paid(receipt: &Value) -> Result<U256> {
    let amount = |name: &str| -> Result<U256> {
        match &receipt[name] {
            Value::Null => Ok(U256::ZERO),
            value => Ok(serde_json::from_value(value.clone())?),
        }
    };
    let gas = amount("gasUsed")?.saturating_mul(amount("effectiveGasPrice")?);
    let blobs = amount("blobGasUsed")?.saturating_mul(amount("blobGasPrice")?);
    Ok(gas.saturating_add(blobs))
}

/// Wei as whole coins. For people: the last digits do not matter.
fn coins(wei: U256) -> f64 {
    f64::from(wei) / 1e18
}

impl Comparison {
    pub(super) fn judge(&self, findings: &mut Findings) {
        let [l1_fee, operator, base, tips] = self.income.map(coins);
        let income = l1_fee + operator + base + tips;
        let [batches, roots] = self.cost.map(coins);
        let cost = (batches + roots) * self.coins_per_ether;
        let price = if self.custom_coin {
            format!(" at {} coins for an ether", self.coins_per_ether)
        } else {
            String::new()
        };
        let found = format!(
            "L2 blocks {} to {} brought {income:.9} coins (L1 fees {l1_fee:.9}, operator fees {operator:.9}, base fees {base:.9}, tips {tips:.9}); L1 blocks {} to {} cost {:.9} ether (batches {batches:.9}, output roots {roots:.9}){price}",
            self.blocks.0,
            self.blocks.1,
            self.l1_blocks.0,
            self.l1_blocks.1,
            batches + roots,
        );
        if cost == 0.0 || income >= cost {
            findings.good("fees", found);
            return;
        }
        let remedy = if l1_fee > 0.0 {
            // What is missing, on top of what the L1 fees bring now.
            let factor = (l1_fee + cost - income) / l1_fee;
            // What is beyond the sixth digit is the arithmetic's, and must not raise a scalar by one.
            let raised = |scalar: u32| {
                let exact = f64::from(scalar) * factor;
                (exact - 1e-6 * exact).ceil().min(f64::from(u32::MAX))
            };
            format!(
                "raise the L1 fee {factor:.2}-fold: SystemConfig.setGasConfigEcotone({}, {}); what the scalars can not carry goes into the operator fee",
                raised(self.scalars.0),
                raised(self.scalars.1)
            )
        } else {
            "nobody paid for data in this time: without traffic batches are posted at a loss; post seldomer".into()
        };
        findings.warning("fees", found, remedy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Level;
    use serde_json::json;

    fn comparison(income: [u64; 4], cost: [u64; 2]) -> Comparison {
        Comparison {
            blocks: (0, 10),
            l1_blocks: (0, 5),
            income: income.map(U256::from),
            cost: cost.map(U256::from),
            custom_coin: true,
            coins_per_ether: 2.0,
            scalars: (100, 1_000),
        }
    }

    #[test]
    fn a_loss_is_a_warning_that_says_by_how_much_to_raise_the_fee() {
        let mut findings = Findings::default();
        // 100 ether cost 200 coins; 150 came in, 50 of them for data.
        comparison([50, 0, 100, 0], [90, 10]).judge(&mut findings);
        let finding = &findings.0[0];
        assert_eq!(finding.level, Level::Warning);
        let remedy = finding.remedy.as_deref().unwrap_or_default();
        assert!(remedy.contains("2.00-fold"), "{remedy}");
        assert!(remedy.contains("(200, 2000)"), "{remedy}");
    }

    #[test]
    fn income_that_covers_the_cost_is_good() {
        let mut findings = Findings::default();
        comparison([150, 30, 20, 0], [90, 10]).judge(&mut findings);
        assert_eq!(findings.0[0].level, Level::Good);
    }

    #[test]
    fn a_receipt_costs_gas_and_blobs() -> Result<()> {
        let receipt = json!({"gasUsed": "0xa", "effectiveGasPrice": "0x2", "blobGasUsed": "0x3", "blobGasPrice": "0x5"});
        assert_eq!(paid(&receipt)?, U256::from(35));
        let plain = json!({"gasUsed": "0xa", "effectiveGasPrice": "0x2"});
        assert_eq!(paid(&plain)?, U256::from(20));
        Ok(())
    }
}
