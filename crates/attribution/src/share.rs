//! Dividing a pool of tokens by weights.
//!
//! With `c` the sums of the weights before each place and `W` their total, place `k` of a pool `P` gets
//! `floor(P·c(k+1) / W) − floor(P·c(k) / W)`. Rounding each share on its own would lose up to a unit a place, and giving the rest
//! to one of them would take a loop to check; this way the shares add up to the pool by construction, and one place is checked
//! from four numbers.

use alloy_primitives::U256;

/// Why a pool can not be divided, or a share not be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// Nobody has any weight. Who gets the pool then is the caller's rule, not this one's.
    #[error("the total weight is zero")]
    NoWeight,
    /// The weights up to and including this place are more than the total.
    #[error("the weights before and of a place are more than their total")]
    BeyondTotal,
    /// The weights add up to 2^128 or more.
    #[error("the weights add up to 2^128 or more")]
    Overflow,
}

/// The share of one place, in the pool's unit: `weight` at that place, `before` it the sum of the weights of all earlier ones.
///
/// Products have 256 bits, so that every pool and weight below 2^128 is divided exactly. Two neighbours get together what one
/// place with the sum of their weights would.
pub fn share(pool: u128, before: u128, weight: u128, total: u128) -> Result<u128, ShareError> {
    if total == 0 {
        return Err(ShareError::NoWeight);
    }
    let end = before.checked_add(weight).ok_or(ShareError::BeyondTotal)?;
    if end > total {
        return Err(ShareError::BeyondTotal);
    }
    Ok(portion(pool, end, total) - portion(pool, before, total))
}

/// The shares of all places, in their order; they add up to the pool.
pub fn split(pool: u128, weights: &[u128]) -> Result<Vec<u128>, ShareError> {
    let total = weights
        .iter()
        .try_fold(0u128, |sum, weight| sum.checked_add(*weight))
        .ok_or(ShareError::Overflow)?;
    if total == 0 {
        return Err(ShareError::NoWeight);
    }
    let mut before = 0;
    weights
        .iter()
        .map(|&weight| {
            let part = share(pool, before, weight, total)?;
            before += weight;
            Ok(part)
        })
        .collect()
}

/// `floor(pool·end / total)` for `end` up to `total`, which is not zero.
fn portion(pool: u128, end: u128, total: u128) -> u128 {
    let portion = U256::from(pool) * U256::from(end) / U256::from(total);
    portion.to()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::U512;
    use proptest::prelude::*;

    #[test]
    fn the_floor_moves_units_to_where_they_fall() {
        assert_eq!(split(10, &[1, 1, 1]), Ok(vec![3, 3, 4]));
        assert_eq!(split(2, &[1, 1, 1, 1]), Ok(vec![0, 1, 0, 1]));
        assert_eq!(split(7, &[0, 5, 0]), Ok(vec![0, 7, 0]));
        assert_eq!(split(0, &[3, 4]), Ok(vec![0, 0]));
        let max = u128::MAX;
        assert_eq!(split(max, &[max - 1, 1]), Ok(vec![max - 1, 1]));
    }

    #[test]
    fn what_can_not_be_divided_is_an_error() {
        assert_eq!(split(7, &[]), Err(ShareError::NoWeight));
        assert_eq!(split(7, &[0, 0]), Err(ShareError::NoWeight));
        assert_eq!(split(7, &[u128::MAX, 1]), Err(ShareError::Overflow));
        assert_eq!(share(7, 0, 0, 0), Err(ShareError::NoWeight));
        assert_eq!(share(7, 3, 3, 5), Err(ShareError::BeyondTotal));
        assert_eq!(share(7, 1, u128::MAX, 5), Err(ShareError::BeyondTotal));
    }

    /// Small ones for ties, large ones for the width; up to sixteen of which can not overflow.
    fn weights() -> impl Strategy<Value = Vec<u128>> {
        prop::collection::vec(prop_oneof![0..4u128, 0..u128::MAX >> 4], 1..16)
            .prop_filter("no weight", |weights| weights.iter().any(|w| *w > 0))
    }

    proptest! {
        #[test]
        fn every_unit_is_paid(pool: u128, weights in weights()) {
            let shares = split(pool, &weights).expect("has weight");
            prop_assert_eq!(shares.iter().try_fold(0u128, |sum, part| sum.checked_add(*part)), Some(pool));
        }

        #[test]
        fn nobody_is_a_unit_away_from_the_exact_share(pool: u128, weights in weights()) {
            let wide = |value: u128| U512::from(value);
            let total = weights.iter().sum();
            for (part, weight) in split(pool, &weights).expect("has weight").into_iter().zip(&weights) {
                // |part - pool·weight/total| < 1, without a fraction.
                let (paid, exact) = (wide(part) * wide(total), wide(pool) * wide(*weight));
                prop_assert!(paid.abs_diff(exact) < wide(total));
                prop_assert!(*weight > 0 || part == 0);
            }
        }

        #[test]
        fn neighbours_gain_nothing_by_splitting(pool: u128, weights in weights(), at in any::<prop::sample::Index>(), cut: u128) {
            let at = at.index(weights.len());
            let first = cut % (weights[at] + 1);
            let mut divided = weights.clone();
            divided[at] = weights[at] - first;
            divided.insert(at, first);
            let mut shares = split(pool, &divided).expect("has weight");
            shares[at + 1] += shares[at];
            shares.remove(at);
            prop_assert_eq!(shares, split(pool, &weights).expect("has weight"));
        }
    }
}
