// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { IResourceMetering } from "interfaces/L1/IResourceMetering.sol";
import { IProxyAdminOwned } from "interfaces/universal/IProxyAdminOwned.sol";
import { OPEN } from "src/L1/OPEN.sol";
import { OptimismPortal } from "src/L1/OptimismPortal.sol";
import {
    FalseToken,
    FeeToken,
    GenerousToken,
    LyingToken,
    OddToken,
    ReentrantToken,
    SilentToken
} from "test/mocks/Tokens.sol";
import { L1Deployment } from "test/utils/L1Deployment.sol";
import { Vm } from "test/utils/Vm.sol";

/// @notice What the tests of both coins share.
abstract contract OptimismPortal_Base is L1Deployment {
    uint256 internal constant GENESIS = 100_000 ether;

    /// @dev The last call emitted one deposit event: topics and data byte for byte.
    function _assertDeposited(address _from, address _to, bytes memory _opaque) internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Vm.Log memory log = logs[logs.length - 1];
        vm.assertEq(log.emitter, address(portal));
        vm.assertEq(log.topics.length, 4);
        vm.assertEq(log.topics[0], 0xb3813568d9991fc951961fcb4c784893574240a28925604d09fc577c55bb7c32);
        vm.assertEq(log.topics[1], bytes32(uint256(uint160(_from))));
        vm.assertEq(log.topics[2], bytes32(uint256(uint160(_to))));
        vm.assertEq(log.topics[3], bytes32(0));
        bytes memory padding = new bytes((32 - _opaque.length % 32) % 32);
        vm.assertEq(log.data, abi.encodePacked(uint256(32), _opaque.length, _opaque, padding));
    }

    function _alias(address _contract) internal pure returns (address) {
        uint256 sum = uint256(uint160(_contract)) + uint256(uint160(0x1111000000000000000000000000000000001111));
        return address(uint160(sum % 2 ** 160));
    }

    /// @dev Makes the next call come from an account with a key, and records its logs.
    function _asAlice() internal {
        vm.recordLogs();
        vm.prank(ALICE, ALICE);
    }
}

contract OptimismPortal_Ether_Test is OptimismPortal_Base {
    function setUp() external {
        _deploy(address(0), GENESIS);
    }

    function test_initialize_succeeds() external view {
        vm.assertEq(portal.version(), "5.1.0");
        vm.assertEq(address(portal.systemConfig()), address(systemConfig));
        vm.assertEq(address(portal.anchorStateRegistry()), address(registry));
        vm.assertEq(address(portal.superchainConfig()), address(superchainConfig));
        vm.assertEq(portal.guardian(), GUARDIAN);
        vm.assertFalse(portal.paused());
        (address token, uint8 decimals) = portal.gasPayingToken();
        vm.assertEq(token, 0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE);
        vm.assertEq(decimals, 18);
        vm.assertEq(portal.lockedBalance(), GENESIS);
        vm.assertEq(address(portal).balance, GENESIS);
        (uint128 fee, uint64 bought, uint64 number) = portal.params();
        vm.assertEq(fee, 1 gwei);
        vm.assertEq(bought, 0);
        vm.assertEq(number, block.number);
    }

    function test_initialize_valueMismatch_reverts() external {
        _deployProxies();
        _initializeConfigs(address(0));
        address implementation = address(new OptimismPortal(PROOF_MATURITY_DELAY));
        vm.prank(DEPLOYER);
        vm.expectRevert(abi.encodeWithSelector(IOptimismPortal.OptimismPortal_TransferMismatch.selector, 5, 4));
        proxyAdmin.upgradeAndCall{ value: 4 }(
            payable(address(portal)),
            implementation,
            abi.encodeCall(OptimismPortal.initialize, (systemConfig, registry, 5, address(0)))
        );
    }

    function testFuzz_initialize_notAdmin_reverts(address _caller) external {
        _deployProxies();
        _initializeConfigs(address(0));
        address implementation = address(new OptimismPortal(PROOF_MATURITY_DELAY));
        vm.prank(DEPLOYER);
        proxyAdmin.upgrade(payable(address(portal)), implementation);
        vm.assume(_caller != address(proxyAdmin) && _caller != DEPLOYER);
        vm.prank(_caller);
        vm.expectRevert(abi.encodeWithSelector(IProxyAdminOwned.ProxyAdminOwned_NotProxyAdminOrOwner.selector));
        portal.initialize(systemConfig, registry, 0, _caller);
    }

    function test_initialize_again_reverts() external {
        vm.prank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        portal.initialize(systemConfig, registry, 0, address(0));
    }

    function testFuzz_depositTransaction_succeeds(
        address _to,
        uint96 _mint,
        uint256 _value,
        uint64 _gasLimit,
        bool _isCreation,
        bytes calldata _data
    ) external {
        uint64 gasLimit = uint64(_bound(_gasLimit, portal.minimumGasLimit(uint64(_data.length)), 3_000_000));
        address to = _isCreation ? address(0) : _to;
        vm.deal(ALICE, _mint);
        _asAlice();
        portal.depositTransaction{ value: _mint }(to, _value, gasLimit, _isCreation, _data);
        _assertDeposited(
            ALICE, to, abi.encodePacked(uint256(_mint), _value, gasLimit, uint8(_isCreation ? 1 : 0), _data)
        );
        vm.assertEq(portal.lockedBalance(), GENESIS + _mint);
        (, uint64 bought,) = portal.params();
        vm.assertEq(bought, gasLimit);
    }

    function test_depositTransaction_gas_succeeds() external {
        vm.fee(10 gwei);
        vm.prank(ALICE, ALICE);
        portal.depositTransaction{ value: 1 ether }(BOB, 1 ether, 100_000, false, "");
        vm.snapshotGasLastCall("OptimismPortal", "depositTransaction, first of the block");
        vm.prank(ALICE, ALICE);
        portal.depositTransaction{ value: 1 ether }(BOB, 1 ether, 100_000, false, "");
        vm.snapshotGasLastCall("OptimismPortal", "depositTransaction, second of the block");
    }

    /// @dev The sender's own address, 100,000 gas, no data.
    function testFuzz_receive_succeeds(uint96 _value) external {
        vm.deal(ALICE, _value);
        _asAlice();
        (bool success,) = address(portal).call{ value: _value }("");
        vm.assertTrue(success);
        _assertDeposited(ALICE, ALICE, abi.encodePacked(uint256(_value), uint256(_value), uint64(100_000), bytes1(0)));
        vm.assertEq(portal.lockedBalance(), GENESIS + _value);
    }

    /// @dev Neither gifts nor forced coins are owed to the L2.
    function testFuzz_lockedBalance_ignoresGifts_succeeds(uint96 _gift, uint96 _forced) external {
        vm.deal(ALICE, _gift);
        vm.prank(ALICE, ALICE);
        portal.donateETH{ value: _gift }();
        vm.deal(address(portal), address(portal).balance + _forced);
        vm.assertEq(portal.lockedBalance(), GENESIS);
    }

    function test_depositERC20Transaction_noToken_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(IOptimismPortal.OptimismPortal_NoGasPayingToken.selector));
        portal.depositERC20Transaction(ALICE, 0, 0, 100_000, false, "");
    }

    function test_depositTransaction_badTarget_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(IOptimismPortal.OptimismPortal_BadTarget.selector));
        portal.depositTransaction(ALICE, 0, 100_000, true, "");
    }

    function testFuzz_depositTransaction_gasLimitTooLow_reverts(bytes calldata _data, uint64 _gasLimit) external {
        uint64 minimum = 21_000 + 40 * uint64(_data.length);
        vm.assertEq(portal.minimumGasLimit(uint64(_data.length)), minimum);
        _gasLimit = uint64(_bound(_gasLimit, 0, minimum - 1));
        vm.expectRevert(abi.encodeWithSelector(IOptimismPortal.OptimismPortal_GasLimitTooLow.selector));
        portal.depositTransaction(ALICE, 0, _gasLimit, false, _data);
        portal.depositTransaction(ALICE, 0, minimum, false, _data);
    }

    function test_depositTransaction_dataLength_succeeds() external {
        uint64 gasLimit = portal.minimumGasLimit(120_001);
        portal.depositTransaction(ALICE, 0, gasLimit, false, new bytes(120_000));
        vm.expectRevert(abi.encodeWithSelector(IOptimismPortal.OptimismPortal_CalldataTooLarge.selector));
        portal.depositTransaction(ALICE, 0, gasLimit, false, new bytes(120_001));
    }

    function test_depositTransaction_blockLimit_reverts() external {
        vm.fee(100 gwei);
        portal.depositTransaction(ALICE, 0, 20_000_000, false, "");
        vm.expectRevert(abi.encodeWithSelector(IResourceMetering.ResourceMetering_OutOfGas.selector));
        portal.depositTransaction(ALICE, 0, 21_000, false, "");
        vm.roll(block.number + 1);
        portal.depositTransaction(ALICE, 0, 21_000, false, "");
    }

    /// @dev More than the L2 can count.
    function test_depositTransaction_tooManyCoins_reverts() external {
        vm.deal(ALICE, type(uint256).max - GENESIS);
        uint256 room = type(uint128).max - GENESIS;
        vm.prank(ALICE, ALICE);
        vm.expectRevert(abi.encodeWithSelector(IOptimismPortal.OptimismPortal_TooManyCoins.selector));
        portal.depositTransaction{ value: room + 1 }(ALICE, 0, 100_000, false, "");
        vm.prank(ALICE, ALICE);
        portal.depositTransaction{ value: room }(ALICE, 0, 100_000, false, "");
        vm.assertEq(portal.lockedBalance(), type(uint128).max);
    }

    /// @dev Whatever the guardian does.
    function test_depositTransaction_paused_succeeds() external {
        vm.prank(GUARDIAN);
        superchainConfig.pause();
        vm.assertTrue(portal.paused());
        _asAlice();
        portal.depositTransaction{ value: 1 }(BOB, 1, 100_000, false, "");
        vm.assertEq(portal.lockedBalance(), GENESIS + 1);
    }

    // The sender as the L2 sees it.

    function testFuzz_from_contract_isAliased_succeeds(address _sender) external {
        vm.assume(_sender != tx.origin && _sender != address(proxyAdmin) && _sender.code.length == 0);
        vm.recordLogs();
        vm.prank(_sender);
        portal.depositTransaction(BOB, 0, 100_000, false, "");
        _assertDeposited(_alias(_sender), BOB, abi.encodePacked(uint256(0), uint256(0), uint64(100_000), false));
    }

    function test_from_highAddress_wrapsAround_succeeds() external {
        vm.recordLogs();
        vm.prank(address(type(uint160).max));
        portal.depositTransaction(BOB, 0, 100_000, false, "");
        _assertDeposited(
            address(0x1111000000000000000000000000000000001110),
            BOB,
            abi.encodePacked(uint256(0), uint256(0), uint64(100_000), false)
        );
    }

    /// @dev An account that delegates to code (EIP-7702) still has its key, on every chain.
    function testFuzz_from_delegated_isNotAliased_succeeds(address _delegate) external {
        vm.etch(ALICE, abi.encodePacked(hex"ef0100", _delegate));
        vm.recordLogs();
        vm.prank(ALICE, BOB);
        portal.depositTransaction(BOB, 0, 100_000, false, "");
        _assertDeposited(ALICE, BOB, abi.encodePacked(uint256(0), uint256(0), uint64(100_000), false));
    }

    /// @dev Code of the same length, and a longer one.
    function test_from_otherCode_isAliased_succeeds() external {
        bytes[2] memory codes = [abi.encodePacked(hex"600100", BOB), abi.encodePacked(hex"6001006001", BOB)];
        for (uint256 i; i < codes.length; ++i) {
            vm.etch(ALICE, codes[i]);
            vm.recordLogs();
            vm.prank(ALICE, BOB);
            portal.depositTransaction(BOB, 0, 100_000, false, "");
            _assertDeposited(_alias(ALICE), BOB, abi.encodePacked(uint256(0), uint256(0), uint64(100_000), false));
        }
    }
}

contract OptimismPortal_Token_Test is OptimismPortal_Base {
    OPEN internal open = new OPEN(DEPLOYER);

    function setUp() external {
        _deploy(address(open), GENESIS);
        vm.prank(DEPLOYER);
        open.transfer(ALICE, 1_000_000 ether);
        vm.prank(ALICE);
        open.approve(address(portal), type(uint256).max);
    }

    function test_initialize_takesTheGenesis_succeeds() external view {
        (address token, uint8 decimals) = portal.gasPayingToken();
        vm.assertEq(token, address(open));
        vm.assertEq(decimals, 18);
        vm.assertEq(portal.lockedBalance(), GENESIS);
        vm.assertEq(open.balanceOf(address(portal)), GENESIS);
    }

    function test_initialize_withEther_reverts() external {
        _deployProxies();
        _initializeConfigs(address(open));
        address implementation = address(new OptimismPortal(PROOF_MATURITY_DELAY));
        vm.prank(DEPLOYER);
        vm.expectRevert(abi.encodeWithSelector(IOptimismPortal.OptimismPortal_EtherNotAccepted.selector));
        proxyAdmin.upgradeAndCall{ value: 1 }(
            payable(address(portal)),
            implementation,
            abi.encodeCall(OptimismPortal.initialize, (systemConfig, registry, 1, ALICE))
        );
    }

    /// @dev Without the genesis's tokens there is no portal.
    function test_initialize_noAllowance_reverts() external {
        _deployProxies();
        _initializeConfigs(address(open));
        address implementation = address(new OptimismPortal(PROOF_MATURITY_DELAY));
        vm.prank(DEPLOYER);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(portal), 0, 1));
        proxyAdmin.upgradeAndCall(
            payable(address(portal)),
            implementation,
            abi.encodeCall(OptimismPortal.initialize, (systemConfig, registry, 1, BOB))
        );
        vm.assertEq(proxyAdmin.getProxyImplementation(address(portal)), address(0));
    }

    function testFuzz_depositERC20Transaction_succeeds(
        address _to,
        uint256 _mint,
        uint256 _value,
        uint64 _gasLimit,
        bool _isCreation,
        bytes calldata _data
    ) external {
        uint256 mint = _bound(_mint, 0, 1_000_000 ether);
        uint64 gasLimit = uint64(_bound(_gasLimit, portal.minimumGasLimit(uint64(_data.length)), 3_000_000));
        address to = _isCreation ? address(0) : _to;
        _asAlice();
        portal.depositERC20Transaction(to, mint, _value, gasLimit, _isCreation, _data);
        _assertDeposited(ALICE, to, abi.encodePacked(mint, _value, gasLimit, uint8(_isCreation ? 1 : 0), _data));
        vm.assertEq(portal.lockedBalance(), GENESIS + mint);
        vm.assertEq(open.balanceOf(address(portal)), GENESIS + mint);
        vm.assertEq(open.balanceOf(ALICE), 1_000_000 ether - mint);
    }

    function test_depositERC20Transaction_gas_succeeds() external {
        vm.fee(10 gwei);
        vm.prank(ALICE, ALICE);
        portal.depositERC20Transaction(BOB, 1 ether, 1 ether, 100_000, false, "");
        vm.snapshotGasLastCall("OptimismPortal", "depositERC20Transaction, first of the block");
    }

    function test_depositERC20Transaction_contract_isAliased_succeeds() external {
        vm.recordLogs();
        vm.prank(ALICE);
        portal.depositERC20Transaction(BOB, 1, 0, 100_000, false, "");
        _assertDeposited(_alias(ALICE), BOB, abi.encodePacked(uint256(1), uint256(0), uint64(100_000), false));
    }

    /// @dev Forcing a transaction needs no coins.
    function test_depositTransaction_withoutValue_succeeds() external {
        _asAlice();
        portal.depositTransaction(BOB, 5 ether, 100_000, false, hex"1234");
        _assertDeposited(ALICE, BOB, abi.encodePacked(uint256(0), uint256(5 ether), uint64(100_000), false, hex"1234"));
        vm.assertEq(portal.lockedBalance(), GENESIS);
    }

    /// @dev Ether has no way into this portal from which it would not come out again.
    function test_ether_reverts() external {
        bytes memory expected = abi.encodeWithSelector(IOptimismPortal.OptimismPortal_EtherNotAccepted.selector);
        vm.startPrank(ALICE, ALICE);
        vm.expectRevert(expected);
        portal.depositTransaction{ value: 1 }(BOB, 0, 100_000, false, "");
        vm.expectRevert(expected);
        portal.donateETH{ value: 1 }();
        vm.expectRevert(expected);
        (bool success,) = address(portal).call{ value: 1 }("");
        success;
    }

    function test_lockedBalance_ignoresGifts_succeeds() external {
        vm.prank(ALICE);
        open.transfer(address(portal), 3 ether);
        vm.assertEq(portal.lockedBalance(), GENESIS);
        vm.assertEq(open.balanceOf(address(portal)), GENESIS + 3 ether);
    }

    function test_depositERC20Transaction_paused_succeeds() external {
        vm.prank(GUARDIAN);
        superchainConfig.pause();
        vm.prank(ALICE, ALICE);
        portal.depositERC20Transaction(BOB, 1, 1, 100_000, false, "");
        vm.assertEq(portal.lockedBalance(), GENESIS + 1);
    }

    function test_depositERC20Transaction_noAllowance_reverts() external {
        vm.prank(BOB, BOB);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(portal), 0, 1));
        portal.depositERC20Transaction(BOB, 1, 1, 100_000, false, "");
    }

    /// @dev The checks of the transaction hold for both ways.
    function test_depositERC20Transaction_badTransaction_reverts() external {
        vm.startPrank(ALICE, ALICE);
        vm.expectRevert(abi.encodeWithSelector(IOptimismPortal.OptimismPortal_BadTarget.selector));
        portal.depositERC20Transaction(BOB, 1, 1, 100_000, true, "");
        vm.expectRevert(abi.encodeWithSelector(IOptimismPortal.OptimismPortal_GasLimitTooLow.selector));
        portal.depositERC20Transaction(BOB, 1, 1, 20_999, false, "");
        vm.expectRevert(abi.encodeWithSelector(IOptimismPortal.OptimismPortal_CalldataTooLarge.selector));
        portal.depositERC20Transaction(BOB, 1, 1, 5_000_000, false, new bytes(120_001));
        vm.expectRevert(abi.encodeWithSelector(IResourceMetering.ResourceMetering_OutOfGas.selector));
        portal.depositERC20Transaction(BOB, 1, 1, 20_000_001, false, "");
    }
}

contract OptimismPortal_OddTokens_Test is OptimismPortal_Base {
    function _deployWith(OddToken _token) internal {
        _deploy(address(_token), 0);
        _token.mint(ALICE, 1000 ether);
        vm.prank(ALICE);
        _token.approve(address(portal), type(uint256).max);
    }

    function _depositReverts(OddToken _token, bytes memory _expected) internal {
        _deployWith(_token);
        vm.prank(ALICE, ALICE);
        vm.expectRevert(_expected);
        portal.depositERC20Transaction(ALICE, 100 ether, 0, 100_000, false, "");
        vm.assertEq(portal.lockedBalance(), 0);
    }

    function _mismatch(uint256 _announced, uint256 _arrived) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IOptimismPortal.OptimismPortal_TransferMismatch.selector, _announced, _arrived);
    }

    function test_feeToken_reverts() external {
        _depositReverts(new FeeToken(), _mismatch(100 ether, 99 ether));
    }

    function test_generousToken_reverts() external {
        _depositReverts(new GenerousToken(), _mismatch(100 ether, 100 ether + 1));
    }

    function test_lyingToken_reverts() external {
        _depositReverts(new LyingToken(), _mismatch(100 ether, 0));
    }

    function test_falseToken_reverts() external {
        FalseToken token = new FalseToken();
        _depositReverts(token, abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token)));
    }

    function test_silentToken_succeeds() external {
        SilentToken token = new SilentToken();
        _deployWith(token);
        vm.prank(ALICE, ALICE);
        portal.depositERC20Transaction(ALICE, 100 ether, 0, 100_000, false, "");
        vm.assertEq(portal.lockedBalance(), 100 ether);
        vm.assertEq(token.balanceOf(address(portal)), 100 ether);
    }

    /// @dev No token is called where there is nothing to move: a token that is out of order stops no forced transaction.
    function test_lyingToken_withoutCoins_succeeds() external {
        _deployWith(new LyingToken());
        vm.prank(ALICE, ALICE);
        portal.depositERC20Transaction(ALICE, 0, 0, 100_000, false, "");
        vm.assertEq(portal.lockedBalance(), 0);
    }

    function test_reentrantToken_deposit_reverts() external {
        ReentrantToken token = new ReentrantToken();
        _deployWith(token);
        token.arm(portal, true);
        vm.prank(ALICE, ALICE);
        vm.expectRevert(abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
        portal.depositERC20Transaction(ALICE, 100 ether, 0, 100_000, false, "");
        vm.assertEq(portal.lockedBalance(), 0);
    }

    /// @dev A transaction without coins may be forced from within: it moves nothing, and comes from the token's alias.
    function test_reentrantToken_withoutCoins_succeeds() external {
        ReentrantToken token = new ReentrantToken();
        _deployWith(token);
        token.arm(portal, false);
        vm.recordLogs();
        vm.prank(ALICE, ALICE);
        portal.depositERC20Transaction(ALICE, 100 ether, 0, 100_000, false, "");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs[0].topics[1], bytes32(uint256(uint160(_alias(address(token))))));
        vm.assertEq(portal.lockedBalance(), 100 ether);
        (, uint64 bought,) = portal.params();
        vm.assertEq(bought, 121_000);
    }
}
