//! Registers of contributors, licences, contributions and Datanets.

use alloy_sol_types::sol;

sol! {
    /// Ids of contributors, apart from their keys and from who is paid.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IContributorRegistry {
        struct Guardian {
            address account;
            uint32 delay;
            bool prevails;
        }
        event Registered(uint64 indexed id, address indexed key, address payee);
        event KeyChanged(uint64 indexed id, address indexed key);
        event PayeeChanged(uint64 indexed id, address indexed payee);
        event ClaimForChanged(uint64 indexed id, bool allowed);
        event GuardianProposed(uint64 indexed id, address indexed account, uint32 delay, bool prevails, uint64 from);
        event GuardianChanged(uint64 indexed id, address indexed account, uint32 delay, bool prevails);
        event GuardianDropped(uint64 indexed id, address indexed account);
        event RecoveryStarted(uint64 indexed id, address indexed key, address payee, uint64 end);
        event RecoveryStopped(uint64 indexed id, uint64 notBefore);
        error ContributorRegistry_Unknown(uint64 id);
        error ContributorRegistry_NotKey();
        error ContributorRegistry_NotGuardian();
        error ContributorRegistry_Zero();
        error ContributorRegistry_Delay(uint32 delay);
        error ContributorRegistry_InRecovery();
        error ContributorRegistry_NoRecovery();
        error ContributorRegistry_TooEarly(uint64 from);
        function register(address payee) external returns (uint64 id);
        function changeKey(uint64 id, address key) external;
        function changePayee(uint64 id, address payee) external;
        function allowClaimFor(uint64 id, bool allowed) external;
        function proposeGuardian(uint64 id, Guardian calldata guardian) external;
        function startRecovery(uint64 id, address key, address payee) external;
        function stopRecovery(uint64 id) external;
        function finishRecovery(uint64 id) external;
        function count() external view returns (uint64 count);
        function keyOf(uint64 id) external view returns (address key);
        function payeeOf(uint64 id) external view returns (address payee);
        function guardianOf(uint64 id) external view returns (Guardian memory guardian);
        function inRecovery(uint64 id) external view returns (bool inRecovery);
        function payeeFor(uint64 id, address account) external view returns (address payee);
        function LEAST_DELAY() external view returns (uint32);
        function MOST_DELAY() external view returns (uint32);
    }

    /// Licences: a text, and what its author consents to.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface ILicenseRegistry {
        event LicenceAdded(uint32 indexed id, bytes32 indexed textHash, uint8 consent, string uri);
        error LicenseRegistry_Unknown(uint32 id);
        error LicenseRegistry_Invalid();
        function TRAIN() external view returns (uint8);
        function ANSWER() external view returns (uint8);
        function COMMERCIAL() external view returns (uint8);
        function DERIVE() external view returns (uint8);
        function RELICENSE() external view returns (uint8);
        function add(bytes32 textHash, uint8 consent, string calldata uri) external returns (uint32 id);
        function count() external view returns (uint32 count);
        function textHashOf(uint32 id) external view returns (bytes32 textHash);
        function consentOf(uint32 id) external view returns (uint8 consent);
        function permits(uint32 id, uint8 uses) external view returns (bool permits);
        function mayInherit(uint32 work, uint32 derivative) external view returns (bool mayInherit);
    }

    /// What the register of contributions asks of the register of Datanets.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IDatanetPolicy {
        function count() external view returns (uint64 count);
        function licenceOf(uint64 datanet) external view returns (uint32 licence);
        function mayContribute(uint64 datanet, uint64 contributor) external view returns (bool mayContribute);
    }

    /// What the register of contributions asks of who judges their documents.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IAdmission {
        enum What { DOCUMENT, CHUNK, SKETCH }
        struct Demand {
            uint32 commitSeq;
            bytes32 batchRoot;
            uint64 statedAt;
            What what;
            uint32 index;
            uint8 chunk;
        }
        struct DemandState {
            address by;
            uint64 until;
            bool isOpen;
        }
        constructor(address contributions, address datanets, uint128 demandFee);
        event Answered(uint32 indexed commitSeq, bytes32 indexed id, address indexed by, bytes response);
        event Credited(address indexed account, uint256 amount);
        event Demanded(uint32 indexed commitSeq, bytes32 indexed id, address indexed by, Demand demand, uint64 until);
        event FeeReturned(uint32 indexed commitSeq, bytes32 indexed id, address indexed to);
        event Outdated(uint32 indexed commitSeq, uint8 indexed kind, address indexed by, bytes32 batchRoot, uint64 statedAt);
        event ProofCommitted(bytes32 indexed hash);
        event Refuted(uint32 indexed commitSeq, uint8 indexed kind, address indexed by, uint256 reward);
        event Withdrawn(address indexed account, uint256 amount);
        event Withheld(uint32 indexed commitSeq, bytes32 indexed id, address indexed by, uint256 reward);
        error Admission_Demanded();
        error Admission_Encoding();
        error Admission_Fee(uint256 expected, uint256 found);
        error Admission_Kind();
        error Admission_NoFault();
        error Admission_NotAllowed();
        error Admission_NotCommitted();
        error Admission_NotDemanded(bytes32 id);
        error Admission_NotShown();
        error Admission_NotStanding(uint32 commitSeq);
        error Admission_Other();
        error Admission_OutOfDate(uint32 commitSeq);
        error Admission_Range();
        error Admission_Standing(uint32 commitSeq);
        error Admission_TooEarly(uint64 from);
        error Admission_TooLate(uint64 until);
        function CONTRIBUTIONS() external view returns (address);
        function DATANETS() external view returns (address);
        function DEMAND_FEE() external view returns (uint128);
        function answer(Demand calldata what, bytes calldata response) external;
        function commitProof(bytes32 hash) external;
        function creditOf(address account) external view returns (uint256);
        function demand(Demand calldata what) external payable returns (bytes32 id);
        function demandOf(Demand calldata what) external view returns (DemandState memory state);
        function expelByDemand(Demand calldata what) external;
        function isAsked(uint32 commitSeq) external view returns (bool isAsked);
        function isClear(uint32 commitSeq) external view returns (bool isClear);
        function isOutOfDate(uint32 commitSeq) external view returns (bool isOutOfDate);
        function proofHash(uint32 commitSeq, address caller, bytes calldata proof, bytes32 salt) external view returns (bytes32 hash);
        function prove(uint32 commitSeq, bytes calldata proof, bytes32 salt) external returns (bool isExpelled);
        function returnFee(Demand calldata what) external;
        function withdraw(address account) external returns (uint256 amount);
    }

    /// Every contribution: a commit, which is its place in time, and its reveal.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IContributionRegistry {
        struct Parameters {
            uint64 revealWindow;
            uint64 admissionTime;
            uint64 bondTime;
            uint128 bondPerByte;
        }
        struct Batch {
            bytes32 contentRoot;
            uint64 datanet;
            uint64 contributor;
            uint32 documents;
            uint64 size;
            uint32 licence;
            uint8 kinds;
            uint64 parent;
            bool isInline;
        }
        struct Record {
            bytes32 batchRoot;
            bytes32 contentRoot;
            address committer;
            uint64 committedAt;
            uint64 datanet;
            uint64 contributor;
            uint32 documents;
            uint64 size;
            uint64 revealedAt;
            uint64 statedAt;
            uint64 expelledAt;
            bool isAccepted;
            uint32 licence;
            uint64 parent;
            uint8 kinds;
            uint128 bond;
        }
        constructor(address contributors, address licences, address datanets, address admission, Parameters parameters);
        event Accepted(uint32 indexed commitSeq, uint64 indexed datanet);
        event BondReturned(uint32 indexed commitSeq, address indexed to, uint256 amount);
        event Committed(uint32 indexed commitSeq, address indexed committer, bytes32 commitHash);
        event Expelled(uint32 indexed commitSeq, uint256 burned, uint256 reward);
        event Redirected(uint32 indexed commitSeq, uint64 indexed from, uint64 indexed to);
        event Restated(uint32 indexed commitSeq, bytes32 batchRoot, uint256 bond);
        event Revealed(uint32 indexed commitSeq, uint64 indexed datanet, uint64 indexed contributor, Batch batch, bytes32 batchRoot, bytes content, uint256 bond);
        error ContributionRegistry_Bond(uint256 expected, uint256 found);
        error ContributionRegistry_Closed(uint32 commitSeq);
        error ContributionRegistry_Contested(uint32 commitSeq);
        error ContributionRegistry_InRecovery(uint64 contributor);
        error ContributionRegistry_Invalid();
        error ContributionRegistry_Judged(uint64 until);
        error ContributionRegistry_Licence(uint32 parents, uint32 its);
        error ContributionRegistry_NoDatanet(uint64 datanet);
        error ContributionRegistry_NotAcceptable(uint32 commitSeq);
        error ContributionRegistry_NotAdmission();
        error ContributionRegistry_NotDatanets();
        error ContributionRegistry_NotKey(uint64 contributor);
        error ContributionRegistry_NotWelcome(uint64 datanet, uint64 contributor);
        error ContributionRegistry_OtherCommit();
        error ContributionRegistry_Parent(uint64 parent);
        error ContributionRegistry_TooEarly(uint64 from);
        error ContributionRegistry_Unknown(uint32 commitSeq);
        function ADMISSION() external view returns (address);
        function ADMISSION_TIME() external view returns (uint64);
        function BOND_PER_BYTE() external view returns (uint128);
        function BOND_TIME() external view returns (uint64);
        function CONTRIBUTORS() external view returns (address);
        function DATANETS() external view returns (address);
        function LICENCES() external view returns (address);
        function REVEAL_WINDOW() external view returns (uint64);
        function accept(uint32 commitSeq, uint64 datanet, bytes32 batchRoot) external;
        function admissionOf(uint32 commitSeq) external view returns (uint64 from, uint64 until);
        function checkAcceptable(uint32 commitSeq, uint64 datanet, bytes32 batchRoot) external view returns (uint32 licence);
        function commit(bytes32 commitHash) external returns (uint32 commitSeq);
        function commitHashOf(address committer, Batch calldata batch, bytes calldata content, bytes32 salt) external view returns (bytes32 hash);
        function commits() external view returns (uint32);
        function expel(uint32 commitSeq) external returns (uint256 reward);
        function isVoid(uint32 commitSeq) external view returns (bool isVoid);
        function recordOf(uint32 commitSeq) external view returns (Record memory record);
        function redirect(uint32 commitSeq, uint64 datanet, bytes32 batchRoot) external payable;
        function restate(uint32 commitSeq, bytes32 batchRoot) external payable;
        function returnBond(uint32 commitSeq) external;
        function reveal(uint32 commitSeq, Batch calldata batch, bytes calldata content, bytes32 salt, bytes32 batchRoot) external payable;
    }

    /// What the verifier of attribution asks of the register of contributions.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IContributionFacts {
        function contributorOf(uint32 commitSeq) external view returns (uint64 contributor);
    }

    /// What the registers of models and of their training ask of the register of Datanets.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IDatanetFacts {
        function versionRootOf(uint64 datanet, uint32 version) external view returns (bytes32 root);
    }

    /// Datanets, each an ERC-721 token ([`IERC721`](crate::IERC721)), what they accept, and their versions.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IDatanetRegistry {
        enum Policy { INDIVIDUAL, COUNCIL, TOKEN }
        struct Config {
            string domain;
            uint32 licence;
            Policy policy;
            bool isOpen;
            address[] members;
            address votes;
            uint256 quorum;
        }
        constructor(address contributions, address licences, uint64 publishDelay);
        event Created(uint64 indexed datanet, address indexed owner, Config config);
        event Approved(uint64 indexed datanet, bytes32 indexed decision, address indexed by, uint256 approvals, bytes call);
        event Revoked(uint64 indexed datanet, bytes32 indexed decision, address indexed by, uint256 approvals);
        event BatchAccepted(uint64 indexed datanet, uint32 indexed commitSeq, bytes32 batchRoot, uint64 place);
        event OpenChanged(uint64 indexed datanet, bool isOpen);
        event WelcomeChanged(uint64 indexed datanet, uint64 indexed contributor, bool isWelcome);
        event MembersChanged(uint64 indexed datanet, address[] members, uint256 quorum);
        event Checkpointed(uint64 indexed datanet, bytes32 root, uint64 batches, uint64 from);
        event Published(uint64 indexed datanet, uint32 indexed version, bytes32 root, uint64 batches);
        error DatanetRegistry_Unknown(uint64 datanet);
        error DatanetRegistry_Config();
        error DatanetRegistry_Licence(uint32 licence);
        error DatanetRegistry_NoSay(address caller);
        error DatanetRegistry_TooFew(uint256 least, uint256 found);
        error DatanetRegistry_NotFor(address caller);
        error DatanetRegistry_Twice(address caller);
        error DatanetRegistry_TooEarly(uint64 from);
        error DatanetRegistry_Checkpointed(uint64 from);
        error DatanetRegistry_Unchanged();
        function create(Config calldata config) external returns (uint64 datanet);
        function accept(uint64 datanet, uint32 commitSeq, bytes32 batchRoot) external returns (bool isDecided);
        function setOpen(uint64 datanet, bool isOpen) external returns (bool isDecided);
        function setWelcome(uint64 datanet, uint64 contributor, bool isWelcome) external returns (bool isDecided);
        function setMembers(uint64 datanet, address[] calldata members, uint256 quorum) external returns (bool isDecided);
        function revoke(uint64 datanet, bytes32 decision) external;
        function checkpoint(uint64 datanet) external;
        function publish(uint64 datanet) external returns (uint32 version);
        function count() external view returns (uint64 count);
        function configOf(uint64 datanet) external view returns (Config memory config);
        function licenceOf(uint64 datanet) external view returns (uint32 licence);
        function versionsOf(uint64 datanet) external view returns (uint32 versions);
        function checkpointOf(uint64 datanet) external view returns (uint64 batches, bytes32 root, uint64 from);
        function batchesOf(uint64 datanet) external view returns (uint64 batches, bytes32 root);
        function MOST_MEMBERS() external view returns (uint256);
        function CONTRIBUTIONS() external view returns (address);
        function LICENCES() external view returns (address);
        function PUBLISH_DELAY() external view returns (uint64);
        function DECISION_TIME() external view returns (uint64);
    }
}
