// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";
import { Ownable2Step } from "@openzeppelin/contracts/access/Ownable2Step.sol";
import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { StorageSlot } from "@openzeppelin/contracts/utils/StorageSlot.sol";

import { IResourceMetering } from "interfaces/L1/IResourceMetering.sol";
import { ISuperchainConfig } from "interfaces/L1/ISuperchainConfig.sol";
import { ISystemConfig } from "interfaces/L1/ISystemConfig.sol";
import { Coin } from "src/libraries/Coin.sol";
import { DepositMarket } from "src/libraries/DepositMarket.sol";
import { ProxyAdminOwned } from "src/universal/ProxyAdminOwned.sol";

/// @title SystemConfig
/// @notice The chain's configuration on the L1, behind a proxy.
/// @dev Two roles. The owner decides everything. The fee updater, whose key has to be online because it follows the L1's
///      prices, can set the fees alone, and those only within limits that the owner gave it.
contract SystemConfig is ISystemConfig, ProxyAdminOwned, Ownable2Step, Initializable {
    /// @inheritdoc ISystemConfig
    uint256 public constant VERSION = 0;

    /// @inheritdoc ISystemConfig
    bytes32 public constant UNSAFE_BLOCK_SIGNER_SLOT = keccak256("systemconfig.unsafeblocksigner");

    /// @inheritdoc ISystemConfig
    uint32 public constant MAX_EIP1559_ELASTICITY = 1000;

    /// @dev The highest gas limit. A block of more would take long to execute and to prove.
    uint64 internal constant MAX_GAS_LIMIT = 1_000_000_000;

    /// @inheritdoc ISystemConfig
    bytes32 public batcherHash;

    /// @inheritdoc ISystemConfig
    uint64 public gasLimit;

    /// @inheritdoc ISystemConfig
    uint32 public basefeeScalar;

    /// @inheritdoc ISystemConfig
    uint32 public blobbasefeeScalar;

    /// @inheritdoc ISystemConfig
    uint32 public eip1559Denominator;

    /// @inheritdoc ISystemConfig
    uint32 public eip1559Elasticity;

    /// @inheritdoc ISystemConfig
    uint64 public operatorFeeConstant;

    /// @inheritdoc ISystemConfig
    uint32 public operatorFeeScalar;

    /// @inheritdoc ISystemConfig
    uint16 public daFootprintGasScalar;

    /// @inheritdoc ISystemConfig
    uint64 public minBaseFee;

    /// @inheritdoc ISystemConfig
    address public feeUpdater;

    /// @dev How far the fee updater may go.
    FeeLimits internal limits;

    /// @inheritdoc ISystemConfig
    uint256 public l2ChainId;

    /// @inheritdoc ISystemConfig
    uint256 public startBlock;

    /// @inheritdoc ISystemConfig
    address public batchInbox;

    /// @inheritdoc ISystemConfig
    address public optimismPortal;

    /// @inheritdoc ISystemConfig
    ISuperchainConfig public superchainConfig;

    /// @dev The L2's coin; zero for ether.
    address internal token;

    /// @dev The owner, or the fee updater within its limits, which are to be checked by `_withinLimits`.
    modifier onlyFeeUpdater(bool _withinLimits) {
        if (msg.sender != owner()) {
            if (msg.sender != feeUpdater) revert SystemConfig_NotFeeUpdater();
            if (!_withinLimits) revert SystemConfig_FeeBeyondLimit();
        }
        _;
    }

    /// @dev The implementation itself has no owner. The base contract insists on one while it is constructed.
    constructor() Ownable(address(this)) {
        _transferOwnership(address(0));
        _disableInitializers();
    }

    /// @inheritdoc ISystemConfig
    function initialize(InitParams calldata _params) external onlyProxyAdminOrOwner initializer {
        if (
            _params.owner == address(0) || _params.batchInbox == address(0) || _params.optimismPortal == address(0)
                || address(_params.superchainConfig) == address(0)
        ) revert SystemConfig_ZeroAddress();
        _transferOwnership(_params.owner);

        batchInbox = _params.batchInbox;
        optimismPortal = _params.optimismPortal;
        superchainConfig = _params.superchainConfig;
        l2ChainId = _params.l2ChainId;
        startBlock = block.number;
        _setGasPayingToken(_params.gasPayingToken);
        _setFeeUpdater(_params.feeUpdater, _params.feeLimits);

        // In the order of their update types.
        _setBatcherHash(_params.batcherHash);
        _setGasConfigEcotone(_params.basefeeScalar, _params.blobbasefeeScalar);
        _setGasLimit(_params.gasLimit);
        _setUnsafeBlockSigner(_params.unsafeBlockSigner);
        _setEIP1559Params(_params.eip1559Denominator, _params.eip1559Elasticity);
        _setOperatorFeeScalars(_params.operatorFeeScalar, _params.operatorFeeConstant);
        _setMinBaseFee(_params.minBaseFee);
        _setDAFootprintGasScalar(_params.daFootprintGasScalar);
    }

    /// @inheritdoc ISystemConfig
    function setBatcherHash(bytes32 _batcherHash) external onlyOwner {
        _setBatcherHash(_batcherHash);
    }

    /// @inheritdoc ISystemConfig
    function setBatcherHash(address _batcher) external onlyOwner {
        _setBatcherHash(bytes32(uint256(uint160(_batcher))));
    }

    /// @inheritdoc ISystemConfig
    function setGasConfigEcotone(
        uint32 _basefeeScalar,
        uint32 _blobbasefeeScalar
    )
        external
        onlyFeeUpdater(_basefeeScalar <= limits.basefeeScalar && _blobbasefeeScalar <= limits.blobbasefeeScalar)
    {
        _setGasConfigEcotone(_basefeeScalar, _blobbasefeeScalar);
    }

    /// @inheritdoc ISystemConfig
    function setGasLimit(uint64 _gasLimit) external onlyOwner {
        _setGasLimit(_gasLimit);
    }

    /// @inheritdoc ISystemConfig
    function setUnsafeBlockSigner(address _unsafeBlockSigner) external onlyOwner {
        _setUnsafeBlockSigner(_unsafeBlockSigner);
    }

    /// @inheritdoc ISystemConfig
    function setEIP1559Params(uint32 _denominator, uint32 _elasticity) external onlyOwner {
        _setEIP1559Params(_denominator, _elasticity);
    }

    /// @inheritdoc ISystemConfig
    function setOperatorFeeScalars(
        uint32 _operatorFeeScalar,
        uint64 _operatorFeeConstant
    )
        external
        onlyFeeUpdater(_operatorFeeScalar <= limits.operatorFeeScalar
                && _operatorFeeConstant <= limits.operatorFeeConstant)
    {
        _setOperatorFeeScalars(_operatorFeeScalar, _operatorFeeConstant);
    }

    /// @inheritdoc ISystemConfig
    function setMinBaseFee(uint64 _minBaseFee) external onlyOwner {
        _setMinBaseFee(_minBaseFee);
    }

    /// @inheritdoc ISystemConfig
    function setDAFootprintGasScalar(uint16 _daFootprintGasScalar) external onlyOwner {
        _setDAFootprintGasScalar(_daFootprintGasScalar);
    }

    /// @inheritdoc ISystemConfig
    function setFeeUpdater(address _feeUpdater, FeeLimits calldata _limits) external onlyOwner {
        _setFeeUpdater(_feeUpdater, _limits);
    }

    /// @inheritdoc ISystemConfig
    function feeLimits() external view returns (FeeLimits memory) {
        return limits;
    }

    /// @inheritdoc ISystemConfig
    function gasPayingToken() external view returns (address token_, uint8 decimals_) {
        return (isCustomGasToken() ? token : Coin.ETHER, Coin.DECIMALS);
    }

    /// @inheritdoc ISystemConfig
    function gasPayingTokenName() external view returns (string memory) {
        return isCustomGasToken() ? IERC20Metadata(token).name() : "Ether";
    }

    /// @inheritdoc ISystemConfig
    function gasPayingTokenSymbol() external view returns (string memory) {
        return isCustomGasToken() ? IERC20Metadata(token).symbol() : "ETH";
    }

    /// @inheritdoc ISystemConfig
    function paused() external view returns (bool) {
        return superchainConfig.paused();
    }

    /// @inheritdoc ISystemConfig
    function guardian() external view returns (address) {
        return superchainConfig.guardian();
    }

    /// @notice Semantic version.
    function version() external pure returns (string memory) {
        return "4.0.0";
    }

    /// @inheritdoc ISystemConfig
    function overhead() external pure returns (uint256) {
        return 0;
    }

    /// @inheritdoc ISystemConfig
    function maximumGasLimit() external pure returns (uint64) {
        return MAX_GAS_LIMIT;
    }

    /// @inheritdoc ISystemConfig
    function resourceConfig() external pure returns (IResourceMetering.ResourceConfig memory) {
        return DepositMarket.config();
    }

    /// @inheritdoc ISystemConfig
    function scalar() public view returns (uint256) {
        return uint256(1) << 248 | uint256(blobbasefeeScalar) << 32 | basefeeScalar;
    }

    /// @inheritdoc ISystemConfig
    function unsafeBlockSigner() public view returns (address) {
        return StorageSlot.getAddressSlot(UNSAFE_BLOCK_SIGNER_SLOT).value;
    }

    /// @inheritdoc ISystemConfig
    function isCustomGasToken() public view returns (bool) {
        return token != address(0);
    }

    /// @inheritdoc ISystemConfig
    function minimumGasLimit() public pure returns (uint64) {
        return uint64(DepositMarket.MAX_RESOURCE_LIMIT) + DepositMarket.SYSTEM_TX_MAX_GAS;
    }

    /// @dev Names the L2's coin, once: coins of this kind are going to be locked. The L2 counts in 18 decimals.
    function _setGasPayingToken(address _token) internal {
        if (_token == address(0)) return;
        if (_token == Coin.ETHER || IERC20Metadata(_token).decimals() != Coin.DECIMALS) {
            revert SystemConfig_InvalidGasPayingToken();
        }
        token = _token;
    }

    /// @dev Stores the fee updater and its limits.
    function _setFeeUpdater(address _feeUpdater, FeeLimits calldata _limits) internal {
        feeUpdater = _feeUpdater;
        limits = _limits;
        emit FeeUpdaterSet(_feeUpdater, _limits);
    }

    /// @dev Update 0.
    function _setBatcherHash(bytes32 _batcherHash) internal {
        batcherHash = _batcherHash;
        emit ConfigUpdate(VERSION, UpdateType.BATCHER, abi.encode(_batcherHash));
    }

    /// @dev Update 1.
    function _setGasConfigEcotone(uint32 _basefeeScalar, uint32 _blobbasefeeScalar) internal {
        basefeeScalar = _basefeeScalar;
        blobbasefeeScalar = _blobbasefeeScalar;
        emit ConfigUpdate(VERSION, UpdateType.FEE_SCALARS, abi.encode(uint256(0), scalar()));
    }

    /// @dev Update 2. All deposits that one L1 block can bring must fit, or no L2 block could follow it.
    function _setGasLimit(uint64 _gasLimit) internal {
        if (_gasLimit < minimumGasLimit() || _gasLimit > MAX_GAS_LIMIT) revert SystemConfig_InvalidGasLimit();
        gasLimit = _gasLimit;
        emit ConfigUpdate(VERSION, UpdateType.GAS_LIMIT, abi.encode(_gasLimit));
    }

    /// @dev Update 3.
    function _setUnsafeBlockSigner(address _unsafeBlockSigner) internal {
        StorageSlot.getAddressSlot(UNSAFE_BLOCK_SIGNER_SLOT).value = _unsafeBlockSigner;
        emit ConfigUpdate(VERSION, UpdateType.UNSAFE_BLOCK_SIGNER, abi.encode(_unsafeBlockSigner));
    }

    /// @dev Update 4. The L2 divides by both, and by gas limit / elasticity.
    function _setEIP1559Params(uint32 _denominator, uint32 _elasticity) internal {
        if (_denominator == 0 || _elasticity == 0 || _elasticity > MAX_EIP1559_ELASTICITY) {
            revert SystemConfig_InvalidEIP1559Params();
        }
        eip1559Denominator = _denominator;
        eip1559Elasticity = _elasticity;
        emit ConfigUpdate(
            VERSION, UpdateType.EIP_1559_PARAMS, abi.encode(uint256(_denominator) << 32 | uint256(_elasticity))
        );
    }

    /// @dev Update 5.
    function _setOperatorFeeScalars(uint32 _operatorFeeScalar, uint64 _operatorFeeConstant) internal {
        operatorFeeScalar = _operatorFeeScalar;
        operatorFeeConstant = _operatorFeeConstant;
        emit ConfigUpdate(
            VERSION,
            UpdateType.OPERATOR_FEE_PARAMS,
            abi.encode(uint256(_operatorFeeScalar) << 64 | uint256(_operatorFeeConstant))
        );
    }

    /// @dev Update 6.
    function _setMinBaseFee(uint64 _minBaseFee) internal {
        minBaseFee = _minBaseFee;
        emit ConfigUpdate(VERSION, UpdateType.MIN_BASE_FEE, abi.encode(_minBaseFee));
    }

    /// @dev Update 7.
    function _setDAFootprintGasScalar(uint16 _daFootprintGasScalar) internal {
        daFootprintGasScalar = _daFootprintGasScalar;
        emit ConfigUpdate(VERSION, UpdateType.DA_FOOTPRINT_GAS_SCALAR, abi.encode(_daFootprintGasScalar));
    }
}
