// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { IResourceMetering } from "interfaces/L1/IResourceMetering.sol";
import { OPEN } from "src/L1/OPEN.sol";
import { OptimismPortal } from "src/L1/OptimismPortal.sol";
import { SuperchainConfig } from "src/L1/SuperchainConfig.sol";
import { SystemConfig } from "src/L1/SystemConfig.sol";
import { Proxy } from "src/universal/Proxy.sol";
import { ProxyAdmin } from "src/universal/ProxyAdmin.sol";
import { L1Deployment } from "test/utils/L1Deployment.sol";
import { Test } from "test/utils/Test.sol";
import { Vm } from "test/utils/Vm.sol";

/// @title Portal_Actors
/// @notice Depositors, donors, a guardian that pauses as often as it can, thieves. Every deposit is valid: the only
///         thing that may refuse it is the market, when the block is sold out.
contract Portal_Actors is Test {
    OptimismPortal internal immutable PORTAL;
    IERC20 internal immutable TOKEN;
    SuperchainConfig internal immutable SUPERCHAIN;
    ProxyAdmin internal immutable ADMIN;
    address internal immutable GUARDIAN;

    /// @notice Sum of the mints of all deposit events.
    uint256 public minted;
    /// @notice Gas of all deposits in the present block.
    uint256 public gasInBlock;
    /// @notice Valid deposits that failed for another reason than a block that is sold out.
    uint256 public refusals;
    /// @notice Successful thefts.
    uint256 public thefts;

    uint256 internal height = block.number;
    uint256 internal time = block.timestamp;

    constructor(
        OptimismPortal _portal,
        IERC20 _token,
        SuperchainConfig _superchain,
        ProxyAdmin _admin,
        address _guardian
    ) {
        (PORTAL, TOKEN, SUPERCHAIN, ADMIN, GUARDIAN) = (_portal, _token, _superchain, _admin, _guardian);
        vm.fee(100 gwei);
    }

    function deposit(uint256 _mint, uint64 _gasLimit, bool _bySigner, bool _withCoins) external {
        uint64 gasLimit = uint64(_bound(_gasLimit, 21_000, 8_000_000));
        uint256 mint = _withCoins ? _bound(_mint, 0, 1000 ether) : 0;
        vm.recordLogs();
        try this.attempt(mint, gasLimit, _bySigner ? ALICE : BOB) {
            gasInBlock += gasLimit;
            minted += _mintedByLastEvent();
        } catch (bytes memory reason) {
            bool soldOut = gasInBlock + gasLimit > 20_000_000
                && bytes4(reason) == IResourceMetering.ResourceMetering_OutOfGas.selector;
            if (!soldOut) ++refusals;
        }
    }

    /// @dev Separate, so that a failure can be examined.
    function attempt(uint256 _mint, uint64 _gasLimit, address _origin) external {
        if (msg.sender != address(this)) return;
        vm.prank(ALICE, _origin);
        if (_mint > 0 && address(TOKEN) != address(0)) {
            PORTAL.depositERC20Transaction(BOB, _mint, _mint, _gasLimit, false, "");
        } else {
            PORTAL.depositTransaction{ value: _mint }(BOB, _mint, _gasLimit, false, "");
        }
    }

    function donate(uint96 _amount, bool _forced) external {
        uint256 amount = _bound(_amount, 0, 1000 ether);
        if (address(TOKEN) != address(0)) {
            vm.prank(ALICE);
            TOKEN.transfer(address(PORTAL), amount);
        } else if (_forced) {
            vm.deal(address(PORTAL), address(PORTAL).balance + amount);
        } else {
            vm.prank(ALICE);
            PORTAL.donateETH{ value: amount }();
        }
    }

    function nextBlock(uint8 _blocks) external {
        height += uint256(_blocks % 8) + 1;
        time += (uint256(_blocks % 8) + 1) * 1 days;
        vm.roll(height);
        vm.warp(time);
        gasInBlock = 0;
    }

    function pause(bool _unpause) external {
        vm.startPrank(GUARDIAN);
        if (_unpause) try SUPERCHAIN.unpause() { } catch { }
        try SUPERCHAIN.pause() { } catch { }
        vm.stopPrank();
    }

    function steal(address _thief, uint8 _way) external {
        if (_thief == ADMIN.owner() || _thief == address(ADMIN) || _thief == address(0)) return;
        address payable portal = payable(address(PORTAL));
        SystemConfig config = SystemConfig(address(PORTAL.systemConfig()));
        vm.startPrank(_thief);
        bool done;
        if (_way % 5 == 0) {
            try ADMIN.upgrade(portal, address(this)) {
                done = true;
            } catch { }
        }
        if (_way % 5 == 1) {
            try Proxy(portal).upgradeTo(address(this)) {
                done = true;
            } catch { }
        }
        if (_way % 5 == 2) {
            try ADMIN.changeProxyAdmin(portal, _thief) {
                done = true;
            } catch { }
        }
        if (_way % 5 == 3) {
            try PORTAL.initialize(config, PORTAL.anchorStateRegistry(), 0, _thief) {
                done = true;
            } catch { }
        }
        if (_way % 5 == 4) {
            try Proxy(portal).changeAdmin(_thief) {
                done = true;
            } catch { }
        }
        vm.stopPrank();
        if (done) ++thefts;
    }

    /// @dev First word of the deposit event's opaque data.
    function _mintedByLastEvent() internal returns (uint256) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        bytes memory opaque = abi.decode(logs[logs.length - 1].data, (bytes));
        return uint256(bytes32(opaque));
    }
}

abstract contract OptimismPortal_Invariant is L1Deployment {
    uint256 internal constant GENESIS = 100_000 ether;

    Portal_Actors internal actors;
    address internal implementation;

    function _start(IERC20 _token) internal {
        _deploy(address(_token), GENESIS);
        implementation = proxyAdmin.getProxyImplementation(address(portal));
        actors = new Portal_Actors(portal, _token, superchainConfig, proxyAdmin, GUARDIAN);
        vm.deal(address(actors), 1_000_000 ether);
    }

    function targetContracts() external view returns (address[] memory targets_) {
        targets_ = new address[](1);
        targets_[0] = address(actors);
    }

    function _held() internal view virtual returns (uint256);

    /// @dev What the L2 was given is what is counted, and what is counted is there.
    function invariant_counterBalances() external view {
        vm.assertEq(portal.lockedBalance(), GENESIS + actors.minted());
        vm.assertGe(_held(), portal.lockedBalance());
    }

    /// @dev Paused or not, whoever sends it.
    function invariant_validDepositsPass() external view {
        vm.assertEq(actors.refusals(), 0);
    }

    function invariant_onlyTheTimelockChangesCode() external view {
        vm.assertEq(actors.thefts(), 0);
        vm.assertEq(proxyAdmin.getProxyImplementation(address(portal)), implementation);
        vm.assertEq(proxyAdmin.getProxyAdmin(payable(address(portal))), address(proxyAdmin));
        vm.assertEq(proxyAdmin.owner(), address(timelock));
    }

    function invariant_marketStaysWithinBounds() external view {
        (uint128 fee, uint64 bought,) = portal.params();
        vm.assertGe(fee, 1 gwei);
        vm.assertLe(bought, 20_000_000);
        vm.assertLe(actors.gasInBlock(), 20_000_000);
    }

    /// @dev A pause in force always has an end that is near enough.
    function invariant_pauseEnds() external view {
        vm.assertLe(superchainConfig.expiration(), uint256(superchainConfig.pausedAt()) + PAUSE_DURATION);
    }
}

contract OptimismPortal_Ether_Invariant is OptimismPortal_Invariant {
    function setUp() external {
        _start(IERC20(address(0)));
    }

    function _held() internal view override returns (uint256) {
        return address(portal).balance;
    }
}

contract OptimismPortal_Token_Invariant is OptimismPortal_Invariant {
    OPEN internal open = new OPEN(DEPLOYER);

    function setUp() external {
        _start(open);
        vm.prank(DEPLOYER);
        open.transfer(ALICE, 10_000_000 ether);
        vm.prank(ALICE);
        open.approve(address(portal), type(uint256).max);
    }

    function _held() internal view override returns (uint256) {
        return open.balanceOf(address(portal));
    }
}
