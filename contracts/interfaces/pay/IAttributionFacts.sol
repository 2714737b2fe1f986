// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title IPaidAnswers
/// @notice What the verifier of attribution asks of the contract that takes payments.
interface IPaidAnswers {
    /// @notice The hash of a paid answer's leaf R.
    /// @param i The answer's place among all answers.
    /// @return hash_ Zero when there is no such answer.
    function paidOf(uint64 i) external view returns (bytes32 hash_);

    /// @notice When the last chunk of an answer's output and prompt was put on the chain, all of them in order and well formed.
    /// @param i The answer's place among all answers.
    /// @return timestamp_ In seconds; zero when something of it is missing.
    function publishedAt(uint64 i) external view returns (uint64 timestamp_);
}

/// @title IModelFacts
/// @notice What the verifier of attribution asks of the register of models. All of it is fixed when a version is active.
interface IModelFacts {
    /// @notice How what is left of a fee is divided, in basis points that sum to 10,000.
    struct SplitTable {
        uint16 licensor;
        uint16 tuner;
        uint16 compute;
        uint16 stakers;
        uint16 data;
    }

    /// @notice How a fee is divided.
    /// @param platformBps The platform's part, 1 to 10,000; of what can be published 2,000 at most.
    /// @param retrievalBps Of the data pool what retrieved documents get, 3,000 at most.
    /// @param split Of the rest.
    struct Terms {
        uint16 platformBps;
        uint16 retrievalBps;
        SplitTable split;
    }

    /// @notice The terms of a model version. Reverts when there is no such version.
    function termsOf(uint64 modelVersion) external view returns (Terms memory terms_);

    /// @notice The root of a model version's corpus; zero when there is no such version.
    function corpusRootOf(uint64 modelVersion) external view returns (bytes32 root_);

    /// @notice The root of a model version's boilerplate, which is that of no phrases where they were not shown in time; zero when there is no such version.
    function boilerplateRootOf(uint64 modelVersion) external view returns (bytes32 root_);
}

/// @title IContributionFacts
/// @notice What the verifier of attribution asks of the register of contributions.
interface IContributionFacts {
    /// @notice Whose a contribution is: as its reveal said, for ever, also where no Datanet has it or it was expelled. Reverts when nothing of this number
    ///         was revealed.
    /// @param commitSeq The contribution's number: the upper half of the seq of its documents.
    function contributorOf(uint32 commitSeq) external view returns (uint64 contributor_);
}

/// @title IDatanetFacts
/// @notice What the registers of models and of their training ask of the register of Datanets.
interface IDatanetFacts {
    /// @notice The root of a Datanet's batches at a version; zero when there is no such version.
    function versionRootOf(uint64 datanet, uint32 version) external view returns (bytes32 root_);
}
