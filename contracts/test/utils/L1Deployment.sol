// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { ISuperchainConfig } from "interfaces/L1/ISuperchainConfig.sol";
import { ISystemConfig } from "interfaces/L1/ISystemConfig.sol";
import { OptimismPortal } from "src/L1/OptimismPortal.sol";
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

    uint256 internal constant L2_CHAIN_ID = 901;
    uint256 internal constant TIMELOCK_DELAY = 7 days;
    uint64 internal constant PAUSE_DURATION = 90 days;

    TimelockController internal timelock;
    ProxyAdmin internal proxyAdmin;
    SuperchainConfig internal superchainConfig;
    SystemConfig internal systemConfig;
    OptimismPortal internal portal;

    /// @dev Deploys without initializing.
    function _deployProxies() internal {
        address[] memory council = new address[](1);
        council[0] = COUNCIL;
        timelock = new TimelockController(TIMELOCK_DELAY, council, council, address(0));
        proxyAdmin = new ProxyAdmin(DEPLOYER);
        superchainConfig = SuperchainConfig(address(new Proxy(address(proxyAdmin))));
        systemConfig = SystemConfig(address(new Proxy(address(proxyAdmin))));
        portal = OptimismPortal(payable(address(new Proxy(address(proxyAdmin)))));
    }

    /// @dev Deploys all. `_token`: the coin, zero for ether. `_genesis`: the coins that the L2 has at its genesis; of a
    ///      token the deployer must have as many.
    function _deploy(address _token, uint256 _genesis) internal {
        _deployProxies();
        _initializeConfigs(_token);
        address implementation = address(new OptimismPortal());
        vm.startPrank(DEPLOYER);
        if (_token != address(0)) IERC20(_token).approve(address(portal), _genesis);
        proxyAdmin.upgradeAndCall{ value: _token == address(0) ? _genesis : 0 }(
            payable(address(portal)),
            implementation,
            abi.encodeCall(OptimismPortal.initialize, (systemConfig, _genesis, DEPLOYER))
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
