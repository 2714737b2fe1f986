//! The L1 as derivation's thread asks for it: one call, one answer, with the next blocks fetched ahead.

use crate::{l1_endpoint::L1Endpoint, l1_inputs::InputsCache};
use alloy_primitives::{Address, B256, Bytes};
use anyhow::{Context, Result};
use openledger_genesis::RollupConfig;
use openledger_l1::{HeadTracker, L1Error, L1Event};
use openledger_primitives::BlockRef;
use openledger_protocol::{L1Block, L1BlockRef, L1Inputs};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{runtime::Handle, sync::broadcast::error::RecvError, task::JoinHandle};

/// L1 blocks that are fetched ahead of the one that is being read.
const AHEAD: u64 = 16;

/// Called with an L1 block's number and the batcher's payloads in it.
pub(crate) type Listener = Arc<dyn Fn(u64, &[Bytes]) + Send + Sync>;

/// Everything that derivation reads of one L1 block.
struct Fetched {
    block: L1Block,
    inputs: Arc<L1Inputs>,
    /// The batches of the batcher that was expected.
    payloads: Option<(Address, Vec<Bytes>)>,
}

/// What was read last: most requests are about it.
struct Current {
    block: L1Block,
    inputs: Arc<L1Inputs>,
    payloads: Option<(Address, Vec<Bytes>)>,
}

/// The L1 for a thread that waits for its answers. Must be made on a tokio runtime and used outside of it.
pub(crate) struct Source {
    l1: L1Endpoint,
    tracker: Arc<HeadTracker>,
    inputs: InputsCache,
    inbox: Address,
    runtime: Handle,
    reorgs: Arc<AtomicU64>,
    ahead: BTreeMap<u64, JoinHandle<Result<Option<Fetched>, L1Error>>>,
    /// Who wants to know the batcher's payloads as soon as they are here.
    listener: Option<Listener>,
    current: Option<Current>,
    /// Whose batches counted last: most likely they do in the next block too.
    batcher: Option<Address>,
}

impl Source {
    pub(crate) fn new(
        l1: L1Endpoint,
        tracker: Arc<HeadTracker>,
        inputs: InputsCache,
        rollup: &RollupConfig,
    ) -> Self {
        let reorgs = Arc::new(AtomicU64::new(0));
        let (mut events, counter) = (tracker.subscribe(), reorgs.clone());
        tokio::spawn(async move {
            loop {
                match events.recv().await {
                    Ok(L1Event::NewHead(_)) => {}
                    // What was missed may have been a reorganisation.
                    Ok(L1Event::Reorg { .. }) | Err(RecvError::Lagged(_)) => {
                        counter.fetch_add(1, Ordering::Release);
                    }
                    Err(RecvError::Closed) => return,
                }
            }
        });
        Self {
            l1,
            tracker,
            inputs,
            inbox: rollup.batch_inbox_address,
            runtime: Handle::current(),
            reorgs,
            ahead: BTreeMap::new(),
            current: None,
            batcher: None,
            listener: None,
        }
    }

    /// Reorganisations of the L1 so far.
    pub(crate) fn reorgs(&self) -> u64 {
        self.reorgs.load(Ordering::Acquire)
    }

    /// The newest finalized L1 block.
    pub(crate) fn finalized(&self) -> Option<L1BlockRef> {
        self.tracker.view().borrow().finalized
    }

    /// The canonical block of a height; `None` above the head.
    pub(crate) fn block(&mut self, number: u64) -> Result<Option<L1Block>> {
        if number > self.tracker.view().borrow().head.number {
            return Ok(None);
        }
        let fetched = self.take(number)?;
        self.look_ahead(number);
        let Some(fetched) = fetched else {
            return Ok(None);
        };
        let block = fetched.block;
        self.current = Some(Current {
            block,
            inputs: fetched.inputs,
            payloads: fetched.payloads,
        });
        Ok(Some(block))
    }

    /// True when a block is known to be no longer canonical.
    pub(crate) fn is_gone(&self, block: BlockRef) -> bool {
        self.tracker.is_canonical(block.number, block.hash) == Some(false)
    }

    /// What a block brings to the L2.
    pub(crate) fn inputs(&mut self, block: &L1Block) -> Result<Arc<L1Inputs>> {
        if let Some(current) = self.current_of(block.hash) {
            return Ok(current.inputs.clone());
        }
        Ok(self.runtime.block_on(self.inputs.fetch(block))?)
    }

    /// The same for a block of which only number and hash are known.
    pub(crate) fn inputs_of(&mut self, block: BlockRef) -> Result<Arc<L1Inputs>> {
        if let Some(inputs) = self.inputs.get(block.hash) {
            return Ok(inputs);
        }
        let client = self.l1.client();
        let found = self.runtime.block_on(client.block_by_hash(block.hash))?;
        let found = found
            .ok_or(L1Error::Gone(block.hash))
            .context("an L1 block that was read before")?;
        self.inputs(&found)
    }

    /// The batcher's payloads in a block, in order.
    pub(crate) fn payloads(&mut self, block: BlockRef, batcher: Address) -> Result<Vec<Bytes>> {
        self.expect_batcher(batcher);
        let current = self
            .current
            .as_mut()
            .filter(|at| at.block.hash == block.hash);
        let found = match current {
            Some(current) => match current.payloads.take() {
                Some((of, payloads)) if of == batcher => return Ok(payloads),
                _ => current.block,
            },
            None => {
                let client = self.l1.client();
                self.runtime
                    .block_on(client.block_by_hash(block.hash))?
                    .ok_or(L1Error::Gone(block.hash))?
            }
        };
        let payloads = self.l1.endpoints.payloads(&found, self.inbox, batcher);
        Ok(self.runtime.block_on(payloads)?)
    }

    /// Says whose batches count from now on, as far as is known. What was fetched for another batcher is fetched anew.
    pub(crate) fn expect_batcher(&mut self, batcher: Address) {
        if self.batcher.replace(batcher) != Some(batcher) {
            self.forget_before(u64::MAX);
        }
    }

    /// Tells the batcher's payloads in every block that is fetched ahead from now on, in any order. What was fetched before is
    /// fetched anew.
    pub(crate) fn listen(&mut self, listener: Listener) {
        self.listener = Some(listener);
        self.forget_before(u64::MAX);
    }

    /// Forgets what was fetched ahead for blocks below a height.
    pub(crate) fn forget_before(&mut self, number: u64) {
        let keep = self.ahead.split_off(&number);
        for (_, task) in std::mem::replace(&mut self.ahead, keep) {
            task.abort();
        }
    }

    /// Forgets everything that was fetched: derivation begins somewhere else.
    pub(crate) fn forget(&mut self) {
        self.forget_before(u64::MAX);
        self.current = None;
    }

    fn current_of(&self, hash: B256) -> Option<&Current> {
        self.current.as_ref().filter(|at| at.block.hash == hash)
    }

    fn take(&mut self, number: u64) -> Result<Option<Fetched>> {
        let task = match self.ahead.remove(&number) {
            Some(task) => task,
            None => self.spawn(number),
        };
        match self.runtime.block_on(task) {
            Ok(Ok(Some(fetched))) => {
                // The chain may have moved since it was fetched.
                let block = &fetched.block;
                match self.tracker.is_canonical(block.number, block.hash) {
                    Some(false) => Ok(self.runtime.block_on(self.fetcher(number))?),
                    _ => Ok(Some(fetched)),
                }
            }
            Ok(outcome) => Ok(outcome?),
            // Only what is forgotten is aborted, and nothing there panics: fetched anew, it tells why.
            Err(_) => Ok(self.runtime.block_on(self.fetcher(number))?),
        }
    }

    fn look_ahead(&mut self, number: u64) {
        let head = self.tracker.view().borrow().head.number;
        for next in number + 1..=head.min(number + AHEAD) {
            if !self.ahead.contains_key(&next) {
                let task = self.spawn(next);
                self.ahead.insert(next, task);
            }
        }
    }

    fn spawn(&self, number: u64) -> JoinHandle<Result<Option<Fetched>, L1Error>> {
        self.runtime.spawn(self.fetcher(number))
    }

    fn fetcher(
        &self,
        number: u64,
    ) -> impl Future<Output = Result<Option<Fetched>, L1Error>> + Send + use<> {
        let (l1, inputs) = (self.l1.clone(), self.inputs.clone());
        let (inbox, batcher) = (self.inbox, self.batcher);
        let listener = self.listener.clone();
        let tracker = self.tracker.clone();
        async move {
            // The tracker's chain where it reaches: an endpoint that takes another one's place may be on another branch.
            let block = match tracker.canonical(number) {
                Some(block) => block,
                None => match l1.client().block_by_number(number).await? {
                    Some(block) => block,
                    None => return Ok(None),
                },
            };
            let payloads = async {
                match batcher {
                    Some(batcher) => {
                        let payloads = l1.endpoints.payloads(&block, inbox, batcher).await?;
                        if let Some(listener) = listener {
                            listener(number, &payloads);
                        }
                        Ok(Some((batcher, payloads)))
                    }
                    None => Ok::<_, L1Error>(None),
                }
            };
            let (inputs, payloads) = tokio::try_join!(inputs.fetch(&block), payloads)?;
            Ok(Some(Fetched {
                block,
                inputs,
                payloads,
            }))
        }
    }
}
