//! Parameters, taken one by one, with errors that name them.

use crate::RpcError;
use jsonrpsee::types::Params;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// The parameters of one call.
#[derive(Debug)]
pub(crate) struct Args<'a> {
    values: Vec<&'a RawValue>,
    next: usize,
}

impl<'a> Args<'a> {
    /// Fails unless the parameters are an array or left out.
    pub(crate) fn new(params: &'a Params<'_>) -> Result<Self, RpcError> {
        let values = match params.as_str().map(str::trim) {
            None | Some("" | "null") => Vec::new(),
            Some(text) => serde_json::from_str(text)
                .map_err(|_| RpcError::Params("invalid params: expected an array".into()))?,
        };
        Ok(Self { values, next: 0 })
    }

    /// The next parameter. `null` counts as missing.
    pub(crate) fn required<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, RpcError> {
        let at = self.next;
        self.optional(name)?.ok_or_else(|| {
            RpcError::Params(format!("missing value for required argument {at} ({name})"))
        })
    }

    /// The next parameter; `None` when it is missing or `null`.
    pub(crate) fn optional<T: DeserializeOwned>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, RpcError> {
        let at = self.next;
        self.next += 1;
        let Some(value) = self.values.get(at) else {
            return Ok(None);
        };
        serde_json::from_str(value.get())
            .map_err(|error| RpcError::Params(format!("invalid argument {at} ({name}): {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{Address, U256};

    fn read(params: Option<&str>) -> Result<(Address, Option<U256>), String> {
        let params = Params::new(params);
        let mut args = Args::new(&params).map_err(|e| e.to_string())?;
        let address = args.required("address").map_err(|e| e.to_string())?;
        Ok((address, args.optional("slot").map_err(|e| e.to_string())?))
    }

    #[test]
    fn errors_name_the_parameter() {
        let zero = Address::ZERO;
        assert_eq!(
            read(Some(&format!("[\"{zero}\", \"0x2\"]"))),
            Ok((zero, Some(U256::from(2))))
        );
        assert_eq!(read(Some(&format!("[\"{zero}\", null]"))), Ok((zero, None)));
        for params in [None, Some(""), Some("null"), Some("[]"), Some("[null]")] {
            assert_eq!(
                read(params),
                Err("missing value for required argument 0 (address)".into())
            );
        }
        assert_eq!(
            read(Some("{\"a\":1}")),
            Err("invalid params: expected an array".into())
        );
        let error = read(Some("[\"0x12\"]")).unwrap_err();
        assert!(
            error.starts_with("invalid argument 0 (address): "),
            "{error}"
        );
        let error = read(Some(&format!("[\"{zero}\", {{}}]"))).unwrap_err();
        assert!(error.starts_with("invalid argument 1 (slot): "), "{error}");
    }
}
