//! Metrics; names are op-proposer's where it has them.

pub(crate) fn proposer_up() {
    metrics::gauge!("op_proposer_default_up").set(1.0);
}

pub(crate) fn proposed(number: u64) {
    metrics::gauge!("op_proposer_default_refs_number", "layer" => "l2", "type" => "proposed")
        .set(number as f64);
}

pub(crate) fn open_games(games: usize) {
    metrics::gauge!("openledger_proposer_open_games").set(games as f64);
}

pub(crate) fn action(kind: &'static str) {
    metrics::counter!("openledger_proposer_actions_total", "kind" => kind).increment(1);
}

/// `wrong` is what an alarm should be set on.
pub(crate) fn watched(sound: usize, wrong: usize, undecided: usize) {
    for (verdict, games) in [("sound", sound), ("wrong", wrong), ("undecided", undecided)] {
        metrics::gauge!("openledger_watcher_games", "verdict" => verdict).set(games as f64);
    }
}

/// Something was found about a wrong claim.
pub(crate) fn alarm() {
    metrics::counter!("openledger_watcher_alarms_total").increment(1);
}

pub(crate) fn challenged() {
    metrics::counter!("openledger_watcher_challenges_total").increment(1);
}
