// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { IL1Block } from "interfaces/L2/IL1Block.sol";
import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { IProxy } from "interfaces/universal/IProxy.sol";
import { L1Block } from "src/L2/L1Block.sol";
import { L2ToL1MessagePasser } from "src/L2/L2ToL1MessagePasser.sol";
import { AddressAlias } from "src/libraries/AddressAlias.sol";
import { Predeploys } from "src/libraries/Predeploys.sol";
import { Proxy } from "src/universal/Proxy.sol";
import { Vm } from "test/utils/Vm.sol";
import { WithdrawalTest } from "test/utils/WithdrawalTest.sol";

/// @title IMessenger
/// @notice What the tests ask of the messengers of both layers.
interface IMessenger {
    event SentMessage(address indexed target, address sender, bytes message, uint256 messageNonce, uint256 gasLimit);
    event FailedRelayedMessage(bytes32 indexed msgHash);

    function sendMessage(address target, bytes calldata message, uint32 minGasLimit) external payable;
    function relayMessage(
        uint256 nonce,
        address sender,
        address target,
        uint256 value,
        uint256 minGasLimit,
        bytes calldata message
    ) external payable;
    function baseGas(bytes calldata message, uint32 minGasLimit) external pure returns (uint64);
    function failedMessages(bytes32 hash) external view returns (bool);
    function successfulMessages(bytes32 hash) external view returns (bool);
    function messageNonce() external view returns (uint256);
    function otherMessenger() external view returns (address);
    function paused() external view returns (bool);
    function xDomainMessageSender() external view returns (address);
}

/// @title IBridge
/// @notice What the tests ask of the standard bridges of both layers.
interface IBridge {
    function bridgeERC20To(
        address localToken,
        address remoteToken,
        address to,
        uint256 amount,
        uint32 minGasLimit,
        bytes calldata extraData
    ) external;
    function bridgeETHTo(address to, uint32 minGasLimit, bytes calldata extraData) external payable;
    function finalizeBridgeERC20(
        address localToken,
        address remoteToken,
        address from,
        address to,
        uint256 amount,
        bytes calldata extraData
    ) external;
    function finalizeBridgeETH(address from, address to, uint256 amount, bytes calldata extraData) external payable;
    function deposits(address localToken, address remoteToken) external view returns (uint256);
}

/// @title IMintableFactory
/// @notice Makes the L2's side of a token.
interface IMintableFactory {
    function createOptimismMintableERC20(
        address remoteToken,
        string calldata name,
        string calldata symbol
    ) external returns (address);
}

/// @title BridgeDeployment
/// @notice A deployed chain with the messengers and standard bridges of both layers, which stand in one EVM. They are
///         the released bytecode, as the genesis and the deployment take it. A relayer is modelled: what was deposited
///         or withdrawn lies in the logs until a test carries it over.
abstract contract BridgeDeployment is WithdrawalTest {
    /// @dev A transaction that the L2 derives from a deposit.
    struct Deposit {
        address from;
        address to;
        uint256 mint;
        uint256 value;
        uint64 gasLimit;
        bool isCreation;
        bytes data;
    }

    address internal constant L2_MESSENGER = 0x4200000000000000000000000000000000000007;
    address internal constant L2_BRIDGE = 0x4200000000000000000000000000000000000010;
    address internal constant L2_FACTORY = 0x4200000000000000000000000000000000000012;

    bytes32 internal constant ADMIN_SLOT = bytes32(uint256(keccak256("eip1967.proxy.admin")) - 1);
    bytes32 internal constant DEPOSITED = keccak256("TransactionDeposited(address,address,uint256,bytes)");
    bytes32 internal constant PASSED =
        keccak256("MessagePassed(uint256,address,address,uint256,uint256,bytes,bytes32)");

    IMessenger internal l1Messenger;
    IBridge internal l1Bridge;
    IMessenger internal l2Messenger = IMessenger(L2_MESSENGER);
    IBridge internal l2Bridge = IBridge(L2_BRIDGE);
    L2ToL1MessagePasser internal passer = L2ToL1MessagePasser(payable(Predeploys.L2_TO_L1_MESSAGE_PASSER));

    /// @dev Deploys both sides. `_token`: the L2's coin; zero for ether.
    function _deployBridges(address _token) internal {
        vm.warp(START - 1);
        _deploy(_token, GENESIS);
        vm.warp(START);
        l1Messenger = IMessenger(address(new Proxy(address(this))));
        l1Bridge = IBridge(address(new Proxy(address(this))));
        _initialize(
            address(l1Messenger),
            _released("L1CrossDomainMessenger"),
            abi.encodeWithSignature(
                "initialize(address,address,address)", address(superchainConfig), address(portal), address(systemConfig)
            )
        );
        _initialize(
            address(l1Bridge),
            _released("L1StandardBridge"),
            abi.encodeWithSignature(
                "initialize(address,address,address)",
                address(l1Messenger),
                address(superchainConfig),
                address(systemConfig)
            )
        );
        _deployL2(_token);
    }

    function _deployL2(address _token) private {
        _place(address(passer), address(new L2ToL1MessagePasser()));
        _place(Predeploys.L1_BLOCK, address(new L1Block()));
        if (_token != address(0)) {
            vm.prank(Predeploys.DEPOSITOR_ACCOUNT);
            IL1Block(Predeploys.L1_BLOCK).setGasPayingToken(_token, 18, "OpenLedger", "OPEN");
        }
        address[3] memory predeploys = [L2_MESSENGER, L2_BRIDGE, L2_FACTORY];
        string[3] memory names = ["L2CrossDomainMessenger", "L2StandardBridge", "OptimismMintableERC20Factory"];
        address[3] memory others = [address(l1Messenger), address(l1Bridge), L2_BRIDGE];
        address proxy = address(new Proxy(address(this)));
        for (uint256 i; i < predeploys.length; ++i) {
            _place(predeploys[i], proxy);
            vm.store(predeploys[i], ADMIN_SLOT, bytes32(uint256(uint160(address(this)))));
            _initialize(predeploys[i], _released(names[i]), abi.encodeWithSignature("initialize(address)", others[i]));
        }
    }

    /// @dev Gives a proxy its code, and itself into the hands of the ProxyAdmin.
    function _initialize(address _proxy, address _implementation, bytes memory _call) private {
        IProxy(_proxy).upgradeToAndCall(_implementation, _call);
        IProxy(_proxy).changeAdmin(address(proxyAdmin));
    }

    /// @dev A released contract without arguments, by name.
    function _released(string memory _name) internal returns (address released_) {
        bytes memory code = vm.getCode(
            string.concat(
                "node_modules/@eth-optimism/contracts-bedrock/forge-artifacts/", _name, ".sol/", _name, ".json"
            )
        );
        assembly {
            released_ := create(0, add(code, 0x20), mload(code))
        }
        require(released_ != address(0), _name);
    }

    /// @dev All deposits since logs are recorded.
    function _deposits(Vm.Log[] memory _logs) internal view returns (Deposit[] memory deposits_) {
        deposits_ = new Deposit[](_logs.length);
        uint256 count;
        for (uint256 i; i < _logs.length; ++i) {
            if (_logs[i].emitter == address(portal) && _logs[i].topics[0] == DEPOSITED) {
                deposits_[count++] = _decode(_logs[i]);
            }
        }
        assembly ("memory-safe") {
            mstore(deposits_, count)
        }
    }

    /// @dev What a node of the L2 reads in a deposit's event.
    function _decode(Vm.Log memory _log) internal pure returns (Deposit memory deposit_) {
        deposit_.from = address(uint160(uint256(_log.topics[1])));
        deposit_.to = address(uint160(uint256(_log.topics[2])));
        bytes memory opaque = abi.decode(_log.data, (bytes));
        bytes memory data = new bytes(opaque.length - 73);
        for (uint256 i; i < data.length; ++i) {
            data[i] = opaque[73 + i];
        }
        deposit_.data = data;
        (uint256 mint, uint256 value, uint256 rest) = (0, 0, 0);
        assembly ("memory-safe") {
            mint := mload(add(opaque, 0x20))
            value := mload(add(opaque, 0x40))
            rest := mload(add(opaque, 0x60))
        }
        (deposit_.mint, deposit_.value, deposit_.gasLimit) = (mint, value, uint64(rest >> 192));
        deposit_.isCreation = (rest >> 184) & 0xff == 1;
    }

    /// @dev Executes a deposit as the L2 does: the mint stays even if the call fails.
    function _derive(Deposit memory _deposit) internal returns (bool success_) {
        return _deriveWithGas(_deposit, _deposit.gasLimit);
    }

    /// @dev The same with another amount of gas for the call.
    function _deriveWithGas(Deposit memory _deposit, uint256 _gas) internal returns (bool success_) {
        vm.deal(_deposit.from, _deposit.from.balance + _deposit.mint);
        vm.prank(_deposit.from, _deposit.from);
        (success_,) = _deposit.to.call{ value: _deposit.value, gas: _gas }(_deposit.data);
    }

    /// @dev All withdrawals since logs are recorded.
    function _withdrawals(Vm
                .Log[] memory _logs)
        internal
        view
        returns (IOptimismPortal.WithdrawalTransaction[] memory withdrawals_)
    {
        withdrawals_ = new IOptimismPortal.WithdrawalTransaction[](_logs.length);
        uint256 count;
        for (uint256 i; i < _logs.length; ++i) {
            if (_logs[i].emitter != address(passer) || _logs[i].topics[0] != PASSED) continue;
            IOptimismPortal.WithdrawalTransaction memory withdrawal = withdrawals_[count++];
            withdrawal.nonce = uint256(_logs[i].topics[1]);
            withdrawal.sender = address(uint160(uint256(_logs[i].topics[2])));
            withdrawal.target = address(uint160(uint256(_logs[i].topics[3])));
            (withdrawal.value, withdrawal.gasLimit, withdrawal.data,) =
                abi.decode(_logs[i].data, (uint256, uint256, bytes, bytes32));
        }
        assembly ("memory-safe") {
            mstore(withdrawals_, count)
        }
    }

    /// @dev What the messengers know a message by: the hash of the call that relays it.
    function _messageHash(bytes memory _relayCall) internal pure returns (bytes32) {
        return keccak256(_relayCall);
    }

    /// @dev The L1 messenger as the L2 sees it.
    function _aliasOf(address _l1Contract) internal pure returns (address) {
        return AddressAlias.apply_(_l1Contract);
    }
}
