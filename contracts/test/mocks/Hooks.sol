// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IDisputeGameFactory } from "interfaces/L1/IDisputeGameFactory.sol";
import { OddToken } from "test/mocks/Tokens.sol";

/// @title Swarm
/// @notice Makes any number of calls when it is called, and remembers which of them succeeded.
contract Swarm {
    struct Call {
        address target;
        uint256 value;
        bytes data;
        bool success;
    }

    Call[] public calls;

    /// @notice One more call for the next time.
    function arm(address _target, uint256 _value, bytes calldata _data) external {
        calls.push(Call(_target, _value, _data, false));
    }

    fallback() external payable {
        for (uint256 i; i < calls.length; ++i) {
            (calls[i].success,) = calls[i].target.call{ value: calls[i].value }(calls[i].data);
        }
    }
}

/// @title MuteToken
/// @notice Answers nothing to transfers, as some old tokens do.
contract MuteToken is OddToken {
    function transfer(address _to, uint256 _amount) public override returns (bool) {
        super.transfer(_to, _amount);
        assembly {
            return(0, 0)
        }
    }

    function transferFrom(address _from, address _to, uint256 _amount) public override returns (bool) {
        super.transferFrom(_from, _to, _amount);
        assembly {
            return(0, 0)
        }
    }
}

/// @title RevertBomb
/// @notice Fails with more words than its caller could afford to copy.
contract RevertBomb {
    fallback() external payable {
        assembly {
            revert(0, 1000000)
        }
    }
}

/// @title RecursiveGame
/// @notice Code of games that make themselves once more while they are made, and claim to be whatever they are told.
contract RecursiveGame {
    uint32 public immutable gameType;
    IDisputeGameFactory internal immutable FACTORY;
    bytes internal pretended;
    bytes32 public root;
    bytes public data;

    constructor(uint32 _gameType, IDisputeGameFactory _factory) {
        (gameType, FACTORY) = (_gameType, _factory);
    }

    /// @notice Chooses what to make meanwhile.
    function arm(bytes32 _root, bytes calldata _data) external {
        (root, data) = (_root, _data);
    }

    function initialize() external payable {
        RecursiveGame original = RecursiveGame(FACTORY.gameImpls(gameType));
        if (original.data().length > 0) FACTORY.create(gameType, original.root(), original.data());
    }

    /// @notice Chooses what this game says that it is.
    function pretend(bytes calldata _gameData) external {
        pretended = _gameData;
    }

    function gameData() external view {
        bytes memory answer = pretended;
        assembly {
            return(add(answer, 0x20), mload(answer))
        }
    }
}
