//! Contracts by hand: each does one thing that matters to execution.

use alloy_primitives::{Address, Bytes, bytes};

/// `sstore(word 0, word 1)`.
pub const STORE: Bytes = bytes!("6020356000355500");
/// Stores, then reverts with no data.
pub const REVERT: Bytes = bytes!("6020356000355560006000fd");
/// Burns all gas.
pub const HALT: Bytes = bytes!("fe");
/// Logs word 0 under topic 1.
pub const LOG: Bytes = bytes!("600035600052600160206000a100");
/// `selfdestruct(word 0)`.
pub const SELFDESTRUCT: Bytes = bytes!("600035ff");
/// `create(value, calldata)`.
pub const CREATE: Bytes = bytes!("36600060003736600034f000");
/// `create2(value, calldata, salt 0)`.
pub const CREATE2: Bytes = bytes!("366000600037600036600034f500");
/// Creates from the calldata and calls the child.
pub const CREATE_AND_CALL: Bytes = bytes!("36600060003736600034f060006000600060006000855af100");
/// Reads the balance of word 0, then stores the gas that is left: what is warm shows in the state.
pub const PROBE: Bytes = bytes!("60003531505a60015500");

/// All of them.
pub const ALL: [Bytes; 9] = [
    STORE,
    REVERT,
    HALT,
    LOG,
    SELFDESTRUCT,
    CREATE,
    CREATE2,
    CREATE_AND_CALL,
    PROBE,
];

/// Where the `index`-th of them stands.
pub fn address(index: usize) -> Address {
    Address::with_last_byte(0xc0 + index as u8)
}

/// True for those that take init code as calldata.
pub fn takes_init_code(index: usize) -> bool {
    (5..=7).contains(&index)
}

/// Init code that deploys `runtime` (at most 255 bytes).
fn deploying(runtime: &Bytes) -> Bytes {
    [
        &[
            0x60,
            runtime.len() as u8,
            0x80,
            0x60,
            9,
            0x5f,
            0x39,
            0x5f,
            0xf3,
        ],
        &runtime[..],
    ]
    .concat()
    .into()
}

/// Number of init codes.
pub const INIT_CODES: usize = 8;

/// The `index`-th init code.
pub fn init_code(index: usize) -> Bytes {
    match index {
        0 => deploying(&STORE),
        // Destroys itself while it is created.
        1 => bytes!("33ff"),
        // The same, after it stored something.
        2 => bytes!("600160025533ff"),
        3 => bytes!("600160025560006000fd"),
        4 => HALT,
        // Destroys itself when it is called.
        5 => deploying(&bytes!("33ff")),
        // Code that begins with 0xef is refused (EIP-3541).
        6 => bytes!("60ef60005360016000f3"),
        _ => Bytes::new(),
    }
}
