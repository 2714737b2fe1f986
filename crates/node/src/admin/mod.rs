//! The operator's port: where it listens, who is let in, and what its methods do to the node.

mod controls;
mod token;

pub(crate) use controls::context;

use crate::{AdminConfig, rpc_side::bind};
use anyhow::{Context, Result, bail};
use openledger_rpc::{AdminContext, serve_admin};
use std::net::SocketAddr;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// The port, before the node is there that it acts on.
pub(crate) struct AdminPort {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
    config: openledger_rpc::AdminConfig,
}

impl AdminPort {
    /// Binds it.
    ///
    /// Fails when other machines reach it and no token guards it, when the token's file is not the operator's alone, or when the
    /// port is in use.
    pub(crate) async fn open(config: &AdminConfig, hosts: &[String]) -> Result<Self> {
        let token = config.token.as_deref().map(token::read).transpose()?;
        if token.is_none() && !config.host.is_loopback() {
            bail!(
                "--admin-host {} lets other machines in: name a token's file with --admin-token-file",
                config.host
            );
        }
        let (listener, address) = bind(config.host, config.port, "--admin-port").await?;
        let mut hosts = hosts.to_vec();
        if !address.ip().is_unspecified() {
            // An address can not be rebound like a name.
            hosts.push(match address {
                SocketAddr::V4(address) => address.ip().to_string(),
                SocketAddr::V6(address) => format!("[{}]", address.ip()),
            });
        }
        Ok(Self {
            listener,
            address,
            config: openledger_rpc::AdminConfig {
                hosts,
                token,
                ..openledger_rpc::AdminConfig::default()
            },
        })
    }

    /// Serves it until `shutdown`.
    pub(crate) fn serve(
        self,
        context: AdminContext,
        shutdown: CancellationToken,
    ) -> JoinHandle<Result<()>> {
        tokio::spawn(async move {
            serve_admin(context, self.config, self.listener, shutdown)
                .await
                .context("the operator's port")
        })
    }
}
