//! The setup of EIP-4844's commitments.

use alloy_eips::eip4844::env_settings::EnvKzgSettings;
use std::sync::LazyLock;

/// Mainnet's trusted setup without the table that makes cell proofs (EIP-7594) faster. Commitments, blob proofs and every
/// verification take the same time with it, and it is loaded within a fraction of the seconds that the table takes.
pub fn kzg_setup() -> &'static EnvKzgSettings {
    static SETUP: LazyLock<EnvKzgSettings> =
        LazyLock::new(|| EnvKzgSettings::Custom(c_kzg::ethereum_kzg_settings_arc(0)));
    &SETUP
}
