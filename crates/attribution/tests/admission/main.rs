//! Documents before a Datanet accepts them: what follows the rules is never wrong, of what does not something is shown to be, and the contract says the
//! same.

mod found;
mod solidity;
mod world;
