//! WebSockets: subscriptions and the feed.

use crate::DEADLINE;
use anyhow::{Context, Result, bail};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::VecDeque;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// One JSON-RPC subscription on a connection of its own.
#[derive(Debug)]
pub struct Subscription {
    socket: Socket,
    early: VecDeque<Value>,
}

impl Subscription {
    /// Subscribes with the parameters of `eth_subscribe`.
    ///
    /// # Errors
    /// When the connection or the subscription is refused.
    pub async fn open(url: &str, params: Value) -> Result<Self> {
        let (mut socket, _) = connect_async(url).await.with_context(|| url.to_owned())?;
        let request =
            json!({"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": params});
        socket.send(Message::text(request.to_string())).await?;
        let mut early = VecDeque::new();
        loop {
            let message = next_json(&mut socket).await?;
            if message["method"] == "eth_subscription" {
                early.push_back(message);
            } else if message["result"].is_string() {
                return Ok(Self { socket, early });
            } else {
                bail!("not subscribed: {message}");
            }
        }
    }

    /// The next notification's content.
    ///
    /// # Errors
    /// When the connection ends, or nothing comes in time.
    pub async fn next(&mut self) -> Result<Value> {
        let mut message = match self.early.pop_front() {
            Some(message) => message,
            None => next_json(&mut self.socket).await?,
        };
        Ok(message["params"]["result"].take())
    }
}

/// The feed of preconfirmed slices.
#[derive(Debug)]
pub struct Feed(Socket);

impl Feed {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the connection is refused.
    pub async fn open(url: &str) -> Result<Self> {
        let (socket, _) = connect_async(url).await.with_context(|| url.to_owned())?;
        Ok(Self(socket))
    }

    /// The next slice.
    ///
    /// # Errors
    /// When the connection ends, or nothing comes in time.
    pub async fn next(&mut self) -> Result<Value> {
        next_json(&mut self.0).await
    }
}

async fn next_json(socket: &mut Socket) -> Result<Value> {
    loop {
        let message = timeout(DEADLINE, socket.next())
            .await
            .context("nothing came over the WebSocket in time")?;
        match message.context("the WebSocket was closed")?? {
            Message::Text(text) => return Ok(serde_json::from_str(&text)?),
            Message::Close(reason) => bail!("the WebSocket was closed: {reason:?}"),
            _ => {}
        }
    }
}
