// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title IWOPEN
/// @notice What WETH9 adds to an ERC-20, under the name of this chain's coin.
interface IWOPEN {
    /// @notice Read by exchanges and indexers: native coin was wrapped.
    event Deposit(address indexed dst, uint256 wad);

    /// @notice Read by exchanges and indexers: native coin was unwrapped.
    event Withdrawal(address indexed src, uint256 wad);

    /// @notice Wraps the value sent with the call.
    function deposit() external payable;

    /// @notice Unwraps to the caller.
    /// @param wad Amount in wei.
    function withdraw(uint256 wad) external;

    /// @notice ERC-3009's transfer with the signature as bytes: of an account with a key, 65 of them, whatever code it has besides; or of a contract
    ///         (ERC-1271).
    /// @param validAfter From when it may be made, in seconds; not in that one itself.
    /// @param validBefore Until when, in seconds; not in that one itself.
    /// @param nonce Of the payer, each used once; in no order.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice The same, by who is paid alone: nobody can make the transfer without what that one does besides.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice Uses a nonce up without a transfer, so that an authorization with it is void; with the signature as bytes, as above.
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external;
}
