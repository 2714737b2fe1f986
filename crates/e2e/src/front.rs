//! What stands between a node and its L1: an HTTP port that forwards, is silent, or says that it is not available.

use anyhow::{Context, Result, bail};
use parking_lot::Mutex;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::sync::Arc;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// More than any request of a node.
const LARGEST_BODY: usize = 64 << 20;

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It goes to the L1, and its answer back.
    Forward,
    /// The connection is closed without an answer.
    Refuse,
    /// It is answered with HTTP status 503.
    Unavailable,
}

type Decide = Box<dyn FnMut() -> Mode + Send>;

struct State {
    target: String,
    decide: Decide,
    requests: u64,
}

/// A port in front of an L1. Dropping it closes it.
pub struct Front {
    url: String,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Front {
    /// Forwards to a URL, on a free port.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn to(target: &str) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = Arc::new(Mutex::new(State {
            target: target.into(),
            decide: Box::new(|| Mode::Forward),
            requests: 0,
        }));
        let (shared, client) = (state.clone(), reqwest::Client::new());
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (shared, client) = (shared.clone(), client.clone());
                connections.spawn(async move {
                    // Ends when either side does, which is what a node must live with.
                    let _ = serve(stream, &shared, &client).await;
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { url, state, task })
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What becomes of all requests from now on.
    pub fn set(&self, mode: Mode) {
        self.decide(move || mode);
    }

    /// What becomes of each request from now on.
    pub fn decide(&self, decide: impl FnMut() -> Mode + Send + 'static) {
        self.state.lock().decide = Box::new(decide);
    }

    /// Forwards to another URL from now on.
    pub fn point_to(&self, target: &str) {
        self.state.lock().target = target.into();
    }

    /// Requests so far.
    pub fn requests(&self) -> u64 {
        self.state.lock().requests
    }
}

async fn serve(stream: TcpStream, state: &Mutex<State>, client: &reqwest::Client) -> Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some((line, body)) = request(&mut stream).await? {
        let (mode, target) = {
            let mut state = state.lock();
            state.requests += 1;
            ((state.decide)(), state.target.clone())
        };
        let (status, body) = match mode {
            Mode::Refuse => return Ok(()),
            Mode::Unavailable => (503, Vec::new()),
            Mode::Forward => {
                let mut words = line.split(' ');
                let (method, path) = (words.next(), words.next());
                let url = format!("{target}{}", path.context("no path")?);
                let request = match method {
                    Some("GET") => client.get(url),
                    _ => client.post(url).body(body),
                };
                let answer = request
                    .header("content-type", "application/json")
                    .send()
                    .await?;
                (answer.status().as_u16(), answer.bytes().await?.to_vec())
            }
        };
        let head = format!(
            "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let stream = stream.get_mut();
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&body).await?;
    }
    Ok(())
}

/// The next request's first line and body; `None` at the end of the connection.
async fn request(stream: &mut BufReader<TcpStream>) -> Result<Option<(String, Vec<u8>)>> {
    let mut first = String::new();
    if stream.read_line(&mut first).await? == 0 {
        return Ok(None);
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            bail!("the connection ended within a request");
        }
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
    }
    if length > LARGEST_BODY {
        bail!("a request of {length} bytes");
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Some((first, body)))
}

/// Two fronts of which one is away, in turns that end after a number of requests: by a seed, and not by time.
#[derive(Clone)]
pub struct Turns(Arc<Mutex<Turn>>);

struct Turn {
    random: StdRng,
    longest: u32,
    away: usize,
    left: u32,
    switches: u64,
}

impl Turns {
    /// Lets these two take turns of up to `longest` requests from now on.
    pub fn between(fronts: [&Front; 2], seed: u64, longest: u32) -> Self {
        let turns = Self(Arc::new(Mutex::new(Turn {
            random: StdRng::seed_from_u64(seed),
            longest,
            away: 0,
            left: 1,
            switches: 0,
        })));
        for (index, front) in fronts.into_iter().enumerate() {
            let turns = turns.clone();
            front.decide(move || turns.request(index));
        }
        turns
    }

    fn request(&self, index: usize) -> Mode {
        let mut turn = self.0.lock();
        turn.left -= 1;
        if turn.left == 0 {
            let longest = turn.longest;
            turn.left = turn.random.random_range(1..=longest);
            turn.away = 1 - turn.away;
            turn.switches += 1;
        }
        match turn.away == index {
            false => Mode::Forward,
            true if turn.left.is_multiple_of(2) => Mode::Refuse,
            true => Mode::Unavailable,
        }
    }

    /// Turns so far.
    pub fn switches(&self) -> u64 {
        self.0.lock().switches
    }
}
