// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";
import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";

import { IResourceMetering } from "interfaces/L1/IResourceMetering.sol";
import { ISuperchainConfig } from "interfaces/L1/ISuperchainConfig.sol";
import { ISystemConfig } from "interfaces/L1/ISystemConfig.sol";
import { IProxyAdminOwned } from "interfaces/universal/IProxyAdminOwned.sol";
import { OPEN } from "src/L1/OPEN.sol";
import { SystemConfig } from "src/L1/SystemConfig.sol";
import { CoarseToken } from "test/mocks/Tokens.sol";
import { L1Deployment } from "test/utils/L1Deployment.sol";
import { Vm } from "test/utils/Vm.sol";

contract SystemConfig_Initialize_Test is L1Deployment {
    OPEN internal open = new OPEN(DEPLOYER);

    function setUp() external {
        vm.roll(1234);
        _deploy(address(open), 0);
    }

    function test_initialize_succeeds() external view {
        vm.assertEq(systemConfig.owner(), OPERATOR);
        vm.assertEq(systemConfig.feeUpdater(), FEE_UPDATER);
        vm.assertEq(systemConfig.feeLimits().operatorFeeConstant, 1e12);
        vm.assertEq(systemConfig.batcherHash(), bytes32(uint256(uint160(BATCHER))));
        vm.assertEq(systemConfig.overhead(), 0);
        vm.assertEq(systemConfig.scalar(), 0x010000000000000000000000000000000000000000000000000f79c50000146b);
        vm.assertEq(systemConfig.basefeeScalar(), 5227);
        vm.assertEq(systemConfig.blobbasefeeScalar(), 1_014_213);
        vm.assertEq(systemConfig.gasLimit(), 60_000_000);
        vm.assertEq(systemConfig.unsafeBlockSigner(), address(0x51));
        vm.assertEq(systemConfig.batchInbox(), address(0x00ff));
        vm.assertEq(systemConfig.optimismPortal(), address(portal));
        vm.assertEq(address(systemConfig.superchainConfig()), address(superchainConfig));
        vm.assertEq(systemConfig.guardian(), GUARDIAN);
        vm.assertEq(systemConfig.l2ChainId(), L2_CHAIN_ID);
        vm.assertEq(systemConfig.startBlock(), 1234);
        vm.assertEq(systemConfig.eip1559Denominator(), 250);
        vm.assertEq(systemConfig.eip1559Elasticity(), 6);
        vm.assertEq(systemConfig.operatorFeeScalar(), 7);
        vm.assertEq(systemConfig.operatorFeeConstant(), 8);
        vm.assertEq(systemConfig.minBaseFee(), 100);
        vm.assertEq(systemConfig.daFootprintGasScalar(), 400);
        vm.assertEq(systemConfig.version(), "4.0.0");
    }

    function test_gasPayingToken_isToken_succeeds() external view {
        (address token, uint8 decimals) = systemConfig.gasPayingToken();
        vm.assertEq(token, address(open));
        vm.assertEq(decimals, 18);
        vm.assertTrue(systemConfig.isCustomGasToken());
        vm.assertEq(systemConfig.gasPayingTokenName(), "OpenLedger");
        vm.assertEq(systemConfig.gasPayingTokenSymbol(), "OPEN");
    }

    function test_gasPayingToken_isEther_succeeds() external {
        _deploy(address(0), 0);
        (address token, uint8 decimals) = systemConfig.gasPayingToken();
        vm.assertEq(token, 0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE);
        vm.assertEq(decimals, 18);
        vm.assertFalse(systemConfig.isCustomGasToken());
        vm.assertEq(systemConfig.gasPayingTokenName(), "Ether");
        vm.assertEq(systemConfig.gasPayingTokenSymbol(), "ETH");
    }

    /// @dev The specification's default values.
    function test_resourceConfig_succeeds() external view {
        IResourceMetering.ResourceConfig memory config = systemConfig.resourceConfig();
        vm.assertEq(config.maxResourceLimit, 20_000_000);
        vm.assertEq(config.elasticityMultiplier, 10);
        vm.assertEq(config.baseFeeMaxChangeDenominator, 8);
        vm.assertEq(config.minimumBaseFee, 1e9);
        vm.assertEq(config.systemTxMaxGas, 1_000_000);
        vm.assertEq(config.maximumBaseFee, type(uint128).max);
        vm.assertEq(systemConfig.minimumGasLimit(), 21_000_000);
        vm.assertEq(systemConfig.maximumGasLimit(), 1_000_000_000);
    }

    /// @dev Nodes read the signer with a storage proof of this slot.
    function test_unsafeBlockSigner_slot_succeeds() external view {
        bytes32 slot = 0x65a7ed542fb37fe237fdfbdd70b31598523fe5b32879e307bae27a0bd9581c08;
        vm.assertEq(systemConfig.UNSAFE_BLOCK_SIGNER_SLOT(), slot);
        vm.assertEq(vm.load(address(systemConfig), slot), bytes32(uint256(0x51)));
    }

    /// @dev Each update once, in the order of their numbers.
    function test_initialize_emitsAllUpdates_succeeds() external {
        _deployProxies();
        vm.recordLogs();
        _initializeConfigs(address(0));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 next;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != keccak256("ConfigUpdate(uint256,uint8,bytes)")) continue;
            vm.assertEq(logs[i].topics[1], bytes32(0));
            vm.assertEq(uint256(logs[i].topics[2]), next++);
        }
        vm.assertEq(next, 8);
    }

    function test_initialize_again_reverts() external {
        vm.prank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        systemConfig.initialize(_initParams(address(0)));
    }

    function testFuzz_initialize_notAdmin_reverts(address _caller) external {
        vm.assume(_caller != address(proxyAdmin) && _caller != address(timelock));
        vm.prank(_caller);
        vm.expectRevert(abi.encodeWithSelector(IProxyAdminOwned.ProxyAdminOwned_NotProxyAdminOrOwner.selector));
        systemConfig.initialize(_initParams(address(0)));
    }

    function test_implementation_isDead_succeeds() external {
        SystemConfig implementation = new SystemConfig();
        vm.assertEq(implementation.owner(), address(0));
        vm.assertEq(implementation.proxyAdmin(), address(0));
        // It has no ProxyAdmin: nobody is allowed.
        vm.expectRevert();
        implementation.initialize(_initParams(address(0)));
    }

    function test_initialize_zeroAddress_reverts() external {
        for (uint256 i; i < 4; ++i) {
            ISystemConfig.InitParams memory params = _initParams(address(0));
            if (i == 0) params.owner = address(0);
            if (i == 1) params.batchInbox = address(0);
            if (i == 2) params.optimismPortal = address(0);
            if (i == 3) params.superchainConfig = ISuperchainConfig(address(0));
            _initializeReverts(params, ISystemConfig.SystemConfig_ZeroAddress.selector);
        }
    }

    function test_initialize_gasPayingToken_reverts() external {
        bytes4 reason = ISystemConfig.SystemConfig_InvalidGasPayingToken.selector;
        _initializeReverts(_initParams(address(new CoarseToken())), reason);
        _initializeReverts(_initParams(0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE), reason);
    }

    function _initializeReverts(ISystemConfig.InitParams memory _params, bytes4 _reason) internal {
        _deployProxies();
        address implementation = address(new SystemConfig());
        vm.prank(DEPLOYER);
        vm.expectRevert(abi.encodeWithSelector(_reason));
        proxyAdmin.upgradeAndCall(
            payable(address(systemConfig)), implementation, abi.encodeCall(SystemConfig.initialize, (_params))
        );
    }
}

contract SystemConfig_Setters_Test is L1Deployment {
    function setUp() external {
        _deploy(address(0), 0);
    }

    /// @dev The last call emitted this update and nothing else: the topics, and the data byte for byte.
    function _assertUpdate(uint8 _type, bytes memory _payload) internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 1);
        vm.assertEq(logs[0].emitter, address(systemConfig));
        vm.assertEq(logs[0].topics.length, 3);
        vm.assertEq(logs[0].topics[0], 0x1d2b0bda21d56b8bd12d4f94ebacffdfb35f5e226f84b461103bb8beab6353be);
        vm.assertEq(logs[0].topics[1], bytes32(0));
        vm.assertEq(logs[0].topics[2], bytes32(uint256(_type)));
        vm.assertEq(logs[0].data, abi.encodePacked(uint256(32), _payload.length, _payload));
    }

    function _asOwner() internal {
        vm.recordLogs();
        vm.prank(OPERATOR);
    }

    function testFuzz_setBatcherHash_succeeds(bytes32 _hash) external {
        _asOwner();
        systemConfig.setBatcherHash(_hash);
        _assertUpdate(0, abi.encodePacked(_hash));
        vm.assertEq(systemConfig.batcherHash(), _hash);
    }

    function testFuzz_setBatcherHash_address_succeeds(address _batcher) external {
        _asOwner();
        systemConfig.setBatcherHash(_batcher);
        _assertUpdate(0, abi.encodePacked(bytes12(0), _batcher));
    }

    function testFuzz_setGasConfigEcotone_succeeds(uint32 _basefee, uint32 _blobbasefee) external {
        _asOwner();
        systemConfig.setGasConfigEcotone(_basefee, _blobbasefee);
        _assertUpdate(1, abi.encodePacked(bytes32(0), bytes1(0x01), bytes23(0), _blobbasefee, _basefee));
        vm.assertEq(systemConfig.basefeeScalar(), _basefee);
        vm.assertEq(systemConfig.blobbasefeeScalar(), _blobbasefee);
        vm.assertEq(
            bytes32(systemConfig.scalar()), bytes32(abi.encodePacked(hex"01", bytes23(0), _blobbasefee, _basefee))
        );
    }

    function testFuzz_setGasLimit_succeeds(uint64 _gasLimit) external {
        _gasLimit = uint64(_bound(_gasLimit, 21_000_000, 1_000_000_000));
        _asOwner();
        systemConfig.setGasLimit(_gasLimit);
        _assertUpdate(2, abi.encodePacked(bytes24(0), _gasLimit));
        vm.assertEq(systemConfig.gasLimit(), _gasLimit);
    }

    function testFuzz_setUnsafeBlockSigner_succeeds(address _signer) external {
        _asOwner();
        systemConfig.setUnsafeBlockSigner(_signer);
        _assertUpdate(3, abi.encodePacked(bytes12(0), _signer));
        vm.assertEq(systemConfig.unsafeBlockSigner(), _signer);
    }

    function testFuzz_setEIP1559Params_succeeds(uint32 _denominator, uint32 _elasticity) external {
        _denominator = uint32(_bound(_denominator, 1, type(uint32).max));
        _elasticity = uint32(_bound(_elasticity, 1, 1000));
        _asOwner();
        systemConfig.setEIP1559Params(_denominator, _elasticity);
        _assertUpdate(4, abi.encodePacked(bytes24(0), _denominator, _elasticity));
        vm.assertEq(systemConfig.eip1559Denominator(), _denominator);
        vm.assertEq(systemConfig.eip1559Elasticity(), _elasticity);
    }

    function testFuzz_setOperatorFeeScalars_succeeds(uint32 _scalar, uint64 _constant) external {
        _asOwner();
        systemConfig.setOperatorFeeScalars(_scalar, _constant);
        _assertUpdate(5, abi.encodePacked(bytes20(0), _scalar, _constant));
        vm.assertEq(systemConfig.operatorFeeScalar(), _scalar);
        vm.assertEq(systemConfig.operatorFeeConstant(), _constant);
    }

    function testFuzz_setMinBaseFee_succeeds(uint64 _minBaseFee) external {
        _asOwner();
        systemConfig.setMinBaseFee(_minBaseFee);
        _assertUpdate(6, abi.encodePacked(bytes24(0), _minBaseFee));
        vm.assertEq(systemConfig.minBaseFee(), _minBaseFee);
    }

    function testFuzz_setDAFootprintGasScalar_succeeds(uint16 _scalar) external {
        _asOwner();
        systemConfig.setDAFootprintGasScalar(_scalar);
        _assertUpdate(7, abi.encodePacked(bytes30(0), _scalar));
        vm.assertEq(systemConfig.daFootprintGasScalar(), _scalar);
    }

    function testFuzz_setGasLimit_outOfBounds_reverts(uint64 _gasLimit) external {
        vm.assume(_gasLimit < 21_000_000 || _gasLimit > 1_000_000_000);
        _gasLimitReverts(_gasLimit);
        _gasLimitReverts(20_999_999);
        _gasLimitReverts(1_000_000_001);
    }

    function _gasLimitReverts(uint64 _gasLimit) internal {
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(ISystemConfig.SystemConfig_InvalidGasLimit.selector));
        systemConfig.setGasLimit(_gasLimit);
    }

    function test_setEIP1559Params_outOfBounds_reverts() external {
        uint32[2][3] memory bad = [[uint32(0), 6], [uint32(250), 0], [uint32(250), 1001]];
        for (uint256 i; i < bad.length; ++i) {
            vm.prank(OPERATOR);
            vm.expectRevert(abi.encodeWithSelector(ISystemConfig.SystemConfig_InvalidEIP1559Params.selector));
            systemConfig.setEIP1559Params(bad[i][0], bad[i][1]);
        }
    }

    /// @dev The fee updater among them: it has two functions and no more.
    function testFuzz_setters_notOwner_reverts(address _caller) external {
        vm.assume(_caller != OPERATOR);
        _settersRevert(_caller);
        _settersRevert(FEE_UPDATER);
        _settersRevert(address(timelock));
    }

    function _settersRevert(address _caller) internal {
        bytes memory expected = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, _caller);
        ISystemConfig.FeeLimits memory limits;
        vm.startPrank(_caller);
        vm.expectRevert(expected);
        systemConfig.setBatcherHash(bytes32(0));
        vm.expectRevert(expected);
        systemConfig.setBatcherHash(address(0));
        vm.expectRevert(expected);
        systemConfig.setGasLimit(30_000_000);
        vm.expectRevert(expected);
        systemConfig.setUnsafeBlockSigner(_caller);
        vm.expectRevert(expected);
        systemConfig.setEIP1559Params(8, 2);
        vm.expectRevert(expected);
        systemConfig.setMinBaseFee(0);
        vm.expectRevert(expected);
        systemConfig.setDAFootprintGasScalar(0);
        vm.expectRevert(expected);
        systemConfig.setFeeUpdater(_caller, limits);
        vm.stopPrank();
    }

    function testFuzz_fees_notFeeUpdater_reverts(address _caller) external {
        vm.assume(_caller != OPERATOR && _caller != FEE_UPDATER);
        bytes memory expected = abi.encodeWithSelector(ISystemConfig.SystemConfig_NotFeeUpdater.selector);
        vm.startPrank(_caller);
        vm.expectRevert(expected);
        systemConfig.setGasConfigEcotone(0, 0);
        vm.expectRevert(expected);
        systemConfig.setOperatorFeeScalars(0, 0);
    }

    function testFuzz_fees_feeUpdaterWithinLimits_succeeds(uint32 _a, uint32 _b, uint32 _c, uint64 _d) external {
        ISystemConfig.FeeLimits memory limits = systemConfig.feeLimits();
        _a = uint32(_bound(_a, 0, limits.basefeeScalar));
        _b = uint32(_bound(_b, 0, limits.blobbasefeeScalar));
        _c = uint32(_bound(_c, 0, limits.operatorFeeScalar));
        _d = uint64(_bound(_d, 0, limits.operatorFeeConstant));
        vm.startPrank(FEE_UPDATER);
        vm.recordLogs();
        systemConfig.setGasConfigEcotone(_a, _b);
        _assertUpdate(1, abi.encodePacked(bytes32(0), bytes1(0x01), bytes23(0), _b, _a));
        systemConfig.setOperatorFeeScalars(_c, _d);
        _assertUpdate(5, abi.encodePacked(bytes20(0), _c, _d));
    }

    function test_fees_feeUpdaterBeyondLimits_reverts() external {
        ISystemConfig.FeeLimits memory limits = systemConfig.feeLimits();
        bytes memory expected = abi.encodeWithSelector(ISystemConfig.SystemConfig_FeeBeyondLimit.selector);
        vm.startPrank(FEE_UPDATER);
        vm.expectRevert(expected);
        systemConfig.setGasConfigEcotone(limits.basefeeScalar + 1, 0);
        vm.expectRevert(expected);
        systemConfig.setGasConfigEcotone(0, limits.blobbasefeeScalar + 1);
        vm.expectRevert(expected);
        systemConfig.setOperatorFeeScalars(limits.operatorFeeScalar + 1, 0);
        vm.expectRevert(expected);
        systemConfig.setOperatorFeeScalars(0, limits.operatorFeeConstant + 1);
    }

    function test_setFeeUpdater_succeeds() external {
        ISystemConfig.FeeLimits memory limits = ISystemConfig.FeeLimits(1, 2, 3, 4);
        vm.expectEmit();
        emit ISystemConfig.FeeUpdaterSet(BOB, limits);
        vm.prank(OPERATOR);
        systemConfig.setFeeUpdater(BOB, limits);
        vm.prank(BOB);
        systemConfig.setGasConfigEcotone(1, 2);
        vm.prank(FEE_UPDATER);
        vm.expectRevert(abi.encodeWithSelector(ISystemConfig.SystemConfig_NotFeeUpdater.selector));
        systemConfig.setGasConfigEcotone(1, 2);
    }

    /// @dev The configuration cannot be handed to an address that does not answer.
    function test_transferOwnership_needsAcceptance_succeeds() external {
        vm.prank(OPERATOR);
        systemConfig.transferOwnership(BOB);
        vm.assertEq(systemConfig.owner(), OPERATOR);
        vm.prank(BOB);
        systemConfig.acceptOwnership();
        vm.assertEq(systemConfig.owner(), BOB);
    }
}
