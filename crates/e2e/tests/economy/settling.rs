//! Posting, watching and settling.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall, SolError, SolInterface};
use anyhow::{Result, ensure};
use openledger_attribution::{Epoch, Summed, epoch::tree};
use openledger_attributor::Right;
use openledger_contracts::{
    IAttributionVerifier, IDemandVerifier, IL1Block, ISettlement, addresses,
};
use openledger_e2e::{Account, Economy, hash_of, revert_of, until};

pub const SETTLEMENT: Address = addresses::SETTLEMENT;

/// Of every proof: what keeps a hash secret is what it is of.
const SALT: B256 = B256::repeat_byte(0x5a);

/// Cuts the next range as soon as that can be done; its number.
pub async fn cut(economy: &mut Economy, by: &Account) -> Result<u64> {
    let call = ISettlement::cutCall {};
    let receipt = until("a range is cut", async || {
        let receipt = economy.try_pay(by, SETTLEMENT, &call, U256::ZERO).await?;
        Ok(receipt.succeeded().then_some(receipt))
    })
    .await?;
    let event: ISettlement::Cut = receipt.event()?;
    // A posting names a block behind it.
    economy.l2.reach(receipt.block()? + 2).await?;
    economy.follow().await?;
    Ok(event.k)
}

/// Posts an epoch; the candidate's number.
pub async fn post(
    economy: &Economy,
    by: &Account,
    mut posting: ISettlement::Posting,
) -> Result<u64> {
    let anchor = economy.l2.height().await?;
    posting.anchor = anchor;
    posting.anchorHash = hash_of(&economy.l2.block(anchor).await?, "hash")?;
    let bond = ISettlement::bondOfCall {
        k: posting.k,
        parent: posting.parent,
    };
    let bond = economy.view(SETTLEMENT, bond).await?;
    let call = ISettlement::postCall {
        posting,
        dataRef: Bytes::from_static(b"ipfs://rows"),
    };
    let receipt = economy.pay(by, SETTLEMENT, call, bond).await?;
    Ok(receipt.event::<ISettlement::Posted>()?.candidate)
}

/// Commits to a proof, and waits for the block.
pub async fn commit_fault(
    economy: &Economy,
    by: &Account,
    candidate: u64,
    proof: &Bytes,
) -> Result<()> {
    let hash = ISettlement::faultHashCall {
        candidate,
        caller: by.address,
        proof: proof.clone(),
        salt: SALT,
    };
    let hash = economy.view(SETTLEMENT, hash).await?;
    let commit = ISettlement::commitFaultCall { hash };
    let receipt = economy.send(by, SETTLEMENT, commit).await?;
    economy.l2.reach(receipt.block()?).await
}

/// Shows a proof that was committed to.
pub fn show(candidate: u64, proof: &Bytes) -> ISettlement::proveCall {
    ISettlement::proveCall {
        candidate,
        proof: proof.clone(),
        salt: SALT,
    }
}

/// Commits to a proof and shows it a block later; the number of the fault.
pub async fn prove(economy: &Economy, by: &Account, candidate: u64, proof: &Bytes) -> Result<u8> {
    commit_fault(economy, by, candidate, proof).await?;
    let receipt = economy.send(by, SETTLEMENT, show(candidate, proof)).await?;
    Ok(receipt.event::<ISettlement::Faulted>()?.fault)
}

/// Demands something of a candidate; the fee.
pub async fn demand(
    economy: &Economy,
    by: &Account,
    candidate: u64,
    what: &IDemandVerifier::Demand,
) -> Result<U256> {
    let fee = ISettlement::DEMAND_FEECall {};
    let fee = U256::from(economy.view(SETTLEMENT, fee).await?);
    let call = ISettlement::demandCall {
        candidate,
        what: what.clone(),
    };
    economy.pay(by, SETTLEMENT, call, fee).await?;
    Ok(fee)
}

/// What answers a demand.
pub fn answering(
    candidate: u64,
    what: &IDemandVerifier::Demand,
    response: &Bytes,
) -> ISettlement::answerCall {
    ISettlement::answerCall {
        candidate,
        what: what.clone(),
        response: response.clone(),
    }
}

/// Passes when a verifier sees that a proof or a response shows nothing of the kind.
pub async fn unsaid<C: SolCall>(economy: &Economy, by: &Account, call: &C) -> Result<()> {
    let data = revert_of(&economy.l2, by.address, SETTLEMENT, &call.abi_encode()).await?;
    let why = IAttributionVerifier::IAttributionVerifierErrors::abi_decode(&data);
    ensure!(why.is_ok(), "{data}");
    Ok(())
}

/// Passes when the settlement refuses a call for this reason.
pub async fn refused<C: SolCall, E: SolError>(
    economy: &Economy,
    by: &Account,
    call: &C,
) -> Result<()> {
    let data = revert_of(&economy.l2, by.address, SETTLEMENT, &call.abi_encode()).await?;
    ensure!(data.starts_with(&E::SELECTOR), "{data}");
    Ok(())
}

/// What an account can have handed over.
pub async fn credit(economy: &Economy, of: &Account) -> Result<U256> {
    let call = ISettlement::creditOfCall {
        account: of.address,
    };
    economy.view(SETTLEMENT, call).await
}

/// Waits until the chain knows a block of the L1.
pub async fn reach_l1(economy: &Economy, block: u64) -> Result<()> {
    until(&format!("the L1's block {block}"), async || {
        let number = IL1Block::numberCall {};
        let number = economy.view(addresses::L1_BLOCK, number).await?;
        Ok((number >= block).then_some(()))
    })
    .await
}

/// The L1's block from which on a candidate can be final.
pub async fn window_end(economy: &Economy, candidate: u64) -> Result<u64> {
    let call = ISettlement::windowEndOfCall { candidate };
    economy.view(SETTLEMENT, call).await
}

/// Waits for the end of a candidate's window, and makes it final.
pub async fn finalise(economy: &Economy, by: &Account, candidate: u64) -> Result<()> {
    reach_l1(economy, window_end(economy, candidate).await?).await?;
    let call = ISettlement::finaliseCall { candidate };
    economy.send(by, SETTLEMENT, call).await?;
    Ok(())
}

/// What became of a candidate.
pub async fn status(economy: &Economy, candidate: u64) -> Result<ISettlement::Status> {
    let call = ISettlement::candidateOfCall { candidate };
    Ok(economy.view(SETTLEMENT, call).await?.status)
}

/// Has an account's coins handed over.
pub async fn withdraw(economy: &Economy, by: &Account) -> Result<()> {
    let call = ISettlement::withdrawCall {
        account: by.address,
    };
    economy.send(by, SETTLEMENT, call).await?;
    Ok(())
}

/// An epoch in which somebody has what another has earned, and all sums are right.
pub fn stolen(right: &Right, from: u64, by: u64) -> Result<Epoch> {
    let mut epoch = right.epoch.clone();
    let (from, by) = (usize::try_from(from)?, usize::try_from(by)?);
    let before: Vec<u128> = epoch
        .payouts
        .iter()
        .map(|part| part.row.cumulative - part.row.earned)
        .collect();
    let taken = std::mem::take(&mut epoch.payouts[from].earnings);
    ensure!(!taken.is_empty(), "there is nothing to steal");
    epoch.payouts[by].earnings.extend(taken);
    for (part, before) in epoch.payouts.iter_mut().zip(before) {
        part.earnings
            .sort_by_key(|earning| (earning.i, earning.tile, earning.hop));
        part.row.earned = part.earnings.iter().map(Summed::sum).sum();
        part.row.cumulative = before + part.row.earned;
        part.row.earnings_root = tree(&part.earnings)?.root();
    }
    Ok(epoch)
}

/// What somebody posts of an epoch that they made.
pub fn posting(k: u64, parent: u64, epoch: Epoch) -> Result<ISettlement::Posting> {
    let trees = epoch.trees()?;
    Ok(Right { k, epoch, trees }.posting(parent))
}

/// The next epoch, as it goes on from a wrong one.
pub fn after(right: &Right, wrong: &Epoch) -> Result<Epoch> {
    let mut epoch = right.epoch.clone();
    for (part, before) in epoch.payouts.iter_mut().zip(&wrong.payouts) {
        part.row.cumulative = before.row.cumulative + part.row.earned;
    }
    Ok(epoch)
}
