//! Proxies and tokens, on either layer.

use alloy_sol_types::sol;

sol! {
    /// The administrator's side of an ERC-1967 proxy.
    #[derive(Debug, PartialEq, Eq)]
    interface IProxy {
        event Upgraded(address indexed implementation);
        event AdminChanged(address previousAdmin, address newAdmin);
        function upgradeTo(address newImplementation) external;
        function upgradeToAndCall(address newImplementation, bytes calldata data) external payable returns (bytes memory);
        function changeAdmin(address admin) external;
        function admin() external returns (address);
        function implementation() external returns (address);
    }

    /// Administrator of the proxies.
    #[derive(Debug, PartialEq, Eq)]
    interface IProxyAdmin {
        function initialize(address owner) external;
        function owner() external view returns (address);
        function transferOwnership(address newOwner) external;
        function getProxyImplementation(address proxy) external view returns (address);
        function getProxyAdmin(address proxy) external view returns (address);
        function changeProxyAdmin(address proxy, address newAdmin) external;
        function upgrade(address proxy, address implementation) external;
        function upgradeAndCall(address proxy, address implementation, bytes memory data) external payable;
    }

    /// ERC-20 that anyone may mint, for tests and benchmarks.
    #[derive(Debug, PartialEq, Eq)]
    interface ITestToken {
        event Transfer(address indexed from, address indexed to, uint256 value);
        event Approval(address indexed owner, address indexed spender, uint256 value);
        constructor(string memory name, string memory symbol);
        function mint(address to, uint256 amount) external;
        function name() external view returns (string memory);
        function symbol() external view returns (string memory);
        function decimals() external view returns (uint8);
        function totalSupply() external view returns (uint256);
        function balanceOf(address account) external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function approve(address spender, uint256 value) external returns (bool);
        function transfer(address to, uint256 value) external returns (bool);
        function transferFrom(address from, address to, uint256 value) external returns (bool);
    }

    /// Unique tokens, ERC-721 with its metadata, and OpenZeppelin's errors.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IERC721 {
        event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
        event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId);
        event ApprovalForAll(address indexed owner, address indexed operator, bool approved);
        error ERC721InvalidOwner(address owner);
        error ERC721NonexistentToken(uint256 tokenId);
        error ERC721IncorrectOwner(address sender, uint256 tokenId, address owner);
        error ERC721InvalidSender(address sender);
        error ERC721InvalidReceiver(address receiver);
        error ERC721InsufficientApproval(address operator, uint256 tokenId);
        error ERC721InvalidApprover(address approver);
        error ERC721InvalidOperator(address operator);
        function supportsInterface(bytes4 interfaceId) external view returns (bool);
        function name() external view returns (string memory);
        function symbol() external view returns (string memory);
        function tokenURI(uint256 tokenId) external view returns (string memory);
        function balanceOf(address owner) external view returns (uint256);
        function ownerOf(uint256 tokenId) external view returns (address);
        function approve(address to, uint256 tokenId) external;
        function getApproved(uint256 tokenId) external view returns (address);
        function setApprovalForAll(address operator, bool approved) external;
        function isApprovedForAll(address owner, address operator) external view returns (bool);
        function transferFrom(address from, address to, uint256 tokenId) external;
        function safeTransferFrom(address from, address to, uint256 tokenId) external;
        function safeTransferFrom(address from, address to, uint256 tokenId, bytes memory data) external;
    }
}
