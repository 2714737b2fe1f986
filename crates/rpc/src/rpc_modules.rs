//! `rpc_`: which namespaces there are (`geth attach` asks).

use crate::registry::Registry;
use std::collections::BTreeMap;

pub(crate) fn register(r: &mut Registry) {
    r.quick("rpc_modules", |rpc, _| {
        Ok(["debug", "eth", "net", "rpc", "txpool", "web3"]
            .into_iter()
            .chain(rpc.rollup.is_some().then_some("optimism"))
            .map(|namespace| (namespace, "1.0"))
            .collect::<BTreeMap<_, _>>())
    });
}
