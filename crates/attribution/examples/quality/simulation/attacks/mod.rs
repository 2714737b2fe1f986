//! What somebody can do to be paid for what they did not write, and what they get.

pub mod copies;
pub mod laundering;
pub mod order;
pub mod splits;
pub mod stuffing;

use super::{
    BOILERPLATE_CLUSTERS, Library, Output, Recipe, Work, World, measures::share_of, world::Paid,
};
use openledger_attribution::WordId;
use rand::{SeedableRng, rngs::StdRng};

/// Of 100 words of the answers, so many are noise.
const NOISE: u32 = 2;

/// Honest documents and the answers of a model that read them: what an attack is tried in.
pub struct Scene {
    pub library: Library,
    /// With noise.
    pub outputs: Vec<Output>,
    seed: u64,
}

/// One attack. Shares are parts of one of all data pools together.
#[derive(Debug, Clone)]
pub struct Tried {
    pub attack: String,
    /// What they get for what they really contributed.
    pub without: f64,
    pub with: f64,
    /// By the naive rule, where it is asked for.
    pub naive: Option<f64>,
}

impl Scene {
    /// Of original documents by contributor.
    pub fn new(originals: Vec<(u64, Vec<WordId>)>, answers: usize, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let library = Library::new(originals, &mut rng);
        let mut scene = Self {
            library,
            outputs: Vec::new(),
            seed,
        };
        let outputs = scene.answers(&scene.own(), answers, NOISE, &mut rng);
        scene.outputs = outputs;
        scene
    }

    /// Works that were not copied as a whole.
    pub fn own(&self) -> Vec<&Work> {
        let own = self.library.own.iter();
        own.map(|at| &self.library.works[*at]).collect()
    }

    /// Answers out of some works, by the usual recipe.
    pub fn answers(
        &self,
        works: &[&Work],
        count: usize,
        noise: u32,
        rng: &mut StdRng,
    ) -> Vec<Output> {
        let chain = &self.library.chain;
        let clean = Recipe::default().answers(count, works, chain, rng);
        let noisy = clean
            .iter()
            .map(|output| output.with_noise(noise, chain, rng));
        noisy.collect()
    }

    /// Attacks do not depend on which were tried before.
    fn rng(&self) -> StdRng {
        StdRng::seed_from_u64(self.seed + 1)
    }

    /// The first contributor that is not of the library.
    fn attacker(&self) -> u64 {
        self.library.contributors
    }

    /// What the answers pay when these works are there too.
    fn paid(&self, more: &[Work], outputs: &[Output]) -> Vec<Paid> {
        let works = self.library.works.iter().chain(more);
        World::new(works, Some(BOILERPLATE_CLUSTERS)).attribute(outputs)
    }

    /// Tries works of people who are not of the library and did not write them, with the naive rule too.
    fn try_works(&self, attack: String, more: &[Work]) -> Tried {
        let works: Vec<&Work> = self.library.works.iter().chain(more).collect();
        let world = World::new(works.iter().copied(), Some(BOILERPLATE_CLUSTERS));
        let attacker = |who| who >= self.attacker();
        let naive = world.attribute_naively(&works, &self.outputs);
        Tried {
            attack,
            without: 0.0,
            with: share_of(&world.attribute(&self.outputs), attacker).0,
            naive: Some(share_of(&naive, attacker).0),
        }
    }
}
