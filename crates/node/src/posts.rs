//! The batcher's transactions on their way to the L1: its border joined to the manager of its account's transactions.

use alloy_primitives::Address;
use alloy_signer_local::PrivateKeySigner;
use openledger_batcher::{Payload, Post, PostEvent, Posts};
use openledger_l1::{
    L1Client, L1Error, TxCandidate, TxEvent, TxManager, TxManagerConfig, TxPayload,
};
use std::time::Duration;
use tokio::sync::mpsc;

/// Starts sending from the signer's account to `inbox`. The tasks end with the batcher.
///
/// Fails when the L1 can not be read now. Later failures of its endpoint are waited out.
pub(crate) async fn start(
    client: L1Client,
    signer: PrivateKeySigner,
    inbox: Address,
) -> Result<Posts, L1Error> {
    let config = TxManagerConfig {
        name: "batcher",
        // The blocks of a development L1 come every two seconds.
        poll_interval: Duration::from_secs(1),
        ..TxManagerConfig::default()
    };
    let (manager, told) = TxManager::start(client, signer, config).await?;
    let nonce = manager.status().borrow().count;
    let (requests, requested) = mpsc::unbounded_channel();
    let (events, received) = mpsc::unbounded_channel();
    tokio::spawn(forward(manager, told, inbox, requested, events));
    Ok(Posts {
        requests,
        events: received,
        nonce,
    })
}

async fn forward(
    manager: TxManager,
    mut told: mpsc::UnboundedReceiver<TxEvent>,
    inbox: Address,
    mut requested: mpsc::UnboundedReceiver<Post>,
    events: mpsc::UnboundedSender<PostEvent>,
) {
    loop {
        tokio::select! {
            post = requested.recv() => match post {
                Some(Post::Send { nonce, payload }) => {
                    let payload = match payload {
                        Payload::Calldata(data) => TxPayload::Calldata(data),
                        Payload::Blobs(blobs) => TxPayload::Blobs(blobs),
                    };
                    manager.send(nonce, TxCandidate::new(inbox, payload));
                }
                Some(Post::Forget { below }) => manager.forget(below),
                None => return,
            },
            event = told.recv() => {
                let event = match event {
                    Some(TxEvent::Included { nonce, block }) => PostEvent::Included {
                        nonce,
                        l1_block: block.number,
                    },
                    Some(TxEvent::Excluded { from }) => PostEvent::Excluded { from },
                    Some(TxEvent::Confirmed { .. }) => continue,
                    None => return,
                };
                // The batcher ends; its requests say so next.
                let _ = events.send(event);
            }
        }
    }
}
