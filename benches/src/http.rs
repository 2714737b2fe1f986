//! A blocking HTTP/1.1 client that does one thing cheaply: POST a prepared body on a connection that stays open.
//!
//! The generator shares the machine with the node that it measures, so every microsecond it spends is missing
//! from the result. One `write`, one or two `read`s and no allocation per request is what is left.

use crate::Endpoint;
use std::{
    io::{self, IoSlice, Read, Write},
    net::TcpStream,
    ops::Range,
    time::Duration,
};

/// A response larger than this is refused (a block of 25,000 hashes takes 1.7 MB).
const MAX_RESPONSE_BYTES: usize = 256 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What can go wrong in an exchange. After any of them the connection must be dropped.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The socket failed, timed out or was closed by the server.
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
    /// The server did not speak HTTP/1.1 as understood here.
    #[error("the response is malformed: {0}")]
    Malformed(&'static str),
    /// The status was not 200.
    #[error("the server answered {status}: {body}")]
    Status {
        /// HTTP status code.
        status: u16,
        /// The first 200 bytes of the body.
        body: String,
    },
}

/// One keep-alive connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    head: String,
    buffer: Vec<u8>,
    body: Range<usize>,
}

impl Connection {
    /// Connects. `timeout` bounds every later read and write.
    pub fn open(endpoint: &Endpoint, timeout: Duration) -> Result<Self, HttpError> {
        let stream = TcpStream::connect_timeout(&endpoint.address(), CONNECT_TIMEOUT)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(timeout))?;
        stream.set_write_timeout(Some(timeout))?;
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: ",
            endpoint.path(),
            endpoint.address()
        );
        Ok(Self {
            stream,
            head,
            buffer: Vec::with_capacity(64 << 10),
            body: 0..0,
        })
    }

    /// Sends `body` and returns the body of the answer, valid until the next exchange.
    pub fn exchange(&mut self, body: &[u8]) -> Result<&[u8], HttpError> {
        let head = format!("{}{}\r\n\r\n", self.head, body.len());
        let written = self
            .stream
            .write_vectored(&[IoSlice::new(head.as_bytes()), IoSlice::new(body)])?;
        match written.checked_sub(head.len()) {
            Some(of_body) => self.stream.write_all(&body[of_body..])?,
            None => {
                self.stream.write_all(&head.as_bytes()[written..])?;
                self.stream.write_all(body)?;
            }
        }
        self.body = 0..0;
        self.body = self.read_response()?;
        Ok(self.body())
    }

    /// The body of the last answer; empty after a failure.
    pub fn body(&self) -> &[u8] {
        &self.buffer[self.body.clone()]
    }

    fn read_response(&mut self) -> Result<Range<usize>, HttpError> {
        self.buffer.clear();
        let head_end = loop {
            // The end of the head may straddle two reads, so look again from three bytes before the new part.
            let from = self.buffer.len().saturating_sub(3);
            self.fill()?;
            if let Some(at) = memchr::memmem::find(&self.buffer[from..], b"\r\n\r\n") {
                break from + at + 4;
            }
        };
        let head = Head::parse(&self.buffer[..head_end])?;
        let body_end = match head.framing {
            Framing::Length(length) if length > MAX_RESPONSE_BYTES => {
                return Err(HttpError::Malformed("the body is too large"));
            }
            Framing::Length(length) => {
                while self.buffer.len() < head_end + length {
                    self.fill()?;
                }
                head_end + length
            }
            Framing::Chunked => self.join_chunks(head_end)?,
        };
        if head.status != 200 {
            let body = &self.buffer[head_end..body_end];
            let start = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
            return Err(HttpError::Status {
                status: head.status,
                body: start,
            });
        }
        Ok(head_end..body_end)
    }

    /// Reads a chunked body and moves its chunks together in place. Returns where the body ends.
    fn join_chunks(&mut self, body_start: usize) -> Result<usize, HttpError> {
        let mut body_end = body_start;
        let mut cursor = body_start;
        loop {
            let line_end = loop {
                if let Some(at) = memchr::memmem::find(&self.buffer[cursor..], b"\r\n") {
                    break cursor + at;
                }
                self.fill()?;
            };
            let size = std::str::from_utf8(&self.buffer[cursor..line_end])
                .ok()
                .and_then(|line| usize::from_str_radix(line.split(';').next()?.trim(), 16).ok())
                .filter(|size| *size <= MAX_RESPONSE_BYTES)
                .ok_or(HttpError::Malformed("a chunk's size is not understood"))?;
            let start = line_end + 2;
            // A chunk is followed by CRLF; so is the empty last one (no trailers are asked for).
            while self.buffer.len() < start + size + 2 {
                self.fill()?;
            }
            if size == 0 {
                return Ok(body_end);
            }
            self.buffer.copy_within(start..start + size, body_end);
            body_end += size;
            cursor = start + size + 2;
        }
    }

    fn fill(&mut self) -> Result<(), HttpError> {
        let old = self.buffer.len();
        if old > MAX_RESPONSE_BYTES {
            return Err(HttpError::Malformed("the response is too large"));
        }
        let room = old.clamp(16 << 10, 1 << 20);
        self.buffer.resize(old + room, 0);
        let read = self.stream.read(&mut self.buffer[old..]);
        self.buffer.truncate(old + *read.as_ref().unwrap_or(&0));
        match read? {
            0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            _ => Ok(()),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Framing {
    Length(usize),
    Chunked,
}

#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    framing: Framing,
}

impl Head {
    fn parse(bytes: &[u8]) -> Result<Self, HttpError> {
        let text =
            std::str::from_utf8(bytes).map_err(|_| HttpError::Malformed("the head is not text"))?;
        let mut lines = text.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .and_then(|code| code.parse().ok())
            .ok_or(HttpError::Malformed("there is no status line"))?;
        let mut framing = None;
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                let length = value
                    .parse()
                    .map_err(|_| HttpError::Malformed("content-length is no number"))?;
                framing = Some(Framing::Length(length));
            } else if name.eq_ignore_ascii_case("transfer-encoding")
                && value.eq_ignore_ascii_case("chunked")
            {
                framing = Some(Framing::Chunked);
            }
        }
        let framing = framing.ok_or(HttpError::Malformed("the body's length is not given"))?;
        Ok(Self { status, framing })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// Answers each accepted request with the given pieces, one `write` each.
    fn answer_with(pieces: Vec<&'static [u8]>) -> (Endpoint, std::thread::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound address").port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut request = [0; 4096];
            let mut seen = Vec::new();
            while !seen.ends_with(b"ping") {
                let read = stream.read(&mut request).expect("a request");
                seen.extend_from_slice(&request[..read]);
            }
            for piece in pieces {
                stream.write_all(piece).expect("a reader");
            }
        });
        (Endpoint::local(port), server)
    }

    fn exchange(pieces: Vec<&'static [u8]>) -> Result<Vec<u8>, HttpError> {
        let (endpoint, server) = answer_with(pieces);
        let mut connection = Connection::open(&endpoint, Duration::from_secs(10))?;
        let body = connection.exchange(b"ping").map(<[u8]>::to_vec);
        server.join().expect("the server ends");
        body
    }

    #[test]
    fn a_body_of_known_length_is_read_whole() {
        let body = exchange(vec![
            b"HTTP/1.1 200 OK\r\nContent-Le",
            b"ngth: 6\r\n\r",
            b"\nfoo",
            b"bar",
        ]);
        assert_eq!(body.ok(), Some(b"foobar".to_vec()));
    }

    #[test]
    fn chunks_are_joined() {
        let body = exchange(vec![
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r",
            b"\nfoo\r\n4;x=y\r\nbar!\r\n",
            b"0\r\n\r\n",
        ]);
        assert_eq!(body.ok(), Some(b"foobar!".to_vec()));
    }

    #[test]
    fn a_status_other_than_200_is_an_error_with_the_body() {
        let refused = exchange(vec![
            b"HTTP/1.1 413 Too Large\r\ncontent-length: 4\r\n\r\nhuge",
        ]);
        assert!(matches!(refused, Err(HttpError::Status { status: 413, body }) if body == "huge"));
    }

    #[test]
    fn a_response_cut_short_is_an_error() {
        let cut = exchange(vec![b"HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\nfoo"]);
        assert!(matches!(cut, Err(HttpError::Io(_))));
    }
}
