use openledger_attribution::share::{share, split};
use serde::Serialize;

#[derive(Serialize)]
pub struct Vectors {
    about: &'static str,
    splits: Vec<Split>,
    shares: Vec<Share>,
}

#[derive(Serialize)]
struct Split {
    pool: String,
    weights: Vec<String>,
    /// `null` where it is an error.
    shares: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Share {
    pool: String,
    before: String,
    weight: String,
    total: String,
    /// `null` where it is an error.
    share: Option<String>,
}

pub fn vectors() -> Vectors {
    let strings = |numbers: &[u128]| numbers.iter().map(u128::to_string).collect::<Vec<_>>();
    let max = u128::MAX;
    let eth = 10u128.pow(18);
    let splits: [(u128, &[u128]); 16] = [
        (10, &[1, 1, 1]),
        (2, &[1, 1, 1, 1]),
        (1, &[1, 1, 1, 1]),
        (7, &[0, 5, 0]),
        (0, &[3, 4]),
        (100, &[1]),
        (eth, &[3, 3, 3]),
        (eth, &[1, 2, 3, 4, 5, 6, 7]),
        (123_456_789, &[20, 8, 64, 0, 17, 31]),
        (max, &[1, max - 1]),
        (max, &[max - 1, 1]),
        (max, &[max / 3, max / 3, max / 3]),
        (1, &[max / 2, max / 2, 1]),
        (5, &[]),
        (5, &[0, 0]),
        (5, &[max, 1]),
    ];
    let shares = [
        (10, 0, 1, 3),
        (10, 1, 1, 3),
        (10, 2, 1, 3),
        (10, 3, 0, 3),
        (max, max - 1, 1, max),
        (max, 0, max, max),
        (max, 1, max - 2, max),
        (10, 0, 0, 0),
        (10, 2, 2, 3),
        (10, max, 1, max),
        (10, 1, max, 3),
    ];
    Vectors {
        about: "share = floor(pool * (before + weight) / total) - floor(pool * before / total). \
            null: the total is zero or 2^128 and more, or before + weight is above it.",
        splits: splits
            .iter()
            .map(|(pool, weights)| Split {
                pool: pool.to_string(),
                weights: strings(weights),
                shares: split(*pool, weights).ok().map(|shares| strings(&shares)),
            })
            .collect(),
        shares: shares
            .iter()
            .map(|&(pool, before, weight, total)| Share {
                pool: pool.to_string(),
                before: before.to_string(),
                weight: weight.to_string(),
                total: total.to_string(),
                share: share(pool, before, weight, total)
                    .ok()
                    .map(|share| share.to_string()),
            })
            .collect(),
    }
}
