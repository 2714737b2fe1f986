use super::json;
use openledger_attribution::{
    Accumulator, TrainingWeights,
    share::{share, split},
};
use serde::Serialize;

#[derive(Serialize)]
pub struct Vectors {
    about: &'static str,
    splits: Vec<Split>,
    shares: Vec<Share>,
    training: Vec<Training>,
}

#[derive(Serialize)]
struct Training {
    /// Contributor and weight, as they are given.
    declared: Vec<(String, String)>,
    weights_root: String,
    total: String,
    payments: Vec<Payment>,
    /// Of each contributor with a weight, by all payments.
    earned: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Payment {
    train: String,
    /// After it.
    per_weight: String,
    carry: String,
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
        training: vec![
            training(&[(3, 5), (1, 10), (3, 2)], &[100, 3, 0, 16]),
            training(&[(0, 0)], &[5, 6]),
            training(
                &[(7, 999_999_999_999_999), (8, 1)],
                &[999_999_999_999_999, 1, 17],
            ),
            training(
                &[(0, 1_000_000), (1, 2_000_000), (9, 4_000_000)],
                &[eth, 7 * eth, 13 * eth + 1],
            ),
        ],
    }
}

fn training(declared: &[(u64, u128)], payments: &[u128]) -> Training {
    let weights = TrainingWeights::declared(declared.iter().copied()).expect("small");
    let mut accumulator = Accumulator::default();
    let payments = payments.iter().map(|train| {
        let fed = accumulator.feed(*train, weights.total());
        fed.expect("small");
        Payment {
            train: train.to_string(),
            per_weight: accumulator.per_weight.to_string(),
            carry: accumulator.carry.to_string(),
        }
    });
    let payments = payments.collect();
    let earned = weights.rows().iter().map(|row| {
        let earned = accumulator.earned(row.weight).expect("small");
        (row.contributor.to_string(), earned.to_string())
    });
    Training {
        declared: declared
            .iter()
            .map(|(contributor, weight)| (contributor.to_string(), weight.to_string()))
            .collect(),
        weights_root: json::bytes(weights.tree().root()),
        total: weights.total().to_string(),
        payments,
        earned: earned.collect(),
    }
}
