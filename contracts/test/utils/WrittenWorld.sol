// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { IContributionFacts, IModelFacts, IPaidAnswers } from "interfaces/pay/IAttributionFacts.sol";
import { Vm } from "test/utils/Vm.sol";

/// @title WrittenWorld
/// @notice The chain's facts of the world in `crates/attribution/vectors/epochs.json`.
contract WrittenWorld is IPaidAnswers, IModelFacts, IContributionFacts {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @dev When its range was cut; what is published was there one second before.
    uint64 internal constant CUT_AT = 1_000;

    struct Model {
        bytes32 corpusRoot;
        bytes32 boilerplateRoot;
        uint16 platformBps;
        uint16 retrievalBps;
        uint16[5] split;
    }

    IAttributionVerifier.Epoch internal _right;
    mapping(uint64 i => bytes32) internal _paid;
    mapping(uint64 i => bool) internal _published;
    mapping(uint64 id => Model) internal _models;
    mapping(uint32 commitSeq => bool) internal _revealed;
    mapping(uint32 commitSeq => uint64) internal _contributors;

    error WrittenWorld_NoModel();
    error WrittenWorld_NoContribution();

    constructor(uint256 _answers, uint256 _modelCount, uint256 _contributionCount) {
        string memory json = vm.readFile("../crates/attribution/vectors/epochs.json");
        uint64 first = uint64(vm.parseJsonUint(json, ".first_answer"));
        _right = IAttributionVerifier.Epoch({
            first: first,
            end: first + uint64(_answers),
            cutAt: CUT_AT,
            contributors: uint64(vm.parseJsonUint(json, ".contributors")),
            payoutsBefore: vm.parseJsonBytes32(json, ".payouts_before.root"),
            answersRoot: vm.parseJsonBytes32(json, ".epoch.answers_root"),
            modelsRoot: vm.parseJsonBytes32(json, ".epoch.models_root"),
            payoutRoot: vm.parseJsonBytes32(json, ".epoch.payouts_root")
        });
        for (uint256 k; k < _answers; ++k) {
            uint64 i = first + uint64(k);
            _paid[i] = vm.parseJsonBytes32(json, _key(".answers[", k, "].hash"));
            _published[i] = vm.parseJsonBool(json, _key(".answers[", k, "].published"));
        }
        for (uint256 k; k < _modelCount; ++k) {
            Model storage model = _models[uint64(vm.parseJsonUint(json, _key(".models[", k, "].model_version")))];
            model.corpusRoot = vm.parseJsonBytes32(json, _key(".models[", k, "].corpus_root"));
            model.boilerplateRoot = vm.parseJsonBytes32(json, _key(".models[", k, "].boilerplate_root"));
            model.platformBps = uint16(vm.parseJsonUint(json, _key(".models[", k, "].platform_bps")));
            model.retrievalBps = uint16(vm.parseJsonUint(json, _key(".models[", k, "].retrieval_bps")));
            uint256[] memory split = vm.parseJsonUintArray(json, _key(".models[", k, "].split_bps"));
            for (uint256 part; part < 5; ++part) {
                model.split[part] = uint16(split[part]);
            }
        }
        for (uint256 k; k < _contributionCount; ++k) {
            uint32 commitSeq = uint32(vm.parseJsonUint(json, _key(".contributions[", k, "].commit_seq")));
            _revealed[commitSeq] = true;
            _contributors[commitSeq] = uint64(vm.parseJsonUint(json, _key(".contributions[", k, "].contributor")));
        }
    }

    /// @notice The epoch that the rules make of its answers.
    function right() external view returns (IAttributionVerifier.Epoch memory epoch_) {
        return _right;
    }

    /// @inheritdoc IPaidAnswers
    function paidOf(uint64 _i) external view returns (bytes32 hash_) {
        return _paid[_i];
    }

    /// @inheritdoc IPaidAnswers
    function publishedAt(uint64 _i) external view returns (uint64 timestamp_) {
        // What was published too late counts as little as what was not.
        if (_paid[_i] != 0) return _published[_i] ? CUT_AT : CUT_AT + 1;
    }

    /// @inheritdoc IModelFacts
    function termsOf(uint64 _modelVersion) external view returns (Terms memory terms_) {
        Model storage model = _models[_modelVersion];
        if (model.corpusRoot == 0) revert WrittenWorld_NoModel();
        uint16[5] memory split = model.split;
        terms_ = Terms(
            model.platformBps, model.retrievalBps, SplitTable(split[0], split[1], split[2], split[3], split[4])
        );
    }

    /// @inheritdoc IModelFacts
    function corpusRootOf(uint64 _modelVersion) external view returns (bytes32 root_) {
        return _models[_modelVersion].corpusRoot;
    }

    /// @inheritdoc IModelFacts
    function boilerplateRootOf(uint64 _modelVersion) external view returns (bytes32 root_) {
        return _models[_modelVersion].boilerplateRoot;
    }

    /// @inheritdoc IContributionFacts
    function contributorOf(uint32 _commitSeq) external view returns (uint64 contributor_) {
        if (!_revealed[_commitSeq]) revert WrittenWorld_NoContribution();
        return _contributors[_commitSeq];
    }

    function _key(string memory _list, uint256 _place, string memory _field) private pure returns (string memory) {
        return string.concat(_list, vm.toString(_place), _field);
    }
}
