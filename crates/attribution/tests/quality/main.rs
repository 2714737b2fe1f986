//! The bars that the reward rule is held to, on generated text. `docs/attribution-quality.md` has the figures, on other texts too.

#[path = "../../examples/quality/simulation/mod.rs"]
#[allow(dead_code, reason = "the report asks for more")]
mod simulation;

mod attacks;

use rand::{SeedableRng, rngs::StdRng};
use simulation::{
    BOILERPLATE_CLUSTERS, Output, Recipe, World, attacks::Scene, generated, measures::Quality,
};

fn scene() -> Scene {
    Scene::new(generated::documents(240, 7), 80, 7)
}

#[test]
fn answers_are_covered_and_pay_close_to_the_truth() {
    let scene = scene();
    let library = &scene.library;
    let mut rng = StdRng::seed_from_u64(8);
    let clean = Recipe::default().answers(200, &scene.own(), &library.chain, &mut rng);
    let world = World::new(&library.works, Some(BOILERPLATE_CLUSTERS));
    let all = Vec::from_iter(&library.works);
    for (noise, coverage, distance) in [
        (0, 0.86, 0.05),
        (2, 0.82, 0.05),
        (5, 0.73, 1.0),
        (10, 0.60, 1.0),
    ] {
        let noisy = clean
            .iter()
            .map(|output| output.with_noise(noise, &library.chain, &mut rng));
        let outputs: Vec<Output> = noisy.collect();
        let found = Quality::of(&outputs, &world.attribute(&outputs));
        let naive = Quality::of(&outputs, &world.attribute_naively(&all, &outputs));
        println!("{noise} %: {found:.3?}, naive {:.3}", naive.distance);
        assert!(found.coverage >= coverage, "{noise} %: {found:?}");
        assert!(found.distance <= distance, "{noise} %: {found:?}");
        assert!(found.distance_of_sums <= 0.05, "{noise} %: {found:?}");
        assert!(found.distance < naive.distance, "{noise} %: {naive:?}");
    }
}

#[test]
fn the_same_seed_is_the_same_world() {
    let paid = || {
        let scene = scene();
        let world = World::new(&scene.library.works, Some(BOILERPLATE_CLUSTERS));
        let paid = world.attribute(&scene.outputs);
        Vec::from_iter(paid.into_iter().map(|paid| (paid.pool, paid.text)))
    };
    assert_eq!(paid(), paid());
}
