//! A model of both chains, so that tests are stories: an L1 of blocks with deposits and payloads, an L2 that takes whatever is
//! derived, and a node that answers the pipeline's requests from them.

use crate::{
    Derived, L2Head, PayloadAttributes, Pipeline, Request, ResetReason, Step, prepare, start_number,
};
use alloy_consensus::{
    Header, Sealable, SignableTransaction, TxEip1559, TxEip2930, TxEip7702, TxLegacy,
};
use alloy_primitives::{Address, B64, B256, Bytes, TxKind, U256, address, keccak256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use openledger_genesis::{ChainOpConfig, RollupConfig, RollupGenesis, SystemConfig};
use openledger_primitives::{Block, BlockRef, Tx, TxEnvelope};
use openledger_protocol::{
    Batch, ChannelId, Compression, ConfigUpdate, Frame, L1Block, L1BlockInfo, L1InfoFormat,
    L1Inputs, L2BlockRef, SingularBatch, SpanBatch, SpanBlock, SpanContext, batch_rlp, compress,
    encode_frames, l1_info_deposit, user_deposit_source,
};
use std::{
    collections::HashSet,
    sync::{Arc, OnceLock},
};

/// The sender whose batches count.
pub(crate) const BATCHER: Address = address!("00000000000000000000000000000000000ba7c4");

/// The L1 block at which the chain begins.
pub(crate) const FIRST_L1: u64 = 10;

/// Seconds between L1 blocks, unless a story says otherwise.
pub(crate) const L1_TIME: u64 = 12;

/// Seconds between L2 blocks.
pub(crate) const L2_TIME: u64 = 2;

/// Timestamp of both genesis blocks.
pub(crate) const GENESIS_TIME: u64 = 1_000_000;

const CHAIN_ID: u64 = 777;

/// Zlib at the level that tests use everywhere it does not matter.
pub(crate) const ZLIB: Compression = Compression::Zlib { level: 1 };

/// An L1 block of the first branch.
pub(crate) fn l1_block(number: u64, timestamp: u64) -> L1Block {
    l1_block_of_branch(0, 0, number, timestamp)
}

/// An L1 block; branches part at `fork`.
fn l1_block_of_branch(branch: u8, fork: u64, number: u64, timestamp: u64) -> L1Block {
    let hash = |number: u64| {
        let branch = if number >= fork { branch } else { 0 };
        keccak256([&[branch][..], &number.to_be_bytes()].concat())
    };
    L1Block {
        number,
        hash: hash(number),
        parent_hash: hash(number.saturating_sub(1)),
        timestamp,
        base_fee: 7 + number,
        excess_blob_gas: Some(0),
        blob_base_fee: 1 + u128::from(number),
        prev_randao: keccak256(number.to_be_bytes()),
        parent_beacon_block_root: keccak256(timestamp.to_be_bytes()),
        receipts_root: B256::ZERO,
        gas_limit: 30_000_000,
    }
}

/// A deposit with so much calldata.
pub(crate) fn deposit_of_size(bytes: usize) -> Tx {
    deposit(B256::ZERO, 0, bytes)
}

fn deposit(l1_hash: B256, log_index: u64, bytes: usize) -> Tx {
    let from = Address::with_last_byte(9);
    let mut deposit = l1_info_deposit(&L1BlockInfo::default(), L1InfoFormat::Jovian);
    deposit.source_hash = user_deposit_source(l1_hash, log_index);
    deposit.from = from;
    deposit.to = TxKind::Call(Address::with_last_byte(8));
    deposit.mint = 5;
    deposit.value = U256::from(log_index);
    deposit.input = vec![0xab; bytes].into();
    Tx::with_signer(TxEnvelope::Deposit(deposit.seal_slow()), from)
}

/// Signed transactions of every type that a batch may hold, made once: signing is what would make tests slow.
pub(crate) fn pool() -> &'static [Tx] {
    static POOL: OnceLock<Vec<Tx>> = OnceLock::new();
    POOL.get_or_init(|| {
        let signer = PrivateKeySigner::from_bytes(&B256::with_last_byte(1)).expect("a valid key");
        (0..32).map(|i| signed(&signer, i)).collect()
    })
}

fn signed(signer: &PrivateKeySigner, i: u64) -> Tx {
    let to = match i % 3 {
        0 => TxKind::Create,
        _ => TxKind::Call(Address::with_last_byte(i as u8)),
    };
    let call = Address::with_last_byte(i as u8);
    let input = Bytes::from(vec![i as u8; (i * 7 % 60) as usize]);
    let gas_limit = 21_000 + i;
    macro_rules! sign {
        ($variant:ident, $tx:expr) => {{
            let tx = $tx;
            let signature = signer.sign_hash_sync(&tx.signature_hash()).expect("signs");
            TxEnvelope::$variant(tx.into_signed(signature))
        }};
    }
    let envelope = match i % 5 {
        0 => sign!(
            Legacy,
            TxLegacy {
                chain_id: Some(CHAIN_ID),
                nonce: i,
                gas_price: 9,
                gas_limit,
                to,
                value: U256::from(i),
                input
            }
        ),
        1 => sign!(
            Legacy,
            TxLegacy {
                chain_id: None,
                nonce: i,
                gas_price: 9,
                gas_limit,
                to,
                value: U256::ZERO,
                input
            }
        ),
        2 => sign!(
            Eip2930,
            TxEip2930 {
                chain_id: CHAIN_ID,
                nonce: i,
                gas_price: 9,
                gas_limit,
                to,
                input,
                ..Default::default()
            }
        ),
        3 => sign!(
            Eip1559,
            TxEip1559 {
                chain_id: CHAIN_ID,
                nonce: i,
                gas_limit,
                max_fee_per_gas: 9,
                max_priority_fee_per_gas: 1,
                to,
                input,
                ..Default::default()
            }
        ),
        _ => sign!(
            Eip7702,
            TxEip7702 {
                chain_id: CHAIN_ID,
                nonce: i,
                gas_limit,
                max_fee_per_gas: 9,
                max_priority_fee_per_gas: 1,
                to: call,
                input,
                ..Default::default()
            }
        ),
    };
    Tx::recover(envelope).expect("recovers")
}

fn rollup(seq_window_size: u64, jovian: bool) -> (RollupConfig, Block) {
    let first = l1_block(FIRST_L1, GENESIS_TIME);
    let system_config = SystemConfig {
        batcher_addr: BATCHER,
        overhead: B256::ZERO,
        scalar: SystemConfig::encode_scalars(11, 22),
        gas_limit: 30_000_000,
        eip1559_params: B64::ZERO,
        operator_fee_params: SystemConfig::encode_operator_fee(3, 4),
        min_base_fee: 0,
        da_footprint_gas_scalar: 0,
    };
    let genesis = Block::new(
        Header {
            timestamp: GENESIS_TIME,
            gas_limit: 30_000_000,
            ..Default::default()
        },
        Vec::new(),
        Some(Default::default()),
    );
    let zero = Some(0);
    let rollup = RollupConfig {
        genesis: RollupGenesis {
            l1: first.id(),
            l2: genesis.block_ref(),
            l2_time: GENESIS_TIME,
            system_config,
        },
        block_time: L2_TIME,
        max_sequencer_drift: 600,
        seq_window_size,
        channel_timeout: 300,
        l1_chain_id: 1,
        l2_chain_id: CHAIN_ID,
        regolith_time: zero,
        canyon_time: zero,
        delta_time: zero,
        ecotone_time: zero,
        fjord_time: zero,
        granite_time: zero,
        holocene_time: zero,
        isthmus_time: zero,
        jovian_time: jovian.then_some(0),
        batch_inbox_address: RollupConfig::conventional_inbox(CHAIN_ID),
        deposit_contract_address: Address::with_last_byte(2),
        l1_system_config_address: Address::with_last_byte(3),
        chain_op_config: ChainOpConfig {
            eip1559_elasticity: 6,
            eip1559_denominator: 50,
            eip1559_denominator_canyon: 250,
        },
    };
    (rollup, genesis)
}

#[derive(Debug, Clone)]
struct L1Entry {
    inputs: L1Inputs,
    /// In the order of the block, with their senders.
    payloads: Vec<(Address, Bytes)>,
}

/// The L1, and where the L2 begins.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) rollup: Arc<RollupConfig>,
    pub(crate) genesis: Arc<Block>,
    l1: Vec<L1Entry>,
    /// Blocks from the second on belong to the first's branch.
    branch: (u8, u64),
}

impl World {
    /// A Jovian chain whose L1 has its first block only.
    pub(crate) fn new(seq_window_size: u64) -> Self {
        Self::of_fork(seq_window_size, true)
    }

    pub(crate) fn of_fork(seq_window_size: u64, jovian: bool) -> Self {
        let (rollup, genesis) = rollup(seq_window_size, jovian);
        let mut world = Self {
            rollup: Arc::new(rollup),
            genesis: Arc::new(genesis),
            l1: Vec::new(),
            branch: (0, 0),
        };
        world.mine_at(GENESIS_TIME);
        world
    }

    /// Appends L1 blocks.
    pub(crate) fn mine(&mut self, blocks: u64) {
        for _ in 0..blocks {
            let last = self
                .l1
                .last()
                .map_or(GENESIS_TIME, |b| b.inputs.block.timestamp);
            self.mine_at(last + L1_TIME);
        }
    }

    /// Appends one L1 block.
    pub(crate) fn mine_at(&mut self, timestamp: u64) {
        let number = FIRST_L1 + self.l1.len() as u64;
        let (branch, fork) = self.branch;
        self.l1.push(L1Entry {
            inputs: L1Inputs {
                block: l1_block_of_branch(branch, fork, number, timestamp),
                deposits: Vec::new(),
                config_updates: Vec::new(),
            },
            payloads: Vec::new(),
        });
    }

    /// Drops the L1 blocks from `number` on and goes on with another branch.
    pub(crate) fn reorg(&mut self, number: u64) {
        self.l1.truncate((number - FIRST_L1) as usize);
        self.branch = (1, number);
    }

    fn entry(&mut self, number: u64) -> &mut L1Entry {
        &mut self.l1[(number - FIRST_L1) as usize]
    }

    /// Number of the newest L1 block.
    pub(crate) fn head(&self) -> u64 {
        FIRST_L1 + self.l1.len() as u64 - 1
    }

    pub(crate) fn inputs(&self, number: u64) -> Option<&L1Inputs> {
        let index = number.checked_sub(FIRST_L1)?;
        self.l1.get(index as usize).map(|entry| &entry.inputs)
    }

    /// What was posted in an L1 block, in order.
    pub(crate) fn posted(&self, number: u64) -> Vec<Bytes> {
        let entry = &self.l1[(number - FIRST_L1) as usize];
        entry
            .payloads
            .iter()
            .map(|(_, data)| data.clone())
            .collect()
    }

    /// A batcher's payload in an L1 block.
    pub(crate) fn post(&mut self, number: u64, payload: impl Into<Bytes>) {
        self.post_from(BATCHER, number, payload);
    }

    pub(crate) fn post_from(&mut self, sender: Address, number: u64, payload: impl Into<Bytes>) {
        self.entry(number).payloads.push((sender, payload.into()));
    }

    /// A channel in one payload.
    pub(crate) fn post_channel(&mut self, number: u64, channel: Vec<u8>) {
        let id = keccak256(&channel);
        let mut name = [0; 16];
        name.copy_from_slice(&id[..16]);
        self.post(
            number,
            encode_frames(&frames(ChannelId(name), &channel, usize::MAX)),
        );
    }

    /// A channel of the given batches in one payload.
    pub(crate) fn post_batches(&mut self, number: u64, batches: &[Batch]) {
        let channel = self.channel(batches, ZLIB);
        self.post_channel(number, channel);
    }

    pub(crate) fn add_deposit(&mut self, number: u64, bytes: usize) {
        let entry = self.entry(number);
        let index = entry.inputs.deposits.len() as u64;
        let tx = deposit(entry.inputs.block.hash, index, bytes);
        entry.inputs.deposits.push(tx);
    }

    pub(crate) fn update_config(&mut self, number: u64, update: ConfigUpdate) {
        self.entry(number).inputs.config_updates.push(update);
    }

    /// The compressed content of a channel.
    pub(crate) fn channel(&self, batches: &[Batch], compression: Compression) -> Vec<u8> {
        let context = SpanContext::of(&self.rollup);
        let mut content = Vec::new();
        for batch in batches {
            batch_rlp(&batch.encode(&context).expect("encodes"), &mut content);
        }
        compress(&content, compression)
    }

    /// Builds L2 blocks on `chain` as a sequencer would: each adopts the next origin when the plan says so and the time allows.
    pub(crate) fn sequence(&self, chain: &mut Vec<Arc<Block>>, plan: &[BlockPlan]) {
        for block in plan {
            let parent = self.head_of(chain.last().expect("the genesis block"));
            let timestamp = parent.block.timestamp + L2_TIME;
            let origin = parent.block.l1_origin.number;
            let next = self
                .inputs(origin + 1)
                .filter(|next| block.adopt && next.block.timestamp <= timestamp);
            let current = self.inputs(origin).expect("the parent's origin");
            let mut attributes =
                prepare(&self.rollup, &parent, &next.unwrap_or(current).block, next);
            attributes.transactions = block.transactions();
            chain.push(Arc::new(
                self.seal(&attributes, parent.block.hash, &HashSet::new())
                    .expect("valid transactions"),
            ));
        }
    }

    pub(crate) fn head_of(&self, block: &Block) -> L2Head {
        L2Head::of_block(block, &self.rollup).expect("a derived block")
    }

    /// Makes the block, as an engine would. `None`: invalid.
    pub(crate) fn seal(
        &self,
        attributes: &PayloadAttributes,
        parent_hash: B256,
        refused: &HashSet<B256>,
    ) -> Option<Block> {
        let mut transactions = attributes.forced.clone();
        for bytes in &attributes.transactions {
            let tx = Tx::decode(bytes).ok()?;
            if tx.is_deposit() || refused.contains(&tx.hash()) {
                return None;
            }
            transactions.push(tx);
        }
        let defaults = self.rollup.chain_op_config;
        let (denominator, elasticity) = attributes.config.eip1559().map_or(
            (
                defaults.eip1559_denominator_canyon,
                defaults.eip1559_elasticity,
            ),
            |params| (params.denominator, params.elasticity),
        );
        let mut extra_data = vec![u8::from(attributes.min_base_fee.is_some())];
        extra_data.extend_from_slice(&denominator.to_be_bytes());
        extra_data.extend_from_slice(&elasticity.to_be_bytes());
        extra_data.extend(
            attributes
                .min_base_fee
                .iter()
                .flat_map(|fee| fee.to_be_bytes()),
        );
        let header = Header {
            parent_hash,
            number: attributes.number,
            timestamp: attributes.timestamp,
            beneficiary: attributes.fee_recipient,
            mix_hash: attributes.prev_randao,
            parent_beacon_block_root: Some(attributes.parent_beacon_block_root),
            gas_limit: attributes.gas_limit,
            extra_data: extra_data.into(),
            transactions_root: Block::transactions_root(&transactions),
            ..Default::default()
        };
        Some(Block::new(header, transactions, Some(Default::default())))
    }
}

/// One block of a sequencer's plan.
#[derive(Debug, Clone, Default)]
pub(crate) struct BlockPlan {
    /// Adopt the next origin if the time allows.
    pub(crate) adopt: bool,
    /// Indices into [`pool`].
    pub(crate) transactions: Vec<usize>,
}

impl BlockPlan {
    /// So many blocks with one transaction each, that adopt origins as they come.
    pub(crate) fn usual(blocks: usize) -> Vec<Self> {
        (0..blocks)
            .map(|i| Self {
                adopt: true,
                transactions: vec![i % pool().len()],
            })
            .collect()
    }

    fn transactions(&self) -> Vec<Bytes> {
        self.transactions
            .iter()
            .map(|i| pool()[i % pool().len()].encoded().clone())
            .collect()
    }
}

/// The frames of a channel, of at most so many bytes each.
pub(crate) fn frames(channel: ChannelId, content: &[u8], size: usize) -> Vec<Frame> {
    let chunks: Vec<&[u8]> = content.chunks(size.max(1)).collect();
    let last = chunks.len().saturating_sub(1);
    chunks
        .into_iter()
        .enumerate()
        .map(|(i, data)| Frame {
            channel,
            number: i as u16,
            data: Bytes::copy_from_slice(data),
            is_last: i == last,
        })
        .collect()
}

fn own_transactions(block: &Block) -> Vec<Bytes> {
    let own = block.transactions.iter().filter(|tx| !tx.is_deposit());
    own.map(|tx| tx.encoded().clone()).collect()
}

/// The block as a batch on its own.
pub(crate) fn singular(world: &World, block: &Block) -> SingularBatch {
    SingularBatch {
        parent_hash: block.header.parent_hash,
        epoch: world.head_of(block).block.l1_origin,
        timestamp: block.header.timestamp,
        transactions: own_transactions(block),
    }
}

/// The blocks, each as a batch on its own.
pub(crate) fn singulars(world: &World, blocks: &[Arc<Block>]) -> Vec<Batch> {
    let batch = |block: &Arc<Block>| Batch::Singular(singular(world, block));
    blocks.iter().map(batch).collect()
}

/// The blocks as one span.
pub(crate) fn span(world: &World, blocks: &[Arc<Block>]) -> SpanBatch {
    let prefix = |hash: B256| {
        let mut check = [0; 20];
        check.copy_from_slice(&hash[..20]);
        check
    };
    let refs: Vec<L2BlockRef> = blocks.iter().map(|b| world.head_of(b).block).collect();
    let (first, last) = (
        refs.first().expect("a block"),
        refs.last().expect("a block"),
    );
    SpanBatch {
        parent_check: prefix(first.parent_hash),
        l1_origin_check: prefix(last.l1_origin.hash),
        first_origin_changed: first.sequence_number == 0,
        blocks: refs
            .iter()
            .zip(blocks)
            .map(|(block, sealed)| SpanBlock {
                epoch_number: block.l1_origin.number,
                timestamp: block.timestamp,
                transactions: own_transactions(sealed),
            })
            .collect(),
    }
}

/// A node: it answers the pipeline from the world and makes every block that is derived.
pub(crate) struct Node<'w> {
    pub(crate) world: &'w World,
    pub(crate) pipeline: Pipeline,
    /// From the genesis block on.
    pub(crate) chain: Vec<Arc<Block>>,
    /// What was derived, in order. A refused block is here twice.
    pub(crate) derived: Vec<Derived>,
    /// L1 blocks that were read to their end, each with the number of the safe block then.
    pub(crate) checkpoints: Vec<(u64, u64)>,
    /// Hashes of transactions that the engine calls invalid.
    pub(crate) refused: HashSet<B256>,
    /// Requests, in order.
    pub(crate) requests: Vec<Request>,
}

impl<'w> Node<'w> {
    /// A node that knows the genesis block.
    pub(crate) fn new(world: &'w World) -> Self {
        Self::restarted(world, vec![world.genesis.clone()], None).expect("the genesis origin")
    }

    /// A node that has a safe chain already, and maybe knows up to which L1 block it had read.
    pub(crate) fn restarted(
        world: &'w World,
        chain: Vec<Arc<Block>>,
        read_through: Option<u64>,
    ) -> Result<Self, ResetReason> {
        let safe = world.head_of(chain.last().expect("the genesis block"));
        let start = start_number(&world.rollup, safe.block.l1_origin.number);
        // The configuration as of the start: the genesis one, with every update since.
        let mut config = world.rollup.genesis.system_config.clone();
        for number in FIRST_L1 + 1..=start {
            let inputs = world.inputs(number).expect("canonical");
            inputs.apply_updates(&mut config);
        }
        let inputs = world.inputs(start).expect("canonical").clone();
        let mut pipeline = Pipeline::new(world.rollup.clone(), safe, inputs, config)?;
        if let Some(number) = read_through {
            pipeline = pipeline.read_through(number);
        }
        Ok(Self {
            world,
            pipeline,
            chain,
            derived: Vec::new(),
            checkpoints: Vec::new(),
            refused: HashSet::new(),
            requests: Vec::new(),
        })
    }

    /// Runs until the L1 has no more blocks.
    pub(crate) fn run(&mut self) -> Result<(), ResetReason> {
        self.run_until(|_| false)
    }

    /// Runs until the L1 has no more blocks or the condition holds before a step.
    pub(crate) fn run_until(&mut self, stop: impl Fn(&Self) -> bool) -> Result<(), ResetReason> {
        while !stop(self) && self.advance()? {}
        Ok(())
    }

    /// Answers one step. False when it has to wait for the L1.
    pub(crate) fn advance(&mut self) -> Result<bool, ResetReason> {
        let step = self.pipeline.step();
        assert_eq!(
            step,
            self.pipeline.step(),
            "a step stays the same until it is answered"
        );
        match step {
            Step::Derived(derived) => self.make(*derived)?,
            Step::Need(request) => {
                self.requests.push(request);
                match request {
                    Request::L1Block { number, .. } => {
                        let safe = self.pipeline.head().block.number;
                        if self.checkpoints.last() != Some(&(number - 1, safe)) {
                            self.checkpoints.push((number - 1, safe));
                        }
                        match self.world.inputs(number) {
                            Some(inputs) => self.pipeline.on_l1_block(inputs.clone())?,
                            None => return Ok(false),
                        }
                    }
                    Request::Inbox { block, batcher } => {
                        let entry = &self.world.l1[(block.number - FIRST_L1) as usize];
                        assert_eq!(entry.inputs.block.id(), block);
                        let own = entry.payloads.iter().filter(|(from, _)| *from == batcher);
                        self.pipeline
                            .on_inbox(own.map(|(_, data)| data.clone()).collect())?;
                    }
                    Request::L1Inputs(block) => {
                        let inputs = self.world.inputs(block.number).expect("read before");
                        self.pipeline.on_l1_inputs(inputs.clone())?;
                    }
                    Request::L2Blocks { from, to } => {
                        assert!(to - from < 64);
                        let blocks = self.chain[from as usize..=to as usize].to_vec();
                        self.pipeline.on_l2_blocks(blocks)?;
                    }
                }
            }
        }
        Ok(true)
    }

    fn make(&mut self, derived: Derived) -> Result<(), ResetReason> {
        let sealed = self
            .world
            .seal(&derived.attributes, derived.parent.hash, &self.refused);
        assert!(
            sealed.is_some() || !derived.deposits_only,
            "deposits are always valid"
        );
        self.derived.push(derived);
        match sealed {
            None => self.pipeline.on_rejected(),
            Some(block) => {
                let head = self.world.head_of(&block);
                self.chain.push(Arc::new(block));
                self.pipeline.on_applied(head)?;
            }
        }
        Ok(())
    }

    /// The safe block.
    pub(crate) fn safe(&self) -> BlockRef {
        self.chain.last().expect("the genesis block").block_ref()
    }
}

/// Decisions for a random story, taken one by one from a list that proptest can shrink.
#[derive(Debug, Clone)]
pub(crate) struct Choices {
    list: Vec<u16>,
    at: usize,
}

impl Choices {
    pub(crate) fn new(list: Vec<u16>) -> Self {
        Self { list, at: 0 }
    }

    /// A number below `below`.
    pub(crate) fn next(&mut self, below: usize) -> usize {
        let choice = self
            .list
            .get(self.at % self.list.len().max(1))
            .copied()
            .unwrap_or(0);
        self.at += 1;
        // The round through the list changes the answers of the next one.
        (usize::from(choice) + self.at / self.list.len().max(1)) % below
    }

    /// A plan for so many blocks.
    pub(crate) fn plan(&mut self, blocks: usize) -> Vec<BlockPlan> {
        (0..blocks)
            .map(|_| BlockPlan {
                adopt: self.next(4) != 0,
                transactions: (0..self.next(4)).map(|_| self.next(pool().len())).collect(),
            })
            .collect()
    }

    /// The blocks in batches of either kind.
    pub(crate) fn batches(&mut self, world: &World, mut blocks: &[Arc<Block>]) -> Vec<Batch> {
        let mut batches = Vec::new();
        while !blocks.is_empty() {
            let count = (1 + self.next(12)).min(blocks.len());
            let (some, rest) = blocks.split_at(count);
            match self.next(2) {
                0 => batches.extend(singulars(world, some)),
                _ => batches.push(Batch::Span(span(world, some))),
            }
            blocks = rest;
        }
        batches
    }

    /// The blocks in payloads, each with the first L1 block that it can be in: several channels, several frames in each, several
    /// frames in a payload.
    pub(crate) fn payloads(
        &mut self,
        world: &World,
        mut blocks: &[Arc<Block>],
    ) -> Vec<(u64, Bytes)> {
        let mut all = Vec::new();
        while !blocks.is_empty() {
            let count = (1 + self.next(30)).min(blocks.len());
            let (some, rest) = blocks.split_at(count);
            let earliest = some
                .last()
                .map_or(0, |b| world.head_of(b).block.l1_origin.number)
                + 1;
            let compression = match self.next(3) {
                0 => Compression::Zlib { level: 6 },
                1 => ZLIB,
                _ => Compression::Brotli {
                    quality: 5,
                    window: 18,
                },
            };
            let content = world.channel(&self.batches(world, some), compression);
            let size = content.len() / (1 + self.next(12)) + 1;
            let name = keccak256([&content[..], &all.len().to_be_bytes()].concat());
            let mut id = [0; 16];
            id.copy_from_slice(&name[..16]);
            all.extend(
                frames(ChannelId(id), &content, size)
                    .into_iter()
                    .map(|f| (earliest, f)),
            );
            blocks = rest;
        }
        let mut payloads = Vec::new();
        let mut all = all.into_iter().peekable();
        while all.peek().is_some() {
            let group: Vec<(u64, Frame)> = all.by_ref().take(1 + self.next(3)).collect();
            let earliest = group.iter().map(|(l1, _)| *l1).max().unwrap_or(0);
            let group: Vec<Frame> = group.into_iter().map(|(_, frame)| frame).collect();
            payloads.push((earliest, encode_frames(&group).into()));
        }
        payloads
    }
}

/// So many cases, or as many as `PROPTEST_CASES` says.
pub(crate) fn cases(usual: u32) -> proptest::test_runner::Config {
    let config = proptest::test_runner::Config::default();
    if std::env::var_os("PROPTEST_CASES").is_some() {
        config
    } else {
        proptest::test_runner::Config {
            cases: usual,
            ..config
        }
    }
}
