// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";

import { IProxy } from "interfaces/universal/IProxy.sol";
import { DisputeGameFactory } from "src/L1/DisputeGameFactory.sol";
import { ProxyAdmin } from "src/universal/ProxyAdmin.sol";
import { BridgeDeployment } from "test/utils/BridgeDeployment.sol";
import { Test } from "test/utils/Test.sol";

/// @title Authority_Actors
/// @notice Everybody but the timelock and its council: whoever they are, they try to replace code in every way there is.
contract Authority_Actors is Test {
    ProxyAdmin internal immutable ADMIN;
    address internal immutable FACTORY;
    address internal immutable TIMELOCK;
    address internal immutable COUNCIL;

    address[] internal proxies;
    address[] internal implementations;
    address[] internal roles;

    /// @notice Attempts that succeeded.
    uint256 public successes;

    constructor(
        ProxyAdmin _admin,
        address _factory,
        address _timelock,
        address _council,
        address[] memory _proxies,
        address[] memory _implementations,
        address[] memory _roles
    ) {
        (ADMIN, FACTORY, TIMELOCK, COUNCIL) = (_admin, _factory, _timelock, _council);
        (proxies, implementations, roles) = (_proxies, _implementations, _roles);
    }

    function tryProxy(uint256 _caller, uint8 _proxy, uint8 _way, bytes calldata _data) external {
        address payable proxy = payable(proxies[_proxy % proxies.length]);
        address code = address(this);
        bytes[7] memory calls = [
            abi.encodeCall(IProxy.upgradeTo, (code)),
            abi.encodeCall(IProxy.upgradeToAndCall, (code, _data)),
            abi.encodeCall(IProxy.changeAdmin, (code)),
            abi.encodeCall(ProxyAdmin.upgrade, (proxy, code)),
            abi.encodeCall(ProxyAdmin.upgradeAndCall, (proxy, code, _data)),
            abi.encodeCall(ProxyAdmin.changeProxyAdmin, (proxy, code)),
            abi.encodeWithSignature("transferOwnership(address)", code)
        ];
        uint256 way = _way % calls.length;
        _try(_caller, way < 3 ? address(proxy) : address(ADMIN), calls[way]);
    }

    function tryGames(uint256 _caller, uint32 _type, bool _bond) external {
        bytes memory data = _bond
            ? abi.encodeCall(DisputeGameFactory.setInitBond, (_type, 0))
            : abi.encodeCall(DisputeGameFactory.setImplementation, (_type, address(0)));
        _try(_caller, FACTORY, data);
    }

    /// @dev A proxy once more, or an implementation.
    function tryInitialize(uint256 _caller, uint8 _target, bool _implementation, uint8 _way) external {
        address target =
            _implementation ? implementations[_target % implementations.length] : proxies[_target % proxies.length];
        address me = address(this);
        bytes[6] memory calls = [
            abi.encodeWithSignature("initialize(address)", me),
            abi.encodeWithSignature("initialize(address,address,address)", me, me, me),
            abi.encodeWithSignature("initialize(address,uint64)", me, 1),
            abi.encodeWithSignature("initialize(uint32,address,uint256)", 1, me, 0),
            abi.encodeWithSignature("initialize(address,address,uint256,address)", me, me, 0, me),
            abi.encodeWithSignature("initialize(address,address,(bytes32,uint256),uint32)", me, me, bytes32(0), 0, 1)
        ];
        _try(_caller, target, calls[_way % calls.length]);
    }

    function tryTimelock(uint256 _caller, uint8 _way, bytes32 _salt) external {
        bytes memory theft = abi.encodeWithSignature("transferOwnership(address)", address(this));
        bytes[5] memory calls = [
            abi.encodeWithSignature(
                "schedule(address,uint256,bytes,bytes32,bytes32,uint256)", ADMIN, 0, theft, bytes32(0), _salt, 7 days
            ),
            abi.encodeWithSignature(
                "execute(address,uint256,bytes,bytes32,bytes32)", ADMIN, 0, theft, bytes32(0), _salt
            ),
            abi.encodeWithSignature("updateDelay(uint256)", 0),
            abi.encodeCall(IAccessControl.grantRole, (keccak256("PROPOSER_ROLE"), address(this))),
            abi.encodeCall(IAccessControl.grantRole, (bytes32(0), address(this)))
        ];
        _try(_caller, TIMELOCK, calls[_way % calls.length]);
    }

    /// @dev Every role takes part, and everybody else.
    function _try(uint256 _caller, address _target, bytes memory _call) internal {
        address caller = _caller % 2 == 0
            ? roles[(_caller / 2) % roles.length]
            : address(uint160(uint256(keccak256(abi.encode(_caller)))));
        if (caller == TIMELOCK || caller == COUNCIL || caller == address(ADMIN)) return;
        vm.prank(caller, caller);
        (bool success,) = _target.call(_call);
        if (success) ++successes;
    }
}

/// @notice I5 of the bridge: no role and nobody else but the timelock changes code, of a proxy or of a type of games.
abstract contract Authority_Invariant is BridgeDeployment {
    struct FuzzInterface {
        address addr;
        string[] artifacts;
    }

    struct Held {
        address implementation;
        address admin;
    }

    address[] internal proxies;
    Held[] internal held;
    address internal game;

    function setUp() public virtual {
        _deployBridges(address(0));
        proxies = [
            address(superchainConfig),
            address(systemConfig),
            address(portal),
            address(factory),
            address(registry),
            address(l1Messenger),
            address(l1Bridge)
        ];
        for (uint256 i; i < proxies.length; ++i) {
            held.push(_heldBy(proxies[i]));
        }
        game = factory.gameImpls(GAME_TYPE);
        vm.warp(START + 1);
    }

    function _heldBy(address _proxy) internal view returns (Held memory) {
        return Held(proxyAdmin.getProxyImplementation(_proxy), proxyAdmin.getProxyAdmin(payable(_proxy)));
    }

    function _everyRole() internal view returns (address[] memory roles_) {
        roles_ = new address[](8);
        (roles_[0], roles_[1], roles_[2], roles_[3]) = (OPERATOR, GUARDIAN, PROPOSER, CHALLENGER);
        (roles_[4], roles_[5], roles_[6], roles_[7]) = (FEE_UPDATER, BATCHER, DEPLOYER, ALICE);
    }

    function _assertUnchanged() internal view {
        for (uint256 i; i < proxies.length; ++i) {
            Held memory now_ = _heldBy(proxies[i]);
            vm.assertEq(now_.implementation, held[i].implementation);
            vm.assertEq(now_.admin, held[i].admin);
        }
        vm.assertEq(factory.gameImpls(GAME_TYPE), game);
        vm.assertEq(factory.initBonds(GAME_TYPE), BOND);
        vm.assertEq(proxyAdmin.owner(), address(timelock));
        vm.assertEq(timelock.getMinDelay(), TIMELOCK_DELAY);
    }
}

/// @notice Attempts that would do harm.
contract Authority_Targeted_Invariant is Authority_Invariant {
    Authority_Actors internal actors;

    function setUp() public override {
        super.setUp();
        address[] memory implementations = new address[](proxies.length + 1);
        for (uint256 i; i < proxies.length; ++i) {
            implementations[i] = held[i].implementation;
        }
        implementations[proxies.length] = game;
        actors = new Authority_Actors(
            proxyAdmin, address(factory), address(timelock), COUNCIL, proxies, implementations, _everyRole()
        );
    }

    function targetContracts() external view returns (address[] memory targets_) {
        targets_ = new address[](1);
        targets_[0] = address(actors);
    }

    function invariant_I5_nobodyButTheTimelockChangesCode() external view {
        _assertUnchanged();
        vm.assertEq(actors.successes(), 0);
    }

    /// @dev What the actors cannot, the timelock can: the invariant above is not kept by a system that is frozen.
    function test_I5_theTimelockChangesCode_succeeds() external {
        vm.startPrank(address(timelock));
        address code = address(new DisputeGameFactory());
        for (uint256 i; i < proxies.length; ++i) {
            proxyAdmin.upgrade(payable(proxies[i]), code);
            vm.assertEq(proxyAdmin.getProxyImplementation(proxies[i]), code);
        }
    }
}

/// @notice Everything that every contract offers, called with anything, by the roles.
abstract contract Authority_Everything_Invariant is Authority_Invariant {
    function targetInterfaces() external view returns (FuzzInterface[] memory targets_) {
        string[9] memory names = [
            "SuperchainConfig",
            "SystemConfig",
            "OptimismPortal",
            "DisputeGameFactory",
            "AnchorStateRegistry",
            "Proxy",
            "Proxy",
            "ProxyAdmin",
            "TimelockController"
        ];
        targets_ = new FuzzInterface[](names.length);
        for (uint256 i; i < names.length; ++i) {
            address target = i < proxies.length ? proxies[i] : i == 7 ? address(proxyAdmin) : address(timelock);
            targets_[i].addr = target;
            targets_[i].artifacts = new string[](1);
            targets_[i].artifacts[0] = names[i];
        }
    }

    function invariant_I5_nobodyButTheTimelockChangesCode() external view {
        _assertUnchanged();
    }
}

contract Authority_Roles_Invariant is Authority_Everything_Invariant {
    function targetSenders() external view returns (address[] memory) {
        return _everyRole();
    }
}

contract Authority_Anyone_Invariant is Authority_Everything_Invariant {
    /// @dev Who is allowed to, and who does not exist.
    function excludeSenders() external view returns (address[] memory senders_) {
        senders_ = new address[](4);
        (senders_[0], senders_[1], senders_[2]) = (address(timelock), COUNCIL, address(proxyAdmin));
    }
}
