// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { ILicenseRegistry } from "interfaces/datanet/ILicenseRegistry.sol";

/// @title LicenseRegistry
/// @notice See {ILicenseRegistry}.
contract LicenseRegistry is ILicenseRegistry {
    /// @inheritdoc ILicenseRegistry
    uint8 public constant TRAIN = 1;

    /// @inheritdoc ILicenseRegistry
    uint8 public constant ANSWER = 2;

    /// @inheritdoc ILicenseRegistry
    uint8 public constant COMMERCIAL = 4;

    /// @inheritdoc ILicenseRegistry
    uint8 public constant DERIVE = 8;

    /// @inheritdoc ILicenseRegistry
    uint8 public constant RELICENSE = 16;

    /// @inheritdoc ILicenseRegistry
    uint32 public count;

    mapping(uint32 id => bytes32) internal _textHashes;
    mapping(uint32 id => uint8) internal _consents;

    /// @inheritdoc ILicenseRegistry
    function add(bytes32 _textHash, uint8 _consent, string calldata _uri) external returns (uint32 id_) {
        if (_textHash == 0 || _consent >= 2 * RELICENSE) revert LicenseRegistry_Invalid();
        id_ = ++count;
        _textHashes[id_] = _textHash;
        _consents[id_] = _consent;
        emit LicenceAdded(id_, _textHash, _consent, _uri);
    }

    /// @inheritdoc ILicenseRegistry
    function textHashOf(uint32 _id) external view returns (bytes32 textHash_) {
        _check(_id);
        return _textHashes[_id];
    }

    /// @inheritdoc ILicenseRegistry
    function consentOf(uint32 _id) public view returns (uint8 consent_) {
        _check(_id);
        return _consents[_id];
    }

    /// @inheritdoc ILicenseRegistry
    function permits(uint32 _id, uint8 _uses) external view returns (bool permits_) {
        return consentOf(_id) & _uses == _uses;
    }

    /// @inheritdoc ILicenseRegistry
    function mayInherit(uint32 _work, uint32 _derivative) external view returns (bool mayInherit_) {
        (uint8 work, uint8 derivative) = (consentOf(_work), consentOf(_derivative));
        if (work & DERIVE == 0) return false;
        return work & RELICENSE != 0 || derivative & ~work == 0;
    }

    function _check(uint32 _id) internal view {
        if (_id > count) revert LicenseRegistry_Unknown(_id);
    }
}
