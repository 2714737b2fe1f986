//! The steps of a deployment, and where its contracts will stand.

use crate::{
    AllocConfig, DeployConfig, DeployError, L2Genesis, L2Parameters, Step, Survey, TokenConfig,
    genesis_alloc,
    step::{Condition, Expected, create2_address, create2_calldata, create2_gas},
    supply,
};
use alloy_genesis::GenesisAccount;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256, utils::Unit};
use alloy_sol_types::{SolCall, SolValue};
use openledger_contracts::{
    Artifact, IOPEN, IOptimismPortal, IProxyAdmin, ISuperchainConfig, ISystemConfig, addresses,
    artifacts, preinstalls,
};
use openledger_genesis::{FeeVaults, GasPayingToken};
use openledger_l1::L1Block;
use std::collections::BTreeMap;

/// Supply of a new OPEN, in whole tokens.
const OPEN_SUPPLY: u64 = 1_000_000_000;

/// The waves, in order.
mod wave {
    /// Creations: nothing of them needs another to be there.
    pub(super) const CREATE: u32 = 0;
    /// Proxies that others ask, and the allowance for the portal.
    pub(super) const CONFIGURE: u32 = 1;
    /// The portal, which asks SystemConfig and takes the coins.
    pub(super) const PORTAL: u32 = 2;
    /// Tokens that go to others.
    pub(super) const PAY: u32 = 3;
    /// The deployer's power ends.
    pub(super) const HAND_OVER: u32 = 4;
}

/// Gas that calls use at most; `tests/deployment.rs` measures them.
mod gas {
    pub(super) const SUPERCHAIN_CONFIG: u64 = 250_000;
    pub(super) const SYSTEM_CONFIG: u64 = 650_000;
    pub(super) const PORTAL: u64 = 400_000;
    pub(super) const APPROVE: u64 = 80_000;
    pub(super) const TRANSFER: u64 = 80_000;
    pub(super) const TRANSFER_OWNERSHIP: u64 = 60_000;
}

/// Where the contracts stand on the L1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct L1Contracts {
    /// Emits deposits and holds the coins. A proxy.
    pub optimism_portal: Address,
    /// The chain's configuration. A proxy.
    pub system_config: Address,
    /// The pause. A proxy.
    pub superchain_config: Address,
    /// Administrator of the proxies, owned by the timelock.
    pub proxy_admin: Address,
    /// Delays upgrades.
    pub timelock: Address,
    /// The token that is the L2's coin; `None` where ether is.
    pub token: Option<Address>,
    /// Calls in a batch.
    pub multicall3: Address,
}

impl L1Contracts {
    /// By the names that `deployment.json` uses.
    pub fn by_name(&self) -> BTreeMap<String, Address> {
        [
            ("OptimismPortal", Some(self.optimism_portal)),
            ("SystemConfig", Some(self.system_config)),
            ("SuperchainConfig", Some(self.superchain_config)),
            ("ProxyAdmin", Some(self.proxy_admin)),
            ("Timelock", Some(self.timelock)),
            ("OPEN", self.token),
            ("Multicall3", Some(self.multicall3)),
        ]
        .into_iter()
        .filter_map(|(name, address)| Some((name.to_owned(), address?)))
        .collect()
    }
}

/// A deployment before it happens: the same inputs give the same steps and the same addresses.
#[derive(Debug, Clone)]
pub struct Plan {
    config: DeployConfig,
    deployer: Address,
    contracts: L1Contracts,
    steps: Vec<Step>,
    alloc: BTreeMap<Address, GenesisAccount>,
    locked: U256,
}

impl Plan {
    /// Plans a deployment that `deployer` sends and pays.
    ///
    /// # Errors
    /// [`DeployError::Config`] for a configuration that can not work, [`DeployError::Predeploys`] when a contract of the
    /// L2's genesis refuses it.
    pub fn new(
        config: &DeployConfig,
        survey: &Survey,
        deployer: Address,
    ) -> Result<Self, DeployError> {
        config.validate()?;
        let mut draft = Draft::new(config);
        let timelock = draft.create(
            "Timelock",
            artifacts::timelock_controller(),
            &(
                U256::from(config.timelock_delay),
                vec![config.owner],
                vec![config.owner],
                Address::ZERO,
            )
                .abi_encode_params(),
        );
        let proxy_admin = draft.create(
            "ProxyAdmin",
            artifacts::proxy_admin(),
            &(deployer,).abi_encode_params(),
        );
        let superchain_config = draft.proxied(
            "SuperchainConfig",
            artifacts::superchain_config(),
            proxy_admin,
        );
        let system_config = draft.proxied("SystemConfig", artifacts::system_config(), proxy_admin);
        let portal = draft.proxied("OptimismPortal", artifacts::optimism_portal(), proxy_admin);

        let granted = sum(config.grants.values())?;
        let coin = draft.coin(survey, deployer, granted)?;
        let multicall3 = if survey.multicall3 {
            addresses::MULTICALL3
        } else {
            draft.multicall3()
        };

        draft.initialize(
            wave::CONFIGURE,
            gas::SUPERCHAIN_CONFIG,
            proxy_admin,
            superchain_config,
            U256::ZERO,
            &ISuperchainConfig::initializeCall {
                guardian: config.guardian,
                pauseDuration: config.pause_expiry,
            },
        );
        draft.initialize(
            wave::CONFIGURE,
            gas::SYSTEM_CONFIG,
            proxy_admin,
            system_config,
            U256::ZERO,
            &ISystemConfig::initializeCall {
                params: system_config_params(
                    config,
                    portal.proxy,
                    superchain_config.proxy,
                    coin.token.unwrap_or_default(),
                ),
            },
        );
        let ether = match coin.token {
            None => coin.locked,
            Some(token) => {
                draft.pay(token, &coin, deployer, portal.proxy, granted);
                U256::ZERO
            }
        };
        draft.initialize(
            wave::PORTAL,
            gas::PORTAL,
            proxy_admin,
            portal,
            ether,
            &IOptimismPortal::initializeCall {
                systemConfig: system_config.proxy,
                genesisLocked: coin.locked,
                funder: deployer,
            },
        );
        draft.steps.push(Step {
            name: "hand the ProxyAdmin over to the Timelock".into(),
            wave: wave::HAND_OVER,
            to: proxy_admin,
            value: U256::ZERO,
            data: IProxyAdmin::transferOwnershipCall { newOwner: timelock }
                .abi_encode()
                .into(),
            gas: gas::TRANSFER_OWNERSHIP,
            done: Condition::View {
                at: proxy_admin,
                data: IProxyAdmin::ownerCall {}.abi_encode().into(),
                word: Expected::Is(U256::from_be_bytes(timelock.into_word().0)),
            },
            conclusive: true,
        });
        draft.steps.sort_by_key(|step| step.wave);
        Ok(Self {
            config: config.clone(),
            deployer,
            contracts: L1Contracts {
                optimism_portal: portal.proxy,
                system_config: system_config.proxy,
                superchain_config: superchain_config.proxy,
                proxy_admin,
                timelock,
                token: coin.token,
                multicall3,
            },
            steps: draft.steps,
            alloc: coin.alloc,
            locked: coin.locked,
        })
    }

    /// What it was made from.
    pub fn config(&self) -> &DeployConfig {
        &self.config
    }

    /// Who sends the transactions.
    pub fn deployer(&self) -> Address {
        self.deployer
    }

    /// Where the contracts will stand.
    pub fn contracts(&self) -> &L1Contracts {
        &self.contracts
    }

    /// The steps, ascending by wave.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Coins that the portal locks because the L2 starts with them, in wei.
    pub fn locked(&self) -> U256 {
        self.locked
    }

    /// The L2's genesis and rollup configuration when it begins at `l1`, a block at or after the one in which the
    /// deployment ended. The genesis' hash is still to be filled in, see [`L2Genesis`].
    ///
    /// # Errors
    /// [`DeployError::Genesis`].
    pub fn l2_genesis(&self, l1: &L1Block) -> Result<L2Genesis, DeployError> {
        let config = &self.config;
        L2Genesis::new(
            self.alloc.clone(),
            &L2Parameters {
                l1_chain_id: config.l1_chain_id,
                l2_chain_id: config.l2_chain_id,
                fork: config.fork,
                l1: l1.id(),
                l1_time: l1.timestamp,
                block_time: config.block_time,
                elasticity: config.elasticity,
                seq_window: config.seq_window,
                system_config: config.system_config(),
                batch_inbox: config.batch_inbox(),
                portal: self.contracts.optimism_portal,
                l1_system_config: self.contracts.system_config,
            },
        )
    }
}

/// A contract behind a proxy.
#[derive(Debug, Clone, Copy)]
struct Proxied {
    name: &'static str,
    proxy: Address,
    implementation: Address,
}

/// The L2's coin, and the state in which it begins.
struct Coin {
    /// `None`: ether.
    token: Option<Address>,
    /// Who gets a new token's supply.
    holder: Address,
    alloc: BTreeMap<Address, GenesisAccount>,
    /// What the accounts of `alloc` hold, in wei.
    locked: U256,
}

/// A plan in the making.
struct Draft<'a> {
    config: &'a DeployConfig,
    steps: Vec<Step>,
}

impl<'a> Draft<'a> {
    fn new(config: &'a DeployConfig) -> Self {
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

    fn create(&mut self, name: &str, artifact: &Artifact, arguments: &[u8]) -> Address {
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

    fn proxied(&mut self, name: &'static str, artifact: &Artifact, admin: Address) -> Proxied {
        // Without arguments, owner and salt: all chains on one L1 share them.
        let implementation = self.create_code(
            &format!("{name} (implementation)"),
            B256::ZERO,
            &artifact.bytecode,
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
    fn coin(
        &mut self,
        survey: &Survey,
        deployer: Address,
        granted: U256,
    ) -> Result<Coin, DeployError> {
        let config = self.config;
        let owner = config.owner;
        match config.token {
            TokenConfig::Ether => self.with_coin(None, owner),
            TokenConfig::Existing(address) => match &survey.token {
                Some(token) if token.address == address => {
                    self.with_coin(Some(token.clone()), owner)
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
                self.with_coin(Some(token), holder)
            }
        }
    }

    fn with_coin(
        &self,
        token: Option<GasPayingToken>,
        holder: Address,
    ) -> Result<Coin, DeployError> {
        let config = self.config;
        let address = token.as_ref().map(|token| token.address);
        let alloc = genesis_alloc(&AllocConfig {
            l2_chain_id: config.l2_chain_id,
            fork: config.fork,
            owner: config.owner,
            fee_vaults: FeeVaults::all_to(config.owner),
            gas_paying_token: token,
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
    fn multicall3(&mut self) -> Address {
        let code = preinstalls()
            .iter()
            .find(|preinstall| preinstall.address == addresses::MULTICALL3)
            .map(|preinstall| preinstall.code.clone())
            .unwrap_or_default();
        self.create_code("Multicall3", B256::ZERO, &returning(&code), code.len())
    }

    fn initialize(
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
    fn pay(
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

fn system_config_params(
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

fn sum<'a>(amounts: impl Iterator<Item = &'a U256>) -> Result<U256, DeployError> {
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
