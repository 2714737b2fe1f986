// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { IAnchorStateRegistry } from "interfaces/L1/IAnchorStateRegistry.sol";
import { ISuperchainConfig } from "interfaces/L1/ISuperchainConfig.sol";
import { ISystemConfig } from "interfaces/L1/ISystemConfig.sol";
import { AnchorStateRegistry } from "src/L1/AnchorStateRegistry.sol";
import { DisputeGameFactory } from "src/L1/DisputeGameFactory.sol";
import { OptimismPortal } from "src/L1/OptimismPortal.sol";
import { PermissionedDisputeGame } from "src/L1/PermissionedDisputeGame.sol";
import { SuperchainConfig } from "src/L1/SuperchainConfig.sol";
import { SystemConfig } from "src/L1/SystemConfig.sol";
import { Proxy } from "src/universal/Proxy.sol";
import { ProxyAdmin } from "src/universal/ProxyAdmin.sol";
import { Test } from "test/utils/Test.sol";

/// @title L1Deployment
/// @notice The L1 contracts of a chain, deployed in the order of a real deployment: everything is known before it is
///         initialized, every initialization is an upgrade of its own, and in the end the timelock owns it all.
abstract contract L1Deployment is Test {
    address internal immutable DEPLOYER = _account("deployer");
    address internal immutable COUNCIL = _account("council");
    address internal immutable OPERATOR = _account("operator");
    address internal immutable FEE_UPDATER = _account("fee updater");
    address internal immutable GUARDIAN = _account("guardian");
    address internal immutable BATCHER = _account("batcher");
    address internal immutable PROPOSER = _account("proposer");
    address internal immutable CHALLENGER = _account("challenger");

    uint256 internal constant L2_CHAIN_ID = 901;
    uint256 internal constant TIMELOCK_DELAY = 7 days;
    uint64 internal constant PAUSE_DURATION = 90 days;

    uint32 internal constant GAME_TYPE = 1;
    uint256 internal constant BOND = 0.08 ether;
    uint64 internal constant MAX_CLOCK_DURATION = 3.5 days;
    uint256 internal constant FINALITY_DELAY = 3.5 days;
    uint256 internal constant PROOF_MATURITY_DELAY = 7 days;
    bytes32 internal constant GENESIS_ROOT = keccak256("genesis");

    TimelockController internal timelock;
    ProxyAdmin internal proxyAdmin;
    SuperchainConfig internal superchainConfig;
    SystemConfig internal systemConfig;
    OptimismPortal internal portal;
    DisputeGameFactory internal factory;
    AnchorStateRegistry internal registry;

    /// @dev Deploys without initializing.
    function _deployProxies() internal {
        address[] memory council = new address[](1);
        council[0] = COUNCIL;
        timelock = new TimelockController(TIMELOCK_DELAY, council, council, address(0));
        proxyAdmin = new ProxyAdmin(DEPLOYER);
        superchainConfig = SuperchainConfig(address(new Proxy(address(proxyAdmin))));
        systemConfig = SystemConfig(address(new Proxy(address(proxyAdmin))));
        portal = OptimismPortal(payable(address(new Proxy(address(proxyAdmin)))));
        factory = DisputeGameFactory(address(new Proxy(address(proxyAdmin))));
        registry = AnchorStateRegistry(address(new Proxy(address(proxyAdmin))));
    }

    /// @dev Deploys all. `_token`: the coin, zero for ether. `_genesis`: the coins that the L2 has at its genesis; of a
    ///      token the deployer must have as many.
    function _deploy(address _token, uint256 _genesis) internal {
        _deployProxies();
        _initializeConfigs(_token);
        _initializeGames();
        address implementation = address(new OptimismPortal(PROOF_MATURITY_DELAY));
        vm.startPrank(DEPLOYER);
        if (_token != address(0)) IERC20(_token).approve(address(portal), _genesis);
        proxyAdmin.upgradeAndCall{ value: _token == address(0) ? _genesis : 0 }(
            payable(address(portal)),
            implementation,
            abi.encodeCall(OptimismPortal.initialize, (systemConfig, registry, _genesis, DEPLOYER))
        );
        proxyAdmin.transferOwnership(address(timelock));
        vm.stopPrank();
    }

    /// @dev Initializes what the portal needs.
    function _initializeConfigs(address _token) internal {
        address superchainImplementation = address(new SuperchainConfig());
        address systemImplementation = address(new SystemConfig());
        vm.startPrank(DEPLOYER);
        proxyAdmin.upgradeAndCall(
            payable(address(superchainConfig)),
            superchainImplementation,
            abi.encodeCall(SuperchainConfig.initialize, (GUARDIAN, PAUSE_DURATION))
        );
        proxyAdmin.upgradeAndCall(
            payable(address(systemConfig)),
            systemImplementation,
            abi.encodeCall(SystemConfig.initialize, (_initParams(_token)))
        );
        vm.stopPrank();
    }

    /// @dev Initializes what judges withdrawals.
    function _initializeGames() internal {
        address game = address(_newGame(GAME_TYPE));
        address factoryImplementation = address(new DisputeGameFactory());
        address registryImplementation = address(new AnchorStateRegistry(FINALITY_DELAY));
        vm.startPrank(DEPLOYER);
        proxyAdmin.upgradeAndCall(
            payable(address(factory)),
            factoryImplementation,
            abi.encodeCall(DisputeGameFactory.initialize, (GAME_TYPE, game, BOND))
        );
        proxyAdmin.upgradeAndCall(
            payable(address(registry)),
            registryImplementation,
            abi.encodeCall(
                AnchorStateRegistry.initialize,
                (systemConfig, factory, IAnchorStateRegistry.Proposal(GENESIS_ROOT, 0), GAME_TYPE)
            )
        );
        vm.stopPrank();
    }

    /// @dev Code of the games of a type.
    function _newGame(uint32 _gameType) internal returns (PermissionedDisputeGame) {
        return new PermissionedDisputeGame(
            PermissionedDisputeGame.Parameters({
                gameType: _gameType,
                maxClockDuration: MAX_CLOCK_DURATION,
                anchorStateRegistry: registry,
                l2ChainId: L2_CHAIN_ID,
                proposer: PROPOSER,
                challenger: CHALLENGER
            })
        );
    }

    /// @dev A configuration.
    function _initParams(address _token) internal view returns (ISystemConfig.InitParams memory) {
        return ISystemConfig.InitParams({
            owner: OPERATOR,
            feeUpdater: FEE_UPDATER,
            feeLimits: ISystemConfig.FeeLimits(10_000_000, 20_000_000, 500, 1e12),
            batcherHash: bytes32(uint256(uint160(BATCHER))),
            basefeeScalar: 5227,
            blobbasefeeScalar: 1_014_213,
            gasLimit: 60_000_000,
            unsafeBlockSigner: address(0x51),
            batchInbox: address(0x00ff),
            optimismPortal: address(portal),
            superchainConfig: ISuperchainConfig(address(superchainConfig)),
            gasPayingToken: _token,
            l2ChainId: L2_CHAIN_ID,
            eip1559Denominator: 250,
            eip1559Elasticity: 6,
            operatorFeeScalar: 7,
            operatorFeeConstant: 8,
            minBaseFee: 100,
            daFootprintGasScalar: 400
        });
    }
}
