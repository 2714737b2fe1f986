//! The stories of `clients/`: unmodified clients against a running node.

use anyhow::Result;
use openledger_e2e::{Node, python, tell};

#[tokio::test]
async fn forge_deploys_contracts_and_runs_scripts() -> Result<()> {
    tell(&Node::start().await?, "bash", &["forge.sh"]).await
}

#[tokio::test]
async fn cast_does_what_a_developer_does_in_an_afternoon() -> Result<()> {
    tell(&Node::start().await?, "bash", &["cast.sh"]).await
}

#[tokio::test]
async fn viem_works_unmodified() -> Result<()> {
    tell(&Node::start().await?, "node", &["viem.mjs"]).await
}

#[tokio::test]
async fn ethers_works_unmodified() -> Result<()> {
    tell(&Node::start().await?, "node", &["ethers.mjs"]).await
}

#[tokio::test]
async fn hardhat_compiles_deploys_and_tests() -> Result<()> {
    tell(&Node::start().await?, "bash", &["hardhat.sh"]).await
}

#[tokio::test]
async fn web3_py_works_unmodified() -> Result<()> {
    let python = python()?;
    tell(
        &Node::start().await?,
        &python.display().to_string(),
        &["web3py.py"],
    )
    .await
}
