// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Impostor
/// @notice Answers every question with the same bytes, or fails with them.
contract Impostor {
    bytes internal answer;
    bool internal fails;

    constructor(bytes memory _answer, bool _fails) {
        (answer, fails) = (_answer, _fails);
    }

    fallback() external {
        bytes memory words = answer;
        bool failing = fails;
        assembly {
            if failing { revert(add(words, 0x20), mload(words)) }
            return(add(words, 0x20), mload(words))
        }
    }
}

/// @title Impersonator
/// @notice Answers as another contract would, in whose name it speaks.
contract Impersonator {
    address internal immutable ORIGINAL;

    constructor(address _original) {
        ORIGINAL = _original;
    }

    fallback() external {
        (bool success, bytes memory answer) = ORIGINAL.call(msg.data);
        require(success);
        assembly {
            return(add(answer, 0x20), mload(answer))
        }
    }
}
