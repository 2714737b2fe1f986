//! The address of a JSON-RPC server, which must be on this machine.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    str::FromStr,
};

/// A JSON-RPC URL whose host is a loopback address.
///
/// There is no other way to make one, so nothing in this package can send load to another machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    address: SocketAddr,
    path: String,
}

/// Why a URL was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EndpointError {
    /// Only plain HTTP is spoken.
    #[error("`{0}` does not begin with http://")]
    Scheme(String),
    /// The host is neither `localhost` nor a loopback IP address. Names are never resolved.
    #[error("`{0}` is not a loopback address: load is only ever sent to this machine")]
    NotLoopback(String),
    /// The port is absent or no number.
    #[error("`{0}` names no port")]
    Port(String),
}

impl Endpoint {
    /// The server on `port` of 127.0.0.1.
    pub fn local(port: u16) -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            path: "/".to_owned(),
        }
    }

    /// Where to connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The path of the request line, beginning with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.address, self.path)
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        let rest = url
            .strip_prefix("http://")
            .ok_or_else(|| EndpointError::Scheme(url.to_owned()))?;
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, "/"),
        };
        let (host, port) = authority
            .rsplit_once(':')
            .ok_or_else(|| EndpointError::Port(url.to_owned()))?;
        let port = port
            .parse()
            .map_err(|_| EndpointError::Port(url.to_owned()))?;
        let refused = || EndpointError::NotLoopback(host.to_owned());
        let ip = match host.trim_start_matches('[').trim_end_matches(']') {
            "localhost" => IpAddr::from(Ipv4Addr::LOCALHOST),
            literal => literal.parse().map_err(|_| refused())?,
        };
        if !ip.is_loopback() {
            return Err(refused());
        }
        Ok(Self {
            address: SocketAddr::new(ip, port),
            path: path.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_urls_are_accepted() {
        for (url, shown) in [
            ("http://127.0.0.1:8545", "http://127.0.0.1:8545/"),
            ("http://localhost:8545/rpc", "http://127.0.0.1:8545/rpc"),
            ("http://127.3.2.1:1", "http://127.3.2.1:1/"),
            ("http://[::1]:8545", "http://[::1]:8545/"),
        ] {
            assert_eq!(
                url.parse::<Endpoint>().map(|endpoint| endpoint.to_string()),
                Ok(shown.to_owned())
            );
        }
    }

    #[test]
    fn other_hosts_are_refused_without_a_name_lookup() {
        for host in [
            "10.0.0.1",
            "0.0.0.0",
            "rpc.example.org",
            "localhost.example.org",
            "user@127.0.0.1",
        ] {
            assert_eq!(
                format!("http://{host}:8545").parse::<Endpoint>(),
                Err(EndpointError::NotLoopback(host.to_owned()))
            );
        }
        assert!(matches!(
            "https://127.0.0.1:1".parse::<Endpoint>(),
            Err(EndpointError::Scheme(_))
        ));
        assert!(matches!(
            "http://127.0.0.1".parse::<Endpoint>(),
            Err(EndpointError::Port(_))
        ));
    }
}
