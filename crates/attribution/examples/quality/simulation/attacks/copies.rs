//! Committing what others committed before, as it is.

use super::{Scene, Tried};
use crate::simulation::{Work, library::COMMIT};

/// 1 and 10 copies of every work of the library, by one contributor and by as many as there are copies.
pub fn copies(scene: &Scene) -> Vec<Tried> {
    let tried = [(1, 1), (10, 1), (10, 10)];
    let tried = tried.map(|(copies, people)| {
        let more: Vec<Work> = (0..copies)
            .flat_map(|copy| {
                let later = (copy + 1) * scene.library.works.len() as u64 * COMMIT;
                let who = scene.attacker() + copy % people;
                let works = scene.library.works.iter();
                works.map(move |work| work.copied(work.seq + later, who))
            })
            .collect();
        let attack = format!("exact copies of every document: {copies}, contributors: {people}");
        scene.try_works(attack, &more)
    });
    tried.into()
}
