//! Who is in the story: contributors, a community, the owner of a model, and what they have written.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use anyhow::{Context, Result, ensure};
use openledger_attributor::{Claim, Contributions, File, content};
use openledger_contracts::{
    IContributionRegistry, IContributorRegistry, IDatanetRegistry, ILicenseRegistry, IModelFacts,
    IModelRegistry, addresses,
};
use openledger_e2e::{Account, Economy};

/// The accounts beyond those of the load, by what they do.
pub const FARMER: u32 = 10;
pub const BAKER: u32 = 11;
pub const EDITOR: u32 = 12;
pub const COMMUNITY: u32 = 13;
pub const OWNER: u32 = 14;
pub const GATEWAY: u32 = 15;
pub const PAYER: u32 = 16;
pub const POSTER: u32 = 17;
pub const LIAR: u32 = 18;
pub const WATCHER: u32 = 19;
pub const GRIEFER: u32 = 24;
pub const COPIER: u32 = 25;
/// Whose coins nobody else moves.
pub const LICENSOR: u32 = 20;
pub const TUNER: u32 = 21;
pub const COMPUTE: u32 = 22;
pub const STAKERS: u32 = 23;

/// Everything that a licence can consent to, but for another licence.
const CONSENT: u8 = 15;

/// A contributor of the chain.
#[derive(Debug, Clone)]
pub struct Contributor {
    pub account: Account,
    pub id: u64,
}

/// A Datanet with a version, and a model version that was made of it.
#[derive(Debug)]
pub struct World {
    pub farmer: Contributor,
    pub baker: Contributor,
    pub editor: Contributor,
    pub gateway: Account,
    pub datanet: u64,
    pub model_version: u64,
    /// Its training weights, by contributor.
    pub weights: Vec<openledger_attribution::leaf::WeightRow>,
}

/// So many words of somebody's own, none of which anybody else has.
pub fn prose(whose: &str, words: usize) -> String {
    let word = |at: usize| {
        let hash = keccak256(format!("{whose} {at}"));
        hash.iter()
            .take(4)
            .map(|byte| char::from(b'a' + byte % 26))
            .collect::<String>()
    };
    (0..words).map(word).collect::<Vec<_>>().join(" ")
}

/// A contribution on its way: committed to, and to be revealed.
#[derive(Debug)]
pub struct Committed {
    whose: Contributor,
    batch: IContributionRegistry::Batch,
    content: Bytes,
    salt: B256,
    pub seq: u32,
}

pub async fn register(economy: &Economy, index: u32) -> Result<Contributor> {
    let account = Account::development(index)?;
    let call = IContributorRegistry::registerCall {
        payee: account.address,
    };
    let receipt = economy.send(&account, addresses::CONTRIBUTOR_REGISTRY, call);
    let event: IContributorRegistry::Registered = receipt.await?.event()?;
    Ok(Contributor {
        account,
        id: event.id,
    })
}

/// Commits to a text as a contribution of one file, inline.
pub async fn commit(
    economy: &Economy,
    whose: &Contributor,
    datanet: u64,
    text: &str,
    parent: u64,
) -> Result<Committed> {
    let file = File {
        kind: 0,
        cid: Bytes::new(),
        text: text.into(),
    };
    let content = content(&[file]);
    let (documents, content_root) = Contributions::documents_of(&content)?;
    let batch = IContributionRegistry::Batch {
        contentRoot: content_root,
        datanet,
        contributor: whose.id,
        documents,
        size: content.len() as u64,
        licence: 1,
        kinds: 1,
        parent,
        isInline: true,
    };
    let salt = keccak256(text);
    let hash = IContributionRegistry::commitHashOfCall {
        committer: whose.account.address,
        batch: batch.clone(),
        content: content.clone(),
        salt,
    };
    let registry = addresses::CONTRIBUTION_REGISTRY;
    let hash = economy.view(registry, hash).await?;
    let call = IContributionRegistry::commitCall { commitHash: hash };
    let receipt = economy.send(&whose.account, registry, call).await?;
    let event: IContributionRegistry::Committed = receipt.event()?;
    Ok(Committed {
        whose: whose.clone(),
        batch,
        content,
        salt,
        seq: event.commitSeq,
    })
}

impl Committed {
    /// Reveals it. Its documents' root is not known yet: it is stated for the time being.
    pub async fn reveal(&self, economy: &Economy) -> Result<()> {
        let registry = addresses::CONTRIBUTION_REGISTRY;
        let price = IContributionRegistry::BOND_PER_BYTECall {};
        let price = economy.view(registry, price).await?;
        let call = IContributionRegistry::revealCall {
            commitSeq: self.seq,
            batch: self.batch.clone(),
            content: self.content.clone(),
            salt: self.salt,
            batchRoot: keccak256(&self.content),
        };
        let bond = U256::from(price) * U256::from(self.batch.size);
        economy
            .pay(&self.whose.account, registry, call, bond)
            .await?;
        Ok(())
    }

    /// States the root of its documents, when nothing that was committed earlier can come to light any more; and waits until it can be accepted.
    pub async fn state(&self, economy: &mut Economy) -> Result<B256> {
        let registry = addresses::CONTRIBUTION_REGISTRY;
        let times = IContributionRegistry::admissionOfCall {
            commitSeq: self.seq,
        };
        let opens = economy.view(registry, times.clone()).await?;
        economy.reach_time(opens.from).await?;
        economy.follow().await?;
        let root = economy.follower.contributions.admit(self.seq)?;
        let call = IContributionRegistry::restateCall {
            commitSeq: self.seq,
            batchRoot: root,
        };
        economy.send(&self.whose.account, registry, call).await?;
        Ok(root)
    }

    /// Waits until it can be accepted.
    pub async fn admitted(&self, economy: &Economy) -> Result<()> {
        let times = IContributionRegistry::admissionOfCall {
            commitSeq: self.seq,
        };
        let times = economy
            .view(addresses::CONTRIBUTION_REGISTRY, times)
            .await?;
        economy.reach_time(times.until).await
    }
}

impl World {
    /// A community's Datanet with the work of three people, of which one has improved another's; and a model version that was made of it.
    pub async fn build(economy: &mut Economy) -> Result<Self> {
        let community = Account::development(COMMUNITY)?;
        let licence = ILicenseRegistry::addCall {
            textHash: keccak256("a licence"),
            consent: CONSENT,
            uri: "ipfs://licence".into(),
        };
        economy
            .send(&community, addresses::LICENSE_REGISTRY, licence)
            .await?;
        let farmer = register(economy, FARMER).await?;
        let baker = register(economy, BAKER).await?;
        let editor = register(economy, EDITOR).await?;
        let create = IDatanetRegistry::createCall {
            config: IDatanetRegistry::Config {
                domain: "bread".into(),
                licence: 1,
                policy: IDatanetRegistry::Policy::INDIVIDUAL,
                isOpen: true,
                members: vec![],
                votes: Address::ZERO,
                quorum: U256::ZERO,
            },
        };
        let datanets = addresses::DATANET_REGISTRY;
        let receipt = economy.send(&community, datanets, create).await?;
        let datanet = receipt.event::<IDatanetRegistry::Created>()?.datanet;

        // The editor improves the farmer's text: a quarter of it is the farmer's words.
        let grain = prose("farmer", 120);
        let improved: Vec<&str> = grain.split(' ').take(40).collect();
        let improved = format!("{} {}", improved.join(" "), prose("editor", 100));
        let first = commit(economy, &farmer, datanet, &grain, 0).await?;
        let second = commit(economy, &baker, datanet, &prose("baker", 150), 0).await?;
        // Until the farmer has revealed nobody can name what they wrote.
        first.reveal(economy).await?;
        let parent = u64::from(first.seq) << 32;
        let third = commit(economy, &editor, datanet, &improved, parent).await?;
        // In another order than they were committed in.
        third.reveal(economy).await?;
        second.reveal(economy).await?;
        let mut accepted = Vec::new();
        for contribution in [&first, &second, &third] {
            accepted.push((contribution, contribution.state(economy).await?));
        }
        for (contribution, batch_root) in accepted {
            contribution.admitted(economy).await?;
            let accept = IDatanetRegistry::acceptCall {
                datanet,
                commitSeq: contribution.seq,
                batchRoot: batch_root,
            };
            economy.send(&community, datanets, accept).await?;
        }
        economy.follow().await?;
        let derived = economy.follower.contributions.archive.document(parent);
        ensure!(derived.is_some(), "the farmer's document is not there");
        let derived = u64::from(third.seq) << 32;
        let derived = economy.follower.contributions.archive.document(derived);
        let derived = derived.context("the editor's document is not there")?;
        ensure!(
            derived.parent_seq == parent && (1_500..4_000).contains(&derived.contain_bps),
            "it is no derivative: {derived:?}"
        );

        let delay = IDatanetRegistry::PUBLISH_DELAYCall {};
        let delay = economy.view(datanets, delay).await?;
        let newest = economy.l2.block("latest").await?;
        let newest = openledger_e2e::quantity(&newest, "timestamp")?;
        economy.reach_time(newest + delay).await?;
        let publish = IDatanetRegistry::publishCall { datanet };
        economy.send(&community, datanets, publish).await?;
        economy.follow().await?;
        let mut world = Self {
            farmer,
            baker,
            editor,
            gateway: Account::development(GATEWAY)?,
            datanet,
            model_version: 0,
            weights: vec![],
        };
        world.train(economy).await?;
        Ok(world)
    }

    /// A model version of all words of the Datanet, and its prices.
    async fn train(&mut self, economy: &mut Economy) -> Result<()> {
        let owner = Account::development(OWNER)?;
        let registry = addresses::MODEL_REGISTRY;
        let create = IModelRegistry::createCall {
            name: "the infini-gram of bread".into(),
        };
        let receipt = economy.send(&owner, registry, create).await?;
        let model = receipt.event::<IModelRegistry::ModelCreated>()?.model;
        let corpus = [(self.datanet, 0)];
        let weights = economy.follower.contributions.count_weights(&corpus)?;
        self.weights = weights.rows().to_vec();
        let row = Claim::of_weight(&self.weights, self.farmer.id)?;
        let row = row.context("the farmer weighs nothing")?;
        let address = |index| anyhow::Ok(Account::development(index)?.address);
        let publication = IModelRegistry::Publication {
            kind: IModelRegistry::Kind::BASE,
            parents: vec![],
            corpus: vec![IModelRegistry::DatanetVersion {
                datanet: self.datanet,
                version: 0,
            }],
            contentHash: keccak256("counts of all words"),
            boilerplateRoot: openledger_attribution::HashTree::new(vec![]).root(),
            weightRow: row.row,
            weightProof: row.proof,
            declared: false,
            terms: IModelFacts::Terms {
                platformBps: 500,
                retrievalBps: 0,
                split: IModelFacts::SplitTable {
                    licensor: 500,
                    tuner: 2_500,
                    compute: 2_000,
                    stakers: 1_000,
                    data: 4_000,
                },
            },
            payees: IModelRegistry::Payees {
                licensor: address(LICENSOR)?,
                tuner: address(TUNER)?,
                compute: address(COMPUTE)?,
                stakers: address(STAKERS)?,
            },
            gateway: self.gateway.address,
            settlement: addresses::SETTLEMENT,
        };
        let bond = economy.view(registry, IModelRegistry::BONDCall {}).await?;
        let publish = IModelRegistry::publishCall { model, publication };
        let receipt = economy
            .pay(&owner, registry, publish, U256::from(bond))
            .await?;
        let published: IModelRegistry::VersionPublished = receipt.event()?;
        self.model_version = published.modelVersion;
        let prices = openledger_contracts::IPayableAI::setPricesCall {
            modelVersion: self.model_version,
            prices: openledger_contracts::IPayableAI::Prices {
                input: alloy_primitives::aliases::U72::from(1_000_000_000_000_000u64),
                output: alloy_primitives::aliases::U72::from(30_000_000_000_000_007u64),
                flat: alloy_primitives::aliases::U72::from(1_000_000_000_000_001u64),
            },
        };
        economy.send(&owner, addresses::PAYABLE_AI, prices).await?;
        economy.reach_time(published.record.activeFrom).await?;
        economy.follow().await
    }
}
