// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import { ERC3009 } from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import { IWOPEN } from "interfaces/L2/IWOPEN.sol";

/// @title WOPEN
/// @notice Predeploy 0x4200000000000000000000000000000000000006: the native coin as an ERC-20, one for one. The ABI of
///         WETH9, and transfers by signature: ERC-2612 (allowance) and ERC-3009 (one payment, with a random nonce).
/// @dev No proxy and no owner: what it holds can be moved by its holders alone.
contract WOPEN is ERC20, ERC20Permit, ERC3009, IWOPEN {
    constructor() ERC20("Wrapped OPEN", "WOPEN") ERC20Permit("Wrapped OPEN") { }

    /// @notice Wraps the value sent.
    receive() external payable {
        deposit();
    }

    /// @notice Wraps the value sent with a call of no known function, as WETH9 does.
    fallback() external payable {
        deposit();
    }

    /// @inheritdoc IWOPEN
    function deposit() public payable {
        _mint(msg.sender, msg.value);
        emit Deposit(msg.sender, msg.value);
    }

    /// @inheritdoc IWOPEN
    function withdraw(uint256 wad) external {
        _burn(msg.sender, wad);
        emit Withdrawal(msg.sender, wad);
        Address.sendValue(payable(msg.sender), wad);
    }

    /// @inheritdoc IWOPEN
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        bytes32 typehash = TRANSFER_WITH_AUTHORIZATION_TYPEHASH;
        _checkSignature(
            from, keccak256(abi.encode(typehash, from, to, value, validAfter, validBefore, nonce)), signature
        );
        _transferWithAuthorization(from, to, value, validAfter, validBefore, nonce);
    }

    /// @inheritdoc IWOPEN
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        if (to != msg.sender) revert ERC20InvalidReceiver(to);
        bytes32 typehash = RECEIVE_WITH_AUTHORIZATION_TYPEHASH;
        _checkSignature(
            from, keccak256(abi.encode(typehash, from, to, value, validAfter, validBefore, nonce)), signature
        );
        _transferWithAuthorization(from, to, value, validAfter, validBefore, nonce);
    }

    /// @inheritdoc IWOPEN
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external {
        bytes32 typehash = CANCEL_AUTHORIZATION_TYPEHASH;
        _checkSignature(authorizer, keccak256(abi.encode(typehash, authorizer, nonce)), signature);
        _cancelAuthorization(authorizer, nonce);
    }

    /// @dev Passes with the signature of an account: of its key, which counts here as it does in three parts, whatever code the account has by now (EIP-7702);
    ///      or of a contract.
    function _checkSignature(address _of, bytes32 _structHash, bytes calldata _signature) internal view {
        bytes32 hash = _hashTypedDataV4(_structHash);
        (address by, ECDSA.RecoverError error,) = ECDSA.tryRecoverCalldata(hash, _signature);
        bool isIts = error == ECDSA.RecoverError.NoError && by == _of
            || SignatureChecker.isValidERC1271SignatureNowCalldata(_of, hash, _signature);
        if (!isIts) revert ERC3009InvalidSignature();
    }

    /// @dev Timestamps only, as the standard says; the base contract would also take block numbers by a flag bit.
    function _checkValidity(uint256 validAfter, uint256 validBefore) internal view override {
        if (block.timestamp <= validAfter || block.timestamp >= validBefore) {
            revert ERC3009InvalidAuthorizationTime(validAfter, validBefore);
        }
    }
}
