//! The files that a deployment leaves: `genesis.json`, `rollup.json`, `deployment.json`.

use crate::{DeployError, EconomyFile, L2Genesis, Plan};
use alloy_genesis::{Genesis, GenesisAccount};
use alloy_primitives::Address;
use openledger_contracts::addresses;
use openledger_genesis::RollupConfig;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{collections::BTreeMap, fs, path::Path};

/// The part of `deployment.json` that the deployment knows; a running node adds its URLs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentFile {
    /// The L1.
    pub l1: DeployedLayer,
    /// The L2.
    pub l2: DeployedLayer,
    /// Where batches go.
    pub batch_inbox: Address,
    /// Who sends them.
    pub batcher: Address,
    /// Who proposes output roots.
    pub proposer: Address,
    /// Times and prices of the L2's economy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub economy: Option<EconomyFile>,
}

/// One chain of `deployment.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeployedLayer {
    /// EIP-155 id.
    pub chain_id: u64,
    /// Contracts by name.
    pub contracts: BTreeMap<String, Address>,
}

impl Plan {
    /// The plan's part of `deployment.json`.
    pub fn deployment_file(&self) -> DeploymentFile {
        let config = self.config();
        DeploymentFile {
            l1: DeployedLayer {
                chain_id: config.l1_chain_id,
                contracts: self.contracts().by_name(),
            },
            l2: DeployedLayer {
                chain_id: config.l2_chain_id,
                contracts: l2_contracts(self.alloc()),
            },
            batch_inbox: config.batch_inbox(),
            batcher: config.batcher,
            proposer: config.proposer,
            economy: Some((&config.economy).into()),
        }
    }
}

/// The contracts of an L2's genesis, by name.
pub fn l2_contracts(alloc: &BTreeMap<Address, GenesisAccount>) -> BTreeMap<String, Address> {
    addresses::PREDEPLOYS
        .into_iter()
        .chain(addresses::ECONOMY)
        .filter(|(_, address)| alloc.contains_key(address))
        .map(|(name, address)| (name.to_owned(), address))
        .collect()
}

/// Writes the three files into a folder, which is made; `rollup.json` last, so that a folder that has it is complete.
/// Each file is whole or absent, also after a crash.
///
/// # Errors
/// [`DeployError::File`].
pub fn write_files(
    dir: &Path,
    deployment: &DeploymentFile,
    l2: &L2Genesis,
) -> Result<(), DeployError> {
    fs::create_dir_all(dir).map_err(|error| DeployError::File {
        path: dir.to_owned(),
        error,
    })?;
    write(dir, "deployment.json", deployment)?;
    write(dir, "genesis.json", &l2.genesis)?;
    write(dir, "rollup.json", &l2.rollup)
}

/// What [`write_files`] wrote; `None` when the folder has no `rollup.json`.
///
/// # Errors
/// [`DeployError::File`], or [`DeployError::FileContent`] when a file is not what it should be.
pub fn read_files(dir: &Path) -> Result<Option<(DeploymentFile, L2Genesis)>, DeployError> {
    let Some(rollup) = read::<RollupConfig>(dir, "rollup.json")? else {
        return Ok(None);
    };
    let missing = |name: &str| DeployError::FileContent {
        path: dir.join(name),
        reason: "it is missing, although rollup.json is there".into(),
    };
    let genesis = read::<Genesis>(dir, "genesis.json")?.ok_or_else(|| missing("genesis.json"))?;
    let deployment = read(dir, "deployment.json")?.ok_or_else(|| missing("deployment.json"))?;
    Ok(Some((deployment, L2Genesis { genesis, rollup })))
}

fn write(dir: &Path, name: &str, content: &impl Serialize) -> Result<(), DeployError> {
    let path = dir.join(name);
    let write = || -> std::io::Result<()> {
        let mut text = serde_json::to_vec_pretty(content)?;
        text.push(b'\n');
        let temporary = path.with_extension("json.tmp");
        fs::write(&temporary, &text)?;
        fs::File::open(&temporary)?.sync_all()?;
        fs::rename(&temporary, &path)?;
        fs::File::open(dir)?.sync_all()
    };
    write().map_err(|error| DeployError::File {
        path: path.clone(),
        error,
    })
}

fn read<T: DeserializeOwned>(dir: &Path, name: &str) -> Result<Option<T>, DeployError> {
    let path = dir.join(name);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(DeployError::File { path, error }),
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|error| DeployError::FileContent {
            path,
            reason: error.to_string(),
        })
}
