// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title IContributorRegistry
/// @notice Who contributes: an id that never changes, apart from the key that speaks for it and the account that is paid. A lost key loses
///         neither name nor pay. Nobody owns this contract, and nothing here can be paused.
/// @dev A contributor may name a guardian. What the guardian starts, a recovery, gives the id another key and payee after a delay. As long as it
///      runs nothing is paid to anybody for the contributor ({payeeFor}, {inRecovery}); nothing is lost by waiting.
interface IContributorRegistry {
    /// @notice Who may recover an id.
    /// @param account Zero for nobody.
    /// @param delay Seconds from the start of a recovery to its end; as long takes every change of the guardian.
    /// @param prevails Whether the key can not stop a recovery: true for who fears a thief of the key more than the guardian.
    struct Guardian {
        address account;
        uint32 delay;
        bool prevails;
    }

    /// @notice There is a new contributor. Read by indexer and explorer.
    event Registered(uint64 indexed id, address indexed key, address payee);

    /// @notice Another key speaks for a contributor. Read by wallets and the indexer.
    event KeyChanged(uint64 indexed id, address indexed key);

    /// @notice Another account is paid. Read by wallets and the indexer.
    event PayeeChanged(uint64 indexed id, address indexed payee);

    /// @notice A contributor wants to claim by themselves, or does not mind. Read by who sponsors claims.
    event ClaimForChanged(uint64 indexed id, bool allowed);

    /// @notice Another guardian will be there from a time on. Read by wallets, which warn of what the contributor did not ask for.
    event GuardianProposed(uint64 indexed id, address indexed account, uint32 delay, bool prevails, uint64 from);

    /// @notice A proposed guardian took over. Comes with the first call that takes notice; since when it is so {GuardianProposed} says. Read by wallets
    ///         and watchers.
    event GuardianChanged(uint64 indexed id, address indexed account, uint32 delay, bool prevails);

    /// @notice A proposed guardian will not be there: what was proposed before a recovery ended does not come true. Read by wallets and watchers.
    event GuardianDropped(uint64 indexed id, address indexed account);

    /// @notice A recovery was started, which ends at a time. Read by wallets and watchers.
    event RecoveryStarted(uint64 indexed id, address indexed key, address payee, uint64 end);

    /// @notice A recovery was stopped. Read by wallets and watchers.
    /// @param notBefore Before then the guardian can start none; in the past where the guardian can at once.
    event RecoveryStopped(uint64 indexed id, uint64 notBefore);

    /// @notice Nobody has this id.
    error ContributorRegistry_Unknown(uint64 id);

    /// @notice Only the contributor's key may do this.
    error ContributorRegistry_NotKey();

    /// @notice Only the guardian may do this.
    error ContributorRegistry_NotGuardian();

    /// @notice Neither key nor payee can be the zero address.
    error ContributorRegistry_Zero();

    /// @notice A delay is 1 to 30 days.
    error ContributorRegistry_Delay(uint32 delay);

    /// @notice A recovery runs, during which guardian, key and payee stay as they are.
    error ContributorRegistry_InRecovery();

    /// @notice No recovery runs.
    error ContributorRegistry_NoRecovery();

    /// @notice It is not time yet.
    error ContributorRegistry_TooEarly(uint64 from);

    /// @notice Registers the caller, who is the key.
    /// @param payee Who is paid.
    /// @return id_ The next number, from zero on.
    function register(address payee) external returns (uint64 id_);

    /// @notice Gives the id another key at once. By the key, while no recovery runs.
    function changeKey(uint64 id, address key) external;

    /// @notice Pays another account from now on, also what was earned before. By the key, while no recovery runs.
    function changePayee(uint64 id, address payee) external;

    /// @notice Says whether others may have the contributor paid. By the key.
    function allowClaimFor(uint64 id, bool allowed) external;

    /// @notice Proposes a guardian, who is the guardian when the delay of the present one has passed; at once where there is none. Replaces an
    ///         earlier proposal. By the key, while no recovery runs.
    function proposeGuardian(uint64 id, Guardian calldata guardian) external;

    /// @notice Starts a recovery. By the guardian, while none runs and not sooner than a delay after one that the key stopped.
    function startRecovery(uint64 id, address key, address payee) external;

    /// @notice Stops a recovery: by the guardian, or by the key where the guardian does not prevail.
    function stopRecovery(uint64 id) external;

    /// @notice Ends a recovery whose delay is over: key and payee are those that it was started with. By anyone.
    function finishRecovery(uint64 id) external;

    /// @notice How many contributors there are.
    function count() external view returns (uint64 count_);

    /// @notice Who speaks for a contributor.
    function keyOf(uint64 id) external view returns (address key_);

    /// @notice Who is paid.
    function payeeOf(uint64 id) external view returns (address payee_);

    /// @notice The guardian as of now.
    function guardianOf(uint64 id) external view returns (Guardian memory guardian_);

    /// @notice Whether a recovery runs.
    function inRecovery(uint64 id) external view returns (bool inRecovery_);

    /// @notice Who is paid when an account asks for it; zero where it may not. While a recovery runs nobody may, and where the contributor allows no others their key alone.
    function payeeFor(uint64 id, address account) external view returns (address payee_);
}
