// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title ILicenseRegistry
/// @notice Licences of contributions: a text, and what its author consents to. A licence never changes; who wants another adds one. Nobody owns this
///         contract.
interface ILicenseRegistry {
    /// @notice There is a new licence. Read by indexer, explorer and wallets.
    /// @param textHash Keccak-256 of its text.
    /// @param uri Where the text is.
    event LicenceAdded(uint32 indexed id, bytes32 indexed textHash, uint8 consent, string uri);

    /// @notice Nobody has added this licence.
    error LicenseRegistry_Unknown(uint32 id);

    /// @notice A licence has a text, and consents to nothing but the five uses.
    error LicenseRegistry_Invalid();

    /// @notice Consent to training models.
    function TRAIN() external view returns (uint8);

    /// @notice Consent to a model's answers that repeat it.
    function ANSWER() external view returns (uint8);

    /// @notice Consent to being paid for: use for money.
    function COMMERCIAL() external view returns (uint8);

    /// @notice Consent to derivatives.
    function DERIVE() external view returns (uint8);

    /// @notice Consent to other licences for derivatives.
    function RELICENSE() external view returns (uint8);

    /// @notice Adds a licence. By anyone.
    /// @param textHash Keccak-256 of its text.
    /// @param consent The uses, one bit each.
    /// @param uri Where the text is; not checked.
    /// @return id_ The next number, from one on: zero is no licence, which consents to nothing.
    function add(bytes32 textHash, uint8 consent, string calldata uri) external returns (uint32 id_);

    /// @notice How many licences there are.
    function count() external view returns (uint32 count_);

    /// @notice Keccak-256 of a licence's text. Reverts for one that is not known.
    function textHashOf(uint32 id) external view returns (bytes32 textHash_);

    /// @notice The uses that a licence consents to: none for zero. Reverts for one that is not known.
    function consentOf(uint32 id) external view returns (uint8 consent_);

    /// @notice Whether a licence consents to all of these uses.
    function permits(uint32 id, uint8 uses) external view returns (bool permits_);

    /// @notice Whether a derivative of a work under one licence may have another: the work's consents to derivatives, and the derivative's consents
    ///         to no use that the work's does not, or the work's lets it.
    function mayInherit(uint32 work, uint32 derivative) external view returns (bool mayInherit_);
}
