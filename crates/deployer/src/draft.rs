//! How the steps of a plan are made.

use crate::{
    AllocConfig, DeployConfig, DeployError, Step, Survey, TokenConfig, genesis_alloc,
    step::{Condition, Expected, create2_address, create2_calldata, create2_gas},
    supply,
};
use alloy_genesis::GenesisAccount;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256, utils::Unit};
use alloy_sol_types::{SolCall, SolValue};
use openledger_contracts::{
    Artifact, IOPEN, IProxyAdmin, ISystemConfig, addresses, artifacts, preinstalls,
};
use openledger_genesis::{FeeVaults, GasPayingToken, L1Peers};
use std::collections::BTreeMap;

/// Supply of a new OPEN, in whole tokens.
const OPEN_SUPPLY: u64 = 1_000_000_000;

/// The waves, in order.
pub(crate) mod wave {
    /// Creations: nothing of them needs another to be there.
    pub(crate) const CREATE: u32 = 0;
    /// Proxies that others ask, and the allowance for the portal.
    pub(crate) const CONFIGURE: u32 = 1;
    /// The portal, which asks SystemConfig and takes the coins.
    pub(crate) const PORTAL: u32 = 2;
    /// Tokens that go to others.
    pub(crate) const PAY: u32 = 3;
    /// The deployer's power ends.
    pub(crate) const HAND_OVER: u32 = 4;
}

/// Gas that calls use at most; `tests/deployment.rs` measures them.
pub(crate) mod gas {
    pub(crate) const ANCHOR_STATE_REGISTRY: u64 = 300_000;
    pub(crate) const DISPUTE_GAME_FACTORY: u64 = 250_000;
    pub(crate) const L1_CROSS_DOMAIN_MESSENGER: u64 = 300_000;
    pub(crate) const L1_STANDARD_BRIDGE: u64 = 300_000;
    pub(crate) const MINTABLE_ERC20_FACTORY: u64 = 200_000;
    pub(crate) const SUPERCHAIN_CONFIG: u64 = 250_000;
    pub(crate) const SYSTEM_CONFIG: u64 = 650_000;
    pub(crate) const PORTAL: u64 = 400_000;
    pub(crate) const APPROVE: u64 = 80_000;
    pub(crate) const TRANSFER: u64 = 80_000;
    pub(crate) const TRANSFER_OWNERSHIP: u64 = 60_000;
}

/// A contract behind a proxy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Proxied {
    name: &'static str,
    pub(crate) proxy: Address,
    implementation: Address,
}

/// The L2's coin, and the state in which it begins.
pub(crate) struct Coin {
    /// `None`: ether.
    pub(crate) token: Option<Address>,
    /// Who gets a new token's supply.
    pub(crate) holder: Address,
    pub(crate) alloc: BTreeMap<Address, GenesisAccount>,
    /// What the accounts of `alloc` hold, in wei.
    pub(crate) locked: U256,
}

/// A plan in the making.
pub(crate) struct Draft<'a> {
    config: &'a DeployConfig,
    pub(crate) steps: Vec<Step>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(config: &'a DeployConfig) -> Self {
        Self {
            config,
            steps: Vec::new(),
        }
    }

    /// Different for each contract of each chain: two proxies have the same code.
    fn salt(&self, name: &str) -> B256 {
        keccak256(
            [
                self.config.salt.as_slice(),
                &U256::from(self.config.l2_chain_id).to_be_bytes::<32>(),
                name.as_bytes(),
            ]
            .concat(),
        )
    }

    pub(crate) fn create(&mut self, name: &str, artifact: &Artifact, arguments: &[u8]) -> Address {
        let code = artifact.creation_code(arguments);
        self.create_code(
            name,
            self.salt(name),
            &code,
            artifact.deployed_bytecode.len(),
        )
    }

    fn create_code(
        &mut self,
        name: &str,
        salt: B256,
        code: &[u8],
        runtime_length: usize,
    ) -> Address {
        let address = create2_address(salt, code);
        self.steps.push(Step {
            name: format!("create {name}"),
            wave: wave::CREATE,
            to: addresses::DETERMINISTIC_DEPLOYMENT_PROXY,
            value: U256::ZERO,
            data: create2_calldata(salt, code),
            gas: create2_gas(code, runtime_length),
            done: Condition::Code(address),
            // Anyone can create it.
            conclusive: false,
        });
        address
    }

    /// A contract behind a proxy. `arguments`: those of the implementation's constructor.
    pub(crate) fn proxied(
        &mut self,
        name: &'static str,
        artifact: &Artifact,
        arguments: &[u8],
        admin: Address,
    ) -> Proxied {
        // Without owner and salt: all chains on one L1 share them.
        let implementation = self.create_code(
            &format!("{name} (implementation)"),
            B256::ZERO,
            &artifact.creation_code(arguments),
            artifact.deployed_bytecode.len(),
        );
        let proxy = self.create(name, artifacts::proxy(), &(admin,).abi_encode_params());
        Proxied {
            name,
            proxy,
            implementation,
        }
    }

    /// The L2's coin, and the state in which it begins.
    pub(crate) fn coin(
        &mut self,
        survey: &Survey,
        deployer: Address,
        granted: U256,
        l1_peers: L1Peers,
    ) -> Result<Coin, DeployError> {
        let config = self.config;
        let owner = config.owner;
        match config.token {
            TokenConfig::Ether => self.with_coin(None, owner, l1_peers),
            TokenConfig::Existing(address) => match &survey.token {
                Some(token) if token.address == address => {
                    self.with_coin(Some(token.clone()), owner, l1_peers)
                }
                _ => Err(DeployError::Token {
                    address,
                    reason: "the survey of the L1 did not look at it".into(),
                }),
            },
            TokenConfig::New => {
                let balances = config.alloc.values().map(|account| &account.balance);
                let needed = sum(config
                    .allocations
                    .values()
                    .chain(balances)
                    .chain([&granted]))?;
                let supply = open_supply();
                if needed > supply {
                    return Err(DeployError::Config(format!(
                        "the allocations and grants come to {needed} wei, and there are {supply} wei of OPEN"
                    )));
                }
                // The tokens pass through the deployer only where it has to pay something of them.
                let holder = if needed.is_zero() { owner } else { deployer };
                let arguments = (holder,).abi_encode_params();
                let token = GasPayingToken {
                    address: self.create("OPEN", artifacts::open(), &arguments),
                    decimals: 18,
                    name: "OpenLedger".into(),
                    symbol: "OPEN".into(),
                };
                self.with_coin(Some(token), holder, l1_peers)
            }
        }
    }

    fn with_coin(
        &self,
        token: Option<GasPayingToken>,
        holder: Address,
        l1_peers: L1Peers,
    ) -> Result<Coin, DeployError> {
        let config = self.config;
        let address = token.as_ref().map(|token| token.address);
        let alloc = genesis_alloc(&AllocConfig {
            l2_chain_id: config.l2_chain_id,
            fork: config.fork,
            owner: config.owner,
            fee_vaults: FeeVaults::all_to(config.owner),
            gas_paying_token: token,
            l1_peers,
            economy: config.economy.clone(),
            allocations: config.allocations.clone(),
            alloc: config.alloc.clone(),
        })?;
        let locked = supply(&alloc)?;
        // The portal counts in 128 bits.
        if locked > U256::from(u128::MAX) {
            return Err(DeployError::SupplyOverflow);
        }
        Ok(Coin {
            token: address,
            holder,
            alloc,
            locked,
        })
    }

    /// Where an L1 lacks Multicall3, the same code at another address.
    pub(crate) fn multicall3(&mut self) -> Address {
        let code = preinstalls()
            .iter()
            .find(|preinstall| preinstall.address == addresses::MULTICALL3)
            .map(|preinstall| preinstall.code.clone())
            .unwrap_or_default();
        self.create_code("Multicall3", B256::ZERO, &returning(&code), code.len())
    }

    pub(crate) fn initialize(
        &mut self,
        wave: u32,
        gas: u64,
        admin: Address,
        contract: Proxied,
        value: U256,
        call: &impl SolCall,
    ) {
        let Proxied {
            name,
            proxy,
            implementation,
        } = contract;
        self.steps.push(Step {
            name: format!("configure {name}"),
            wave,
            to: admin,
            value,
            data: IProxyAdmin::upgradeAndCallCall {
                proxy,
                implementation,
                data: call.abi_encode().into(),
            }
            .abi_encode()
            .into(),
            gas,
            done: Condition::Implementation {
                proxy,
                implementation,
            },
            // Only the deployer can, through a ProxyAdmin that is of this deployment alone.
            conclusive: true,
        });
    }

    /// What happens to the tokens of the deployer.
    pub(crate) fn pay(
        &mut self,
        token: Address,
        coin: &Coin,
        deployer: Address,
        portal: Address,
        granted: U256,
    ) {
        let config = self.config;
        let locked = coin.locked;
        if !locked.is_zero() {
            self.steps.push(Step {
                name: "allow the OptimismPortal to take what the L2 starts with".into(),
                wave: wave::CONFIGURE,
                to: token,
                value: U256::ZERO,
                data: IOPEN::approveCall {
                    spender: portal,
                    value: locked,
                }
                .abi_encode()
                .into(),
                gas: gas::APPROVE,
                done: Condition::View {
                    at: token,
                    data: IOPEN::allowanceCall {
                        owner: deployer,
                        spender: portal,
                    }
                    .abi_encode()
                    .into(),
                    word: Expected::AtLeast(locked),
                },
                conclusive: false,
            });
        }
        let mut transfers: Vec<(Address, U256)> = config
            .grants
            .iter()
            .map(|(to, amount)| (*to, *amount))
            .collect();
        if config.token == TokenConfig::New && coin.holder == deployer && deployer != config.owner {
            let paid = locked.saturating_add(granted);
            transfers.push((config.owner, open_supply().saturating_sub(paid)));
        }
        for (to, amount) in transfers
            .into_iter()
            .filter(|(_, amount)| !amount.is_zero())
        {
            self.steps.push(Step {
                name: format!("transfer tokens to {to}"),
                wave: wave::PAY,
                to: token,
                value: U256::ZERO,
                data: IOPEN::transferCall { to, value: amount }
                    .abi_encode()
                    .into(),
                gas: gas::TRANSFER,
                done: Condition::View {
                    at: token,
                    data: IOPEN::balanceOfCall { account: to }.abi_encode().into(),
                    word: Expected::AtLeast(amount),
                },
                conclusive: false,
            });
        }
    }
}

pub(crate) fn system_config_params(
    config: &DeployConfig,
    portal: Address,
    superchain_config: Address,
    token: Address,
) -> ISystemConfig::InitParams {
    ISystemConfig::InitParams {
        owner: config.owner,
        feeUpdater: config.fee_updater,
        feeLimits: ISystemConfig::FeeLimits {
            basefeeScalar: config.fee_limits.base_fee_scalar,
            blobbasefeeScalar: config.fee_limits.blob_base_fee_scalar,
            operatorFeeScalar: config.fee_limits.operator_fee_scalar,
            operatorFeeConstant: config.fee_limits.operator_fee_constant,
        },
        batcherHash: config.batcher.into_word(),
        basefeeScalar: config.base_fee_scalar,
        blobbasefeeScalar: config.blob_base_fee_scalar,
        gasLimit: config.gas_limit,
        unsafeBlockSigner: config.unsafe_block_signer,
        batchInbox: config.batch_inbox(),
        optimismPortal: portal,
        superchainConfig: superchain_config,
        gasPayingToken: token,
        l2ChainId: U256::from(config.l2_chain_id),
        eip1559Denominator: config.denominator(),
        eip1559Elasticity: config.elasticity,
        operatorFeeScalar: config.operator_fee_scalar,
        operatorFeeConstant: config.operator_fee_constant,
        minBaseFee: config.min_base_fee,
        daFootprintGasScalar: 0,
    }
}

fn open_supply() -> U256 {
    U256::from(OPEN_SUPPLY) * Unit::ETHER.wei()
}

pub(crate) fn sum<'a>(amounts: impl Iterator<Item = &'a U256>) -> Result<U256, DeployError> {
    let mut sum = U256::ZERO;
    for amount in amounts {
        sum = sum
            .checked_add(*amount)
            .ok_or(DeployError::SupplyOverflow)?;
    }
    Ok(sum)
}

/// Creation code that returns `runtime` as it is: PUSH2 length, DUP1, PUSH1 10, RETURNDATASIZE (0), CODECOPY,
/// RETURNDATASIZE (0), RETURN.
fn returning(runtime: &[u8]) -> Bytes {
    // EIP-170 keeps code below 2^16 bytes.
    let [high, low] = u16::try_from(runtime.len())
        .unwrap_or(u16::MAX)
        .to_be_bytes();
    let prefix = [0x61, high, low, 0x80, 0x60, 0x0a, 0x3d, 0x39, 0x3d, 0xf3];
    [&prefix[..], runtime].concat().into()
}
