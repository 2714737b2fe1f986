//! Addresses that are fixed before the chain starts.

use alloy_primitives::{Address, address};

/// Sender of the deposits that the protocol itself makes, the L1 attributes among them. No key exists for it.
pub const DEPOSITOR_ACCOUNT: Address = address!("0xDeaDDEaDDeAdDeAdDEAdDEaddeAddEAdDEAd0001");

/// Sender of the system calls of EIP-4788 and EIP-2935.
pub const SYSTEM_ADDRESS: Address = address!("0xfffffffffffffffffffffffffffffffffffffffe");

/// ERC-20 wrapper of the native coin, at the OP Stack's address for WETH. Not behind a proxy.
pub const WOPEN: Address = address!("0x4200000000000000000000000000000000000006");
/// Messages between the layers, with replay of failed ones.
pub const L2_CROSS_DOMAIN_MESSENGER: Address =
    address!("0x4200000000000000000000000000000000000007");
/// Fee oracle for clients.
pub const GAS_PRICE_ORACLE: Address = address!("0x420000000000000000000000000000000000000F");
/// ERC-20 bridge.
pub const L2_STANDARD_BRIDGE: Address = address!("0x4200000000000000000000000000000000000010");
/// Vault of the priority fees; the coinbase of every block.
pub const SEQUENCER_FEE_VAULT: Address = address!("0x4200000000000000000000000000000000000011");
/// Factory of the bridged ERC-20 tokens.
pub const OPTIMISM_MINTABLE_ERC20_FACTORY: Address =
    address!("0x4200000000000000000000000000000000000012");
/// Attributes of the L1 origin; the execution engine reads the fees from its storage.
pub const L1_BLOCK: Address = address!("0x4200000000000000000000000000000000000015");
/// Register of the withdrawals; its storage root is in every header.
pub const L2_TO_L1_MESSAGE_PASSER: Address = address!("0x4200000000000000000000000000000000000016");
/// Administrator of the proxied predeploys.
pub const PROXY_ADMIN: Address = address!("0x4200000000000000000000000000000000000018");
/// Vault of the base fees.
pub const BASE_FEE_VAULT: Address = address!("0x4200000000000000000000000000000000000019");
/// Vault of the L1 data fees.
pub const L1_FEE_VAULT: Address = address!("0x420000000000000000000000000000000000001A");
/// Vault of the operator fees.
pub const OPERATOR_FEE_VAULT: Address = address!("0x420000000000000000000000000000000000001b");

/// Ring buffer of the L1's beacon block roots (EIP-4788).
pub const BEACON_ROOTS: Address = address!("0x000F3df6D732807Ef1319fB7B8bB8522d0Beac02");
/// Ring buffer of the block hashes (EIP-2935).
pub const HISTORY_STORAGE: Address = address!("0x0000F90827F1C53a10cb7A02335B175320002935");

/// Calls in a batch.
pub const MULTICALL3: Address = address!("0xcA11bde05977b3631167028862bE2a173976CA11");
/// CREATE2 on anyone's behalf; foundry and viem deploy through it.
pub const DETERMINISTIC_DEPLOYMENT_PROXY: Address =
    address!("0x4e59b44847b379578588920cA78FbF26c0B4956C");
/// The same code at the address through which Safe's contracts are deployed.
pub const SAFE_SINGLETON_FACTORY: Address = address!("0x914d7Fec6aaC8cd542e72Bca78B30650d45643d7");
/// CREATE2 with helpers, part of the Canyon upgrade.
pub const CREATE2_DEPLOYER: Address = address!("0x13b0D85CcB8bf860b6b79AF3029fCA081AE9BEF2");
/// Token allowances by signature.
pub const PERMIT2: Address = address!("0x000000000022D473030F116dDEE9F6B43aC78BA3");

/// Ids of contributors.
pub const CONTRIBUTOR_REGISTRY: Address = economy(0x0001);
/// Licences of contributions.
pub const LICENSE_REGISTRY: Address = economy(0x0002);
/// Contributions, their places in time and their bonds.
pub const CONTRIBUTION_REGISTRY: Address = economy(0x0003);
/// Datanets and their versions, ERC-721.
pub const DATANET_REGISTRY: Address = economy(0x0004);
/// Models and their versions, ERC-721.
pub const MODEL_REGISTRY: Address = economy(0x0005);
/// Jobs of training, an escrow.
pub const TRAINING_JOBS: Address = economy(0x0006);
/// Who judges the documents of contributions.
pub const ADMISSION: Address = economy(0x0007);
/// Payments for answers.
pub const PAYABLE_AI: Address = economy(0x0010);
/// Division of what fees leave besides the data pool.
pub const FEE_ROUTER: Address = economy(0x0011);
/// Who earned what: postings, disputes, what is final.
pub const SETTLEMENT: Address = economy(0x0012);
/// The door to the verifiers of faults.
pub const ATTRIBUTION_VERIFIER: Address = economy(0x0013);
/// Verifier of the faults F1 to F5.
pub const TILING_VERIFIER: Address = economy(0x0014);
/// Verifier of the faults F6 to F10.
pub const EPOCH_VERIFIER: Address = economy(0x0015);
/// Verifier of what is demanded, F0.
pub const DEMAND_VERIFIER: Address = economy(0x0016);
/// Pays contributors.
pub const PAYOUT_VAULT: Address = economy(0x0017);
/// Pays by training weight.
pub const TRAINING_ACCUMULATOR: Address = economy(0x0018);

/// The other contracts of a genesis that clients ask for by name.
pub const PREDEPLOYS: [(&str, Address); 14] = [
    ("WOPEN", WOPEN),
    ("GasPriceOracle", GAS_PRICE_ORACLE),
    ("L1Block", L1_BLOCK),
    ("L2CrossDomainMessenger", L2_CROSS_DOMAIN_MESSENGER),
    ("L2StandardBridge", L2_STANDARD_BRIDGE),
    (
        "OptimismMintableERC20Factory",
        OPTIMISM_MINTABLE_ERC20_FACTORY,
    ),
    ("L2ToL1MessagePasser", L2_TO_L1_MESSAGE_PASSER),
    ("SequencerFeeVault", SEQUENCER_FEE_VAULT),
    ("BaseFeeVault", BASE_FEE_VAULT),
    ("L1FeeVault", L1_FEE_VAULT),
    ("OperatorFeeVault", OPERATOR_FEE_VAULT),
    ("ProxyAdmin", PROXY_ADMIN),
    ("Multicall3", MULTICALL3),
    ("Permit2", PERMIT2),
];

/// The contracts of the economy that are in a genesis, by name.
pub const ECONOMY: [(&str, Address); 16] = [
    ("ContributorRegistry", CONTRIBUTOR_REGISTRY),
    ("LicenseRegistry", LICENSE_REGISTRY),
    ("ContributionRegistry", CONTRIBUTION_REGISTRY),
    ("Admission", ADMISSION),
    ("DatanetRegistry", DATANET_REGISTRY),
    ("ModelRegistry", MODEL_REGISTRY),
    ("TrainingJobs", TRAINING_JOBS),
    ("PayableAI", PAYABLE_AI),
    ("FeeRouter", FEE_ROUTER),
    ("Settlement", SETTLEMENT),
    ("AttributionVerifier", ATTRIBUTION_VERIFIER),
    ("TilingVerifier", TILING_VERIFIER),
    ("EpochVerifier", EPOCH_VERIFIER),
    ("DemandVerifier", DEMAND_VERIFIER),
    ("PayoutVault", PAYOUT_VAULT),
    ("TrainingAccumulator", TRAINING_ACCUMULATOR),
];

/// Where the implementation behind a proxied predeploy stands: `0xc0d3...c0d3NNNN`, with the predeploy's last two bytes.
pub const fn implementation_of(predeploy: Address) -> Address {
    let mut bytes = address!("0xc0D3C0d3C0d3C0D3c0d3C0d3c0D3C0d3c0d30000").0.0;
    bytes[18] = predeploy.0.0[18];
    bytes[19] = predeploy.0.0[19];
    Address::new(bytes)
}

/// The `number`-th address of the economy's contracts: `0x4f50454e00...NNNN` ("OPEN" in ASCII).
pub const fn economy(number: u16) -> Address {
    let mut bytes = address!("0x4f50454e00000000000000000000000000000000").0.0;
    let [high, low] = number.to_be_bytes();
    bytes[18] = high;
    bytes[19] = low;
    Address::new(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn implementation_keeps_the_last_two_bytes() {
        assert_eq!(
            implementation_of(L1_BLOCK),
            address!("0xc0D3C0d3C0d3C0D3c0d3C0d3c0D3C0d3c0d30015")
        );
    }

    #[test]
    fn economy_numbers_are_big_endian() {
        assert_eq!(
            economy(0x0102),
            address!("0x4f50454e00000000000000000000000000000102")
        );
    }
}
