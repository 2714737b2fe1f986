//! Who is honest against who is not: copied proofs, demands that are made to hinder, a poster who vanishes.

use crate::{
    ACCOUNTS, HASTE,
    answers::payer,
    claimed,
    people::{COPIER, GRIEFER, LIAR, POSTER, WATCHER, World, prose},
    settling::{
        SETTLEMENT, answering, commit_fault, credit, cut, demand, finalise, post, posting,
        reach_l1, refused, show, status, stolen, unsaid, window_end, withdraw,
    },
};
use alloy_primitives::{B256, U256, keccak256};
use anyhow::{Context, Result, ensure};
use openledger_attributor::Right;
use openledger_contracts::{IDemandVerifier, IPayableAI, IPayoutVault, ISettlement, addresses};
use openledger_e2e::{Account, Anvil, Economy, NodeOptions};

/// Pays for an answer that goes on after somebody's words, publishes it and cuts the range; what the rules make of it.
async fn range(
    economy: &mut Economy,
    world: &World,
    payer: &Account,
    by: &Account,
    begin: (&str, usize),
) -> Result<Right> {
    let text = prose(begin.0, 150);
    let begin: Vec<&str> = text.split(' ').skip(begin.1).take(4).collect();
    let said = world.ask(economy, payer, &begin.join(" "), true)?;
    let paid = world.pay(economy, payer, &said).await?;
    said.publish(economy, &world.gateway, &paid).await?;
    let k = cut(economy, by).await?;
    Ok(economy.follower.right(k)?)
}

/// Lets the L1 go on to a block, and stand still again: windows pass when the story says so.
async fn pass(anvil: &Anvil, economy: &Economy, block: u64) -> Result<()> {
    anvil.mine_every(1).await?;
    // A few at a time: waiting for one of them is never long.
    for next in (anvil.rpc.height().await?..block).step_by(10) {
        anvil.rpc.reach(next).await?;
    }
    anvil.rpc.reach(block).await?;
    anvil.mine_every(0).await?;
    reach_l1(economy, block).await
}

fn asked(what: IDemandVerifier::What, a: u64, b: u64) -> IDemandVerifier::Demand {
    IDemandVerifier::Demand { what, a, b, c: 0 }
}

/// Who copies a proof has nothing; who demands to hinder pays who answers, and what is right is final all the same; who posts what nobody can see loses the bond; and
/// of a range that nobody settles nothing is lost: its data pool feeds the training weights, and the next one goes on from there.
#[tokio::test]
async fn nobody_gains_by_hindering() -> Result<()> {
    let anvil = Anvil::start().await?;
    let node = NodeOptions::new()?
        .with(HASTE)
        .with(ACCOUNTS)
        .with(["--l1-rpc", anvil.url()])
        .start()
        .await?;
    let mut economy = Economy::of(&node.l2).await?;
    let world = World::build(&mut economy).await?;
    let payer = payer()?;
    let poster = Account::development(POSTER)?;
    let liar = Account::development(LIAR)?;
    let watcher = Account::development(WATCHER)?;
    let griefer = Account::development(GRIEFER)?;
    let copier = Account::development(COPIER)?;
    let first = range(&mut economy, &world, &payer, &poster, ("farmer", 50)).await?;
    let second = range(&mut economy, &world, &payer, &poster, ("baker", 20)).await?;

    anvil.mine_every(0).await?;
    let wrong = stolen(&first, world.farmer.id, world.baker.id)?;
    let bad = post(&economy, &liar, posting(first.k, 0, wrong.clone())?).await?;
    let good = post(&economy, &poster, first.posting(0)).await?;
    let mut unseen = second.posting(good);
    unseen.payoutsTop = keccak256("rows that nobody has");
    let unseen = post(&economy, &liar, unseen).await?;

    // The copier sees the proof when it is shown: to commit to it is too late then, and what another has committed to is of no use.
    economy.follow().await?;
    let proof = economy.follower.find_fault(first.k, &wrong)?;
    let proof = proof.context("nothing is wrong with what was stolen")?;
    commit_fault(&economy, &watcher, bad, &proof).await?;
    let copied = show(bad, &proof);
    refused::<_, ISettlement::Settlement_NotCommitted>(&economy, &copier, &copied).await?;
    let overturned = economy
        .send(&watcher, SETTLEMENT, show(bad, &proof))
        .await?;
    let overturned: ISettlement::Faulted = overturned.event()?;
    ensure!(overturned.by == watcher.address, "{overturned:?}");
    commit_fault(&economy, &copier, bad, &proof).await?;
    refused::<_, ISettlement::Settlement_NotOpen>(&economy, &copier, &copied).await?;
    let tried = economy.try_pay(&copier, SETTLEMENT, &copied, U256::ZERO);
    ensure!(!tried.await?.succeeded(), "a copy is shown");
    ensure!(credit(&economy, &copier).await? == U256::ZERO);

    // All that the griefer demands of what is right is answered by somebody who has followed the chain.
    let answered = first.epoch.answers[0].0.i;
    let griefs = [
        asked(IDemandVerifier::What::PAYOUT, world.farmer.id, 0),
        asked(IDemandVerifier::What::PAYOUT, world.baker.id, 0),
        asked(IDemandVerifier::What::ANSWER, answered, 0),
        asked(IDemandVerifier::What::TILE, answered, 0),
        asked(IDemandVerifier::What::EARNING, world.farmer.id, 0),
    ];
    let mut fees = U256::ZERO;
    for what in &griefs {
        fees += demand(&economy, &griefer, good, what).await?;
    }
    let mut responses = Vec::new();
    for what in &griefs {
        let response = economy.follower.respond(&first, what)?;
        responses.push(response.context("nothing answers a demand")?);
    }
    // Somebody else's row is no answer.
    for (response, what) in [(&responses[0], &griefs[1]), (&responses[1], &griefs[0])] {
        let other = answering(good, what, response);
        unsaid(&economy, &watcher, &other).await?;
    }
    for (response, what) in responses.iter().zip(&griefs) {
        let call = answering(good, what, response);
        economy.send(&watcher, SETTLEMENT, call).await?;
    }

    // Nobody can show a row of what nobody has seen.
    let row = asked(IDemandVerifier::What::PAYOUT, world.farmer.id, 0);
    let fee = demand(&economy, &watcher, unseen, &row).await?;
    let right = economy.follower.respond(&second, &row)?;
    let right = right.context("nothing answers a demand")?;
    unsaid(&economy, &liar, &answering(unseen, &row, &right)).await?;
    let state = ISettlement::demandOfCall {
        candidate: unseen,
        what: row.clone(),
    };
    let until = economy.view(SETTLEMENT, state).await?.until;
    let withheld = ISettlement::faultByDemandCall {
        candidate: unseen,
        what: row,
    };
    refused::<_, ISettlement::Settlement_TooEarly>(&economy, &griefer, &withheld).await?;
    pass(&anvil, &economy, until).await?;
    let before = credit(&economy, &watcher).await?;
    let receipt = economy.send(&griefer, SETTLEMENT, withheld).await?;
    let withheld: ISettlement::Faulted = receipt.event()?;
    ensure!(withheld.fault == 0 && withheld.by == watcher.address);
    let after = credit(&economy, &watcher).await?;
    ensure!(after - before == fee + withheld.reward, "{after}");

    // The right one is final, whatever was demanded of it.
    pass(&anvil, &economy, window_end(&economy, good).await?).await?;
    finalise(&economy, &poster, good).await?;
    let before = credit(&economy, &watcher).await?;
    for what in griefs {
        let call = ISettlement::handOnFeeCall {
            candidate: good,
            what,
        };
        economy.send(&griefer, SETTLEMENT, call).await?;
    }
    ensure!(credit(&economy, &watcher).await? - before == fees);
    ensure!(credit(&economy, &griefer).await? == U256::ZERO);

    // Nobody settles the second range. What was earned before stays, and can be claimed by it.
    let wait = ISettlement::FALLBACK_TIMECall {};
    let wait = economy.view(SETTLEMENT, wait).await?;
    let cut = ISettlement::rangeOfCall { k: second.k };
    let cut = economy.view(SETTLEMENT, cut).await?;
    let fall_back = ISettlement::fallBackCall { k: second.k };
    refused::<_, ISettlement::Settlement_TooEarly>(&economy, &griefer, &fall_back).await?;
    pass(&anvil, &economy, cut.l1Block + wait).await?;
    let receipt = economy.send(&watcher, SETTLEMENT, fall_back).await?;
    let fallen: ISettlement::FellBack = receipt.event()?;
    ensure!(status(&economy, fallen.candidate).await? == ISettlement::Status::FINAL);
    let accrued = IPayableAI::accruedOfCall {
        k: second.k,
        modelVersion: world.model_version,
    };
    let accrued = economy.view(addresses::PAYABLE_AI, accrued).await?;
    let feed = ISettlement::feedFallbackCall {
        k: second.k,
        modelVersion: world.model_version,
    };
    let receipt = economy.send(&griefer, SETTLEMENT, feed).await?;
    let fed = receipt.event::<ISettlement::FallbackFed>()?.amount;
    ensure!(fed == U256::from(accrued.data) && fed == U256::from(fallen.pool));
    let root = async |k| -> Result<B256> {
        let call = IPayoutVault::payoutRootOfCall { k };
        economy.view(addresses::PAYOUT_VAULT, call).await
    };
    ensure!(root(first.k).await? == root(second.k).await?);
    let claim = first.claim(world.farmer.id).context("no row")?;
    let claim = claim.payout(second.k);
    let receipt = economy.send(&griefer, addresses::PAYOUT_VAULT, claim);
    let mut paid = claimed(&receipt.await?)?;
    ensure!(paid == U256::from(first.epoch.payouts[world.farmer.id as usize].row.cumulative));

    // The next range goes on from there; whoever has earned something by the first or the third is paid.
    let third = range(&mut economy, &world, &payer, &poster, ("farmer", 45)).await?;
    let last = post(&economy, &poster, third.posting(fallen.candidate)).await?;
    pass(&anvil, &economy, window_end(&economy, last).await?).await?;
    finalise(&economy, &poster, last).await?;
    for row in &third.epoch.payouts {
        let claim = third.claim(row.row.contributor).context("no row")?;
        let call = claim.payout(third.k);
        let receipt = economy.send(&griefer, addresses::PAYOUT_VAULT, call);
        paid += claimed(&receipt.await?).unwrap_or_default();
    }
    ensure!(paid == U256::from(third.trees.payouts.sum()));
    for right in [&first, &third] {
        // Where every word is somebody's nothing is left for the weights.
        let Some(feed) = right.feed(world.model_version) else {
            continue;
        };
        let call = feed.feed(right.k);
        economy
            .send(&griefer, addresses::PAYOUT_VAULT, call)
            .await?;
    }
    for account in [&poster, &watcher] {
        withdraw(&economy, account).await?;
    }
    // Every coin is somebody's.
    for contract in [SETTLEMENT, addresses::PAYOUT_VAULT] {
        let balance = economy.l2.balance(contract, "latest").await?;
        ensure!(balance == U256::ZERO, "{contract} has {balance}");
    }
    // What is final is so for who has the L1 alone.
    anvil.mine_every(1).await?;
    node.rebuilds().await.map(drop)
}
