//! Generates images with their labels, and says what density the labels come from.

use super::cells::Background;
use super::set::StandIn;
use super::stream::{Aspect, Key};
use super::truth::Truth;
use super::{age, cells, digits, head_pose, steering};
use crate::image::{ImageSet, SIDE};
use rayon::prelude::*;

/// The first `count` images of a set with their labels, in parallel on Rayon's current pool.
///
/// `progress` is called once for each image, from any thread.
///
/// # Panics
/// When `count` is 0 or does not fit in 32 bits.
#[must_use]
pub fn generate(which: StandIn, count: usize, seed: u64, progress: &(dyn Fn() + Sync)) -> ImageSet {
    assert!(count > 0, "at least one image");
    let size = which.channels() * SIDE * SIDE;
    let mut pixels = vec![0u8; count * size];
    let mut labels = vec![0f64; count * which.label_width()];
    let images = pixels.par_chunks_exact_mut(size).zip(labels.par_chunks_exact_mut(which.label_width()));
    images.enumerate().for_each(|(index, (pixels, label))| {
        draw(which, which.key(seed, index as u64), pixels, label);
        progress();
    });
    ImageSet::new(pixels, which.channels(), labels, which.label_width())
}

/// Draws one image and its label.
fn draw(which: StandIn, key: Key, pixels: &mut [u8], label: &mut [f64]) {
    let mut scene = key.stream(Aspect::Scene);
    let mut noise = key.stream(Aspect::Pixels);
    let picture = match which {
        StandIn::Cells => return label[0] = f64::from(cells::draw(key, Background::Nuclei, pixels)),
        StandIn::Digits => return label[0] = digits::draw(key, pixels),
        StandIn::CellsFlat => return label[0] = f64::from(cells::draw(key, Background::Flat, pixels)),
        StandIn::Steering => {
            let scene = steering::Scene::draw(&mut scene);
            scene.truth().draw(&mut key.stream(Aspect::Label), label);
            scene.picture(&mut noise)
        }
        StandIn::HeadPose => {
            let scene = head_pose::Scene::draw(&mut scene);
            scene.truth().draw(&mut key.stream(Aspect::Label), label);
            scene.picture(&mut noise)
        }
        StandIn::Age => {
            let scene = age::Scene::draw(&mut scene);
            label[0] = f64::from(scene.rings());
            scene.picture(&mut noise)
        }
    };
    picture.write(which.channel_order(), pixels);
}

/// The density that the label of image `index` was drawn from, given everything that the image shows.
///
/// Known for [`StandIn::Steering`] and [`StandIn::HeadPose`]; `None` for the others. No model has a lower expected
/// negative log-likelihood than this density has, its [`entropy`](Truth::entropy); sensor noise and the coarse
/// pixels keep a model a little above it.
#[must_use]
pub fn truth(which: StandIn, seed: u64, index: u64) -> Option<Truth> {
    let mut scene = which.key(seed, index).stream(Aspect::Scene);
    match which {
        StandIn::Steering => Some(steering::Scene::draw(&mut scene).truth()),
        StandIn::HeadPose => Some(head_pose::Scene::draw(&mut scene).truth()),
        StandIn::Cells | StandIn::CellsFlat | StandIn::Age | StandIn::Digits => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn bytes(set: &ImageSet) -> Vec<(&[u8], &[f64])> {
        (0..set.count()).map(|row| (set.pixels(row), set.label(row))).collect()
    }

    #[test]
    fn images_depend_on_set_seed_and_index_and_on_nothing_else() {
        let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        for which in StandIn::ALL {
            let done = AtomicUsize::new(0);
            let count = || {
                done.fetch_add(1, Ordering::Relaxed);
            };
            let set = generate(which, 6, 11, &count);
            assert_eq!(done.into_inner(), 6);
            let prefix = one_thread.install(|| generate(which, 4, 11, &|| ()));
            assert_eq!(bytes(&prefix), bytes(&set)[..4], "{which:?}");
            assert_ne!(bytes(&generate(which, 4, 12, &|| ())), bytes(&prefix), "{which:?}");
            assert_ne!(set.pixels(0), set.pixels(1), "{which:?}");
        }
    }

    #[test]
    fn images_are_those_of_this_version_everywhere() {
        // A difference here needs a new version in the cache, or older files would stand for the new images.
        let digests = StandIn::ALL.map(|which| {
            let set = generate(which, 3, 2024, &|| ());
            let mut digest = Sha256::new();
            for (pixels, label) in bytes(&set) {
                digest.update(pixels);
                label.iter().for_each(|label| digest.update(label.to_le_bytes()));
            }
            let digest: [u8; 4] = digest.finalize()[..4].try_into().unwrap();
            (which.name(), u32::from_be_bytes(digest))
        });
        let expected = [
            ("cells", 0x5cad_cdc4),
            ("cells_flat", 0x0bc1_e094),
            ("steering", 0xcc43_ab53),
            ("head_pose", 0x184e_08a8),
            ("age", 0xaf18_503e),
            ("digits", 0x59d9_1c42),
        ];
        assert_eq!(digests, expected, "{digests:08x?}");
    }

    #[test]
    fn labels_are_drawn_from_the_truth() {
        for which in [StandIn::Steering, StandIn::HeadPose] {
            const IMAGES: u64 = 20_000;
            let mut label = vec![0.0; which.label_width()];
            let surprises: Vec<f64> = (0..IMAGES)
                .map(|index| {
                    let truth = truth(which, 3, index).unwrap();
                    truth.draw(&mut which.key(3, index).stream(Aspect::Label), &mut label);
                    -truth.log_density(&label) - truth.entropy()
                })
                .collect();
            // The surprise of a label exceeds the entropy by nothing on average; five standard errors.
            let mean = surprises.iter().sum::<f64>() / IMAGES as f64;
            let variance = surprises.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / IMAGES as f64;
            assert!(mean.abs() < 5.0 * (variance / IMAGES as f64).sqrt(), "{which:?} {mean}");
        }
    }
}
