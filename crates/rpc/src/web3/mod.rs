//! `web3_`: this file lists the methods.

use crate::registry::Registry;
use alloy_primitives::{Bytes, keccak256};

pub(crate) fn register(r: &mut Registry) {
    r.quick("web3_clientVersion", |rpc, _| {
        Ok(rpc.client_version.clone())
    });
    r.read("web3_sha3", |_, mut args| {
        Ok(keccak256(args.required::<Bytes>("data")?))
    });
}
