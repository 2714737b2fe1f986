// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { OPEN } from "src/L1/OPEN.sol";
import { TestToken } from "test/mocks/TestToken.sol";
import { Moody } from "test/mocks/Moody.sol";
import { BridgeDeployment, IBridge, IMessenger, IMintableFactory } from "test/utils/BridgeDeployment.sol";
import { Vm } from "test/utils/Vm.sol";

/// @title Bridge_Actors
/// @notice Users of the messengers and bridges in both directions, a relayer with too little gas, somebody who replays
///         whatever has failed, and a thief who speaks in the bridge's name.
contract Bridge_Actors is BridgeDeployment {
    /// @dev What a message is for.
    enum Kind {
        TOKENS,
        CALL,
        THEFT
    }

    /// @dev A message that was sent. `call`: what relays it.
    struct Message {
        Kind kind;
        bool toL1;
        bool arrived;
        uint256 pair;
        uint256 amount;
        bytes32 hash;
        bytes call;
        Deposit deposit;
        IOptimismPortal.WithdrawalTransaction withdrawal;
    }

    TestToken public l1Token = new TestToken("Token", "TKN");
    /// @notice Two tokens of the L2 for that one token of the L1.
    address[2] public l2Tokens;
    /// @notice A contract of each layer that answers calls as its mood is.
    Moody[2] internal moody = [new Moody(), new Moody()];

    /// @notice Messages that arrived and left no trace; calls that were made twice or without a message; replays that should not
    ///         have worked, or should have.
    uint256 public lost;
    uint256 public repeated;
    uint256 public wrongReplays;

    Message[] internal messages;
    bool internal immutable TAKES_VALUE;
    uint256 internal time;
    uint256 internal height = block.number;

    /// @dev Goes on where the last call has left the clock.
    modifier now_() {
        vm.warp(time);
        vm.roll(++height);
        _;
        time = block.timestamp;
    }

    constructor(bool _withToken) {
        TAKES_VALUE = !_withToken;
        _deployBridges(_withToken ? address(new OPEN(DEPLOYER)) : address(0));
        time = block.timestamp;
        string[2] memory names = ["One", "Two"];
        for (uint256 i; i < 2; ++i) {
            l2Tokens[i] = IMintableFactory(L2_FACTORY).createOptimismMintableERC20(address(l1Token), names[i], names[i]);
        }
        l1Token.mint(ALICE, 1e30);
        vm.prank(ALICE);
        l1Token.approve(address(l1Bridge), type(uint256).max);
    }

    function bridgeToL2(uint256 _amount, uint8 _pair, uint32 _minGas) external now_ {
        uint256 amount = _bound(_amount, 0, 1e24);
        vm.recordLogs();
        vm.prank(ALICE, ALICE);
        l1Bridge.bridgeERC20To(
            address(l1Token), l2Tokens[_pair % 2], BOB, amount, uint32(_bound(_minGas, 0, 400_000)), ""
        );
        _sentToL2(Kind.TOKENS, _pair % 2, amount);
    }

    function bridgeToL1(uint256 _amount, uint8 _pair, uint32 _minGas) external now_ {
        address token = l2Tokens[_pair % 2];
        uint256 amount = _bound(_amount, 0, IERC20(token).balanceOf(BOB));
        vm.recordLogs();
        vm.prank(BOB, BOB);
        l2Bridge.bridgeERC20To(token, address(l1Token), ALICE, amount, uint32(_bound(_minGas, 0, 400_000)), "");
        _sentToL1(Kind.TOKENS, _pair % 2, amount);
    }

    /// @dev A call for somebody who may not be in the mood for it, with ether where the messengers take any.
    function sendCall(bool _toL1, uint256 _value, uint32 _minGas) external now_ {
        uint256 value = TAKES_VALUE ? _bound(_value, 0, 10 ether) : 0;
        vm.recordLogs();
        vm.prank(ALICE, ALICE);
        (_toL1 ? l2Messenger : l1Messenger).sendMessage{ value: value }(
            address(moody[_toL1 ? 0 : 1]),
            abi.encodeCall(Moody.greet, (messages.length)),
            uint32(_bound(_minGas, 0, 400_000))
        );
        if (_toL1) _sentToL1(Kind.CALL, 0, value);
        else _sentToL2(Kind.CALL, 0, value);
    }

    /// @dev A message to the bridge that only the other bridge should be able to send.
    function steal(bool _toL1, uint8 _pair, uint256 _amount) external now_ {
        (address here, address there) = (address(l1Token), l2Tokens[_pair % 2]);
        if (!_toL1) (here, there) = (there, here);
        bytes memory data = abi.encodeCall(IBridge.finalizeBridgeERC20, (here, there, ALICE, ALICE, _amount, ""));
        vm.recordLogs();
        vm.prank(ALICE, ALICE);
        (_toL1 ? l2Messenger : l1Messenger).sendMessage(_toL1 ? address(l1Bridge) : L2_BRIDGE, data, 300_000);
        if (_toL1) _sentToL1(Kind.THEFT, 0, 0);
        else _sentToL2(Kind.THEFT, 0, 0);
    }

    function changeMood(bool _l1) external {
        moody[_l1 ? 0 : 1].change();
    }

    /// @dev A deposit or a withdrawal comes through.
    function arrive(uint8 _message, uint256 _gas) external now_ {
        if (messages.length > 0) _arrive(_message % messages.length, _gas);
    }

    /// @dev Anybody, with any gas.
    function replay(uint8 _message, uint256 _gas) external now_ {
        if (messages.length > 0) _replay(_message % messages.length, _bound(_gas, 50_000, 2_000_000));
    }

    /// @notice In the end everybody is in a good mood, and what has failed is replayed with enough gas.
    function settle() external now_ {
        for (uint256 i; i < 2; ++i) {
            if (!moody[i].isGood()) moody[i].change();
        }
        for (uint256 i; i < messages.length; ++i) {
            if (!messages[i].arrived) _arrive(i, type(uint256).max);
            if (!_messenger(i).successfulMessages(messages[i].hash)) _replay(i, 3_000_000);
            bool relayed = _messenger(i).successfulMessages(messages[i].hash);
            if (relayed == (messages[i].kind == Kind.THEFT)) ++wrongReplays;
            _replay(i, 3_000_000);
        }
    }

    /// @notice What is under way between the two tokens of a pair.
    function underWay(uint256 _pair) external view returns (uint256 sum_) {
        for (uint256 i; i < messages.length; ++i) {
            Message storage message = messages[i];
            if (message.kind != Kind.TOKENS || message.pair != _pair) continue;
            if (!_messenger(i).successfulMessages(message.hash)) sum_ += message.amount;
        }
    }

    /// @notice What the bridge on the L1 has counted, and what the L2 has, of a pair.
    function pairOf(uint256 _pair) external view returns (uint256 escrowed_, uint256 supply_) {
        return (l1Bridge.deposits(address(l1Token), l2Tokens[_pair]), IERC20(l2Tokens[_pair]).totalSupply());
    }

    /// @notice Tokens that the bridge on the L1 really has.
    function escrow() external view returns (uint256) {
        return l1Token.balanceOf(address(l1Bridge));
    }

    /// @notice Whether calls were made exactly as often as their messages were relayed, with the ether that they carried.
    function callsAreRight() external view returns (bool) {
        for (uint256 i; i < messages.length; ++i) {
            Message storage message = messages[i];
            if (message.kind != Kind.CALL) continue;
            (uint256 greetings, uint256 value) = moody[message.toL1 ? 0 : 1].greetings(i);
            bool relayed = _messenger(i).successfulMessages(message.hash);
            if (greetings != (relayed ? 1 : 0) || value != (relayed ? message.amount : 0)) return false;
        }
        return true;
    }

    function _messenger(uint256 _message) internal view returns (IMessenger) {
        return messages[_message].toL1 ? l1Messenger : l2Messenger;
    }

    function _sentToL2(Kind _kind, uint256 _pair, uint256 _amount) internal {
        Deposit[] memory sent = _deposits(vm.getRecordedLogs());
        Message storage message = messages.push();
        (message.kind, message.pair, message.amount) = (_kind, _pair, _amount);
        (message.deposit, message.call, message.hash) = (sent[0], sent[0].data, _messageHash(sent[0].data));
    }

    function _sentToL1(Kind _kind, uint256 _pair, uint256 _amount) internal {
        IOptimismPortal.WithdrawalTransaction[] memory sent = _withdrawals(vm.getRecordedLogs());
        Message storage message = messages.push();
        (message.kind, message.pair, message.amount, message.toL1) = (_kind, _pair, _amount, true);
        (message.withdrawal, message.call, message.hash) = (sent[0], sent[0].data, _messageHash(sent[0].data));
    }

    /// @dev Whoever brings it has as little gas as the protocol allows, or any amount above.
    function _arrive(uint256 _message, uint256 _gas) internal {
        Message storage message = messages[_message];
        if (message.arrived) return;
        message.arrived = true;
        if (message.toL1) {
            Proven memory proven = _proven(message.withdrawal);
            _mature(proven);
            uint256 enough = message.withdrawal.gasLimit * 2 + 1_000_000;
            vm.prank(BOB, BOB);
            try portal.finalizeWithdrawalTransactionExternalProof{ gas: _bound(_gas, 100_000, enough) }(
                message.withdrawal, ALICE
            ) { }
            catch {
                vm.prank(BOB, BOB);
                portal.finalizeWithdrawalTransactionExternalProof{ gas: enough }(message.withdrawal, ALICE);
            }
        } else {
            // What a deposit's data costs before it runs, at most.
            _deriveWithGas(message.deposit, message.deposit.gasLimit - 21_000 - 16 * message.deposit.data.length);
        }
        IMessenger messenger = _messenger(_message);
        if (!messenger.successfulMessages(message.hash) && !messenger.failedMessages(message.hash)) ++lost;
    }

    function _replay(uint256 _message, uint256 _gas) internal {
        Message storage message = messages[_message];
        IMessenger messenger = _messenger(_message);
        bool before = messenger.successfulMessages(message.hash);
        vm.prank(BOB, BOB);
        (bool success,) = address(messenger).call{ gas: _gas }(message.call);
        if (success && before) ++repeated;
        if (success && (!message.arrived || message.kind == Kind.THEFT) && messenger.successfulMessages(message.hash)) {
            ++wrongReplays;
        }
    }
}
