//! The economy through JSON-RPC on a real node: from what people write to what they are paid.

mod answers;
mod disputes;
mod exit;
mod people;
mod settling;

use alloy_primitives::{Address, U256};
use answers::payer;
use anyhow::{Context, Result, ensure};
use openledger_attributor::Claim;
use openledger_contracts::{
    IFeeRouter, IPayableAI, IPayoutVault, ISettlement, ITrainingAccumulator, addresses,
};
use openledger_e2e::{Account, Economy, Load, NodeOptions, Receipt};
use people::{COMPUTE, LIAR, LICENSOR, POSTER, STAKERS, TUNER, WATCHER, World, prose};
use settling::{
    after, commit_fault, cut, finalise, post, posting, prove, show, status, stolen, unsaid,
    withdraw,
};

/// Accounts of the load and of the stories.
const ACCOUNTS: [&str; 2] = ["--accounts", "26"];

/// Windows are counted in blocks of the L1, which come as fast as they can; withdrawals likewise.
const HASTE: [&str; 8] = [
    "--l1-block-time",
    "1",
    "--l1-slots-in-epoch",
    "1",
    "--withdrawal-delay",
    "4s",
    "--proposal-interval",
    "2s",
];

/// Balances of everybody who is paid, but for what they pay for gas: the shares are for accounts that send nothing.
async fn balances(economy: &Economy) -> Result<Vec<U256>> {
    let mut balances = Vec::new();
    for index in [LICENSOR, TUNER, COMPUTE, STAKERS] {
        let account = Account::development(index)?.address;
        balances.push(economy.l2.balance(account, "latest").await?);
    }
    Ok(balances)
}

/// What a contributor is paid by a claim.
fn claimed(receipt: &Receipt) -> Result<U256> {
    Ok(receipt.event::<IPayoutVault::Claimed>()?.amount)
}

/// The whole of it: a Datanet, three contributors of whom one improves another's work, a model, five answers paid in four ways; a wrong epoch that
/// is overturned, and its child with it; everybody is paid, one of them on the L1; and every wei of the fees is accounted for. All the while the chain
/// is under load, and a second node that has nothing but the L1 arrives at the same.
#[tokio::test]
async fn everybody_is_paid_to_the_wei() -> Result<()> {
    let node = NodeOptions::new()?
        .with(HASTE)
        .with(ACCOUNTS)
        .start()
        .await?;
    let mut load = Load::new(node.l2.chain_id().await?, 7)?;
    let working = load.start(&node.l2);
    let mut economy = Economy::of(&node.l2).await?;
    let world = World::build(&mut economy).await?;
    let payer = payer()?;

    // Answers of the model, which goes on where the prompt ends in somebody's words.
    let grain = prose("farmer", 120);
    let dough = prose("baker", 150);
    let edited = prose("editor", 100);
    let asks = [
        (&grain, 50),
        (&dough, 20),
        (&edited, 10),
        (&dough, 60),
        (&grain, 45),
    ];
    let mut said = Vec::new();
    for (whose, at) in asks {
        let begin: Vec<&str> = whose.split(' ').skip(at).take(4).collect();
        let is_public = said.len() != 3;
        said.push(world.ask(&mut economy, &payer, &begin.join(" "), is_public)?);
    }
    let mut fees = U256::ZERO;
    for one in &said {
        fees += one.fee(&economy).await?;
    }
    let first = world.pay(&economy, &payer, &said[0]).await?;
    let second = world.pay_wrapped(&economy, &payer, &said[1]).await?;
    let third = world.order(&economy, &payer, &said[2]).await?;
    for (said, paid) in said.iter().zip([&first, &second, &third]) {
        said.publish(&economy, &world.gateway, paid).await?;
    }
    let poster = Account::development(POSTER)?;
    let liar = Account::development(LIAR)?;
    let watcher = Account::development(WATCHER)?;
    let k = cut(&mut economy, &poster).await?;
    let (fourth, left) = world.by_voucher(&economy, &payer, &said[3..]).await?;
    ensure!(fourth.event::<IPayableAI::Redeemed>()?.answers == U256::from(2));
    let next = cut(&mut economy, &poster).await?;

    // The liar has what the baker earned, and goes on from it; who is honest posts beside it.
    let right = economy.follower.right(k)?;
    let wrong = stolen(&right, world.baker.id, world.farmer.id)?;
    let right_next = economy.follower.right(next)?;
    let bad = post(&economy, &liar, posting(k, 0, wrong.clone())?).await?;
    let child = after(&right_next, &wrong)?;
    let bad_child = post(&economy, &liar, posting(next, bad, child)?).await?;
    let good = post(&economy, &poster, right.posting(0)).await?;
    let good_next = post(&economy, &poster, right_next.posting(good)).await?;
    economy.follow().await?;
    let proof = economy.follower.find_fault(k, &wrong)?;
    let proof = proof.context("nothing is wrong with what was stolen")?;
    ensure!(economy.follower.find_fault(k, &right.epoch)?.is_none());
    // It proves nothing of the right one.
    commit_fault(&economy, &watcher, good, &proof).await?;
    unsaid(&economy, &watcher, &show(good, &proof)).await?;
    let fault = prove(&economy, &watcher, bad, &proof).await?;
    ensure!(fault == 8 || fault == 9, "F{fault}");
    ensure!(status(&economy, bad).await? == ISettlement::Status::FAULTED);
    let reclaim = ISettlement::reclaimCall {
        candidate: bad_child,
    };
    economy
        .send(&watcher, addresses::SETTLEMENT, reclaim)
        .await?;
    ensure!(status(&economy, bad_child).await? == ISettlement::Status::DEAD);
    finalise(&economy, &poster, good).await?;
    finalise(&economy, &poster, good_next).await?;
    economy.follow().await?;

    // Everybody claims, by the last epoch alone; by anyone, and one to the L1.
    let mut paid = U256::ZERO;
    for contributor in [&world.farmer, &world.baker] {
        let claim = right_next.claim(contributor.id).context("no row")?;
        let call = claim.payout(next);
        paid += claimed(&economy.send(&poster, addresses::PAYOUT_VAULT, call).await?)?;
    }
    let target = Address::repeat_byte(0x77);
    let claim = right_next.claim(world.editor.id).context("no row")?;
    let call = claim.payout_to_l1(next, target, 100_000);
    let receipt = economy
        .send(&world.editor.account, addresses::PAYOUT_VAULT, call)
        .await?;
    let on_l1 = claimed(&receipt)?;
    paid += on_l1;
    for (k, right) in [(k, &right), (next, &right_next)] {
        let feed = right.feed(world.model_version).context("nothing to feed")?;
        economy
            .send(&poster, addresses::PAYOUT_VAULT, feed.feed(k))
            .await?;
    }
    for row in &world.weights {
        let claim = Claim::of_weight(&world.weights, row.contributor)?;
        let call = claim.context("no weight")?.by_weight(world.model_version);
        let receipt = economy
            .send(&poster, addresses::TRAINING_ACCUMULATOR, call)
            .await?;
        paid += receipt.event::<ITrainingAccumulator::Claimed>()?.amount;
    }
    ensure!(on_l1 > U256::ZERO, "the editor earned nothing");

    // The other shares; and what is destroyed.
    let router = addresses::FEE_ROUTER;
    let before = balances(&economy).await?;
    let mut platform = U256::ZERO;
    for k in [k, next] {
        let call = IFeeRouter::distributeCall {
            k,
            modelVersion: world.model_version,
        };
        let receipt = economy.send(&poster, router, call).await?;
        let division = receipt.event::<IFeeRouter::Distributed>()?.division;
        ensure!(2 * division.burned >= division.platform, "{division:?}");
        platform += U256::from(division.platform - division.burned);
    }
    for index in [LICENSOR, TUNER, COMPUTE, STAKERS] {
        let account = Account::development(index)?.address;
        let call = IFeeRouter::withdrawCall { account };
        economy.send(&poster, router, call).await?;
    }
    let after = balances(&economy).await?;
    let shares = after
        .iter()
        .zip(&before)
        .map(|(after, before)| after - before);
    let shares: U256 = shares.sum();
    let burned = U256::from(economy.view(router, IFeeRouter::burnedCall {}).await?);

    // To the wei: payouts, shares, what is destroyed and the platform's are the fees; what is left anywhere is known.
    let accumulator = ITrainingAccumulator::accumulatorOfCall {
        modelVersion: world.model_version,
    };
    let carry = economy
        .view(addresses::TRAINING_ACCUMULATOR, accumulator)
        .await?;
    let carry = U256::from(carry.carry);
    ensure!(
        paid + shares + burned + platform + carry == fees,
        "{paid} + {shares} + {burned} + {platform} + {carry} != {fees}"
    );
    withdraw(&economy, &poster).await?;
    withdraw(&economy, &liar).await?;
    withdraw(&economy, &watcher).await?;
    for (contract, expected) in [
        (addresses::PAYABLE_AI, left),
        (addresses::SETTLEMENT, U256::ZERO),
        (addresses::PAYOUT_VAULT, U256::ZERO),
        (addresses::TRAINING_ACCUMULATOR, carry),
        // Nobody has asked for the treasury's part.
        (router, platform),
    ] {
        let balance = economy.l2.balance(contract, "latest").await?;
        ensure!(
            balance == expected,
            "{contract} has {balance}, not {expected}"
        );
    }

    exit::arrives(&node, &economy, &receipt, target, on_l1).await?;
    load.end(working).await?;
    load.settle(&node.l2).await?;
    // What is final is so for who has the L1 alone.
    node.rebuilds().await?;
    Ok(())
}
