//! Laws of sets of images as training sees them.

use burn::tensor::{Device, Tensor};
use ebm_core::{Batch, Dataset, Noise, Purpose};
use ebm_data::image::{Augmentation, ImageSet, SIDE, SplitRule};

const PLANE: usize = SIDE * SIDE;

fn heads(count: usize) -> ImageSet {
    let pixels = (0..count * 3 * PLANE).map(|at| (at * 7 + at / PLANE * 31) as u8).collect();
    let labels = (0..count).flat_map(|row| [10.0 + row as f64, 20.0 + row as f64, 30.0 + row as f64]).collect();
    ImageSet::new(pixels, 3, labels, 3)
}

fn numbers(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("f32")
}

fn parts(batch: Batch) -> (Vec<f32>, Vec<f32>) {
    (numbers(batch.input), numbers(batch.target))
}

fn augmented(set: &ImageSet, rows: &[usize], step: usize) -> (Vec<f32>, Vec<f32>) {
    let mut noise = Noise::new(1, Purpose::Augmentation, 0, step);
    parts(set.training_batch(rows, &mut noise, &Device::flex()))
}

#[test]
fn inputs_are_normalised_channel_by_channel_in_the_order_they_are_stored() {
    let mut pixels = vec![0; 2 * 3 * PLANE];
    pixels[3 * PLANE..].iter_mut().for_each(|byte| *byte = 255);
    pixels[PLANE + 70] = 51;
    let set = ImageSet::new(pixels, 3, vec![-3.5, 8.25], 1);
    assert_eq!((set.len(), set.input_width(), set.target_width()), (2, 12288, 1));
    let (input, target) = parts(set.batch(&[1, 0], &Device::flex()));
    assert_eq!(target, [8.25, -3.5], "raw units, in the order asked for");
    for (channel, (mean, sd)) in [(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)].into_iter().enumerate() {
        assert_eq!(input[channel * PLANE + 70], ((1.0 - mean) / sd) as f32);
        let grey = if channel == 1 { 0.2 } else { 0.0 };
        assert_eq!(input[(3 + channel) * PLANE + 70], ((grey - mean) / sd) as f32);
    }
}

#[test]
fn a_grey_image_is_in_all_three_channels() {
    let grey: Vec<u8> = (0..PLANE).map(|at| (at % 251) as u8).collect();
    let three = [grey.clone(), grey.clone(), grey.clone()].concat();
    let [one, three] = [(grey, 1), (three, 3)].map(|(pixels, channels)| ImageSet::new(pixels, channels, vec![7.0], 1));
    assert_eq!(parts(one.batch(&[0], &Device::flex())), parts(three.batch(&[0], &Device::flex())));
}

#[test]
fn an_epoch_of_augmentation_leaves_the_stored_images_and_labels_alone() {
    let set = heads(40).augmented(Augmentation::HeadPose);
    let before = (set.fingerprint(), parts(set.batch(&[0, 39], &Device::flex())));
    let mut changed = 0;
    for step in 0..10 {
        let rows: Vec<usize> = (0..4).map(|i| step * 4 + i).collect();
        changed += usize::from(augmented(&set, &rows, step) != parts(set.batch(&rows, &Device::flex())));
    }
    assert!(changed > 0);
    assert_eq!(before, (set.fingerprint(), parts(set.batch(&[0, 39], &Device::flex()))));
}

#[test]
fn a_set_that_is_not_augmented_trains_on_what_is_stored() {
    let set = heads(4);
    assert_eq!(augmented(&set, &[3, 0], 0), parts(set.batch(&[3, 0], &Device::flex())));
    let split = set.augmented(Augmentation::HeadPose).split(0, SplitRule::Share(0.5)).expect("enough");
    assert_eq!(augmented(&split.test, &[0, 1], 0), parts(split.test.batch(&[0, 1], &Device::flex())));
}

#[test]
fn augmentation_is_a_function_of_its_noise_whatever_the_threads() {
    let set = heads(16).augmented(Augmentation::HeadPose);
    let rows: Vec<usize> = (0..16).collect();
    let reference = augmented(&set, &rows, 3);
    assert_ne!(reference, augmented(&set, &rows, 4));
    for threads in [1, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        assert_eq!(pool.install(|| augmented(&set, &rows, 3)), reference);
    }
    // The first image's change does not depend on how many come after it.
    let (input, target) = augmented(&set, &rows[..1], 3);
    assert_eq!((&input[..], &target[..]), (&reference.0[..input.len()], &reference.1[..3]));
}

#[test]
fn half_of_the_labels_are_mirrored_in_yaw_and_roll_and_none_in_pitch() {
    const N: usize = 2000;
    let set = heads(1).augmented(Augmentation::HeadPose);
    let (_, targets) = augmented(&set, &[0; N], 0);
    let mirrored = targets.chunks(3).filter(|label| label[0] < 0.0).count();
    // Five standard errors of a count that is binomial with p = 1/2.
    assert!((mirrored as f64 - N as f64 / 2.0).abs() < 5.0 * (N as f64 / 4.0).sqrt());
    for label in targets.chunks(3) {
        assert!(label == [10.0, 20.0, 30.0] || label == [-10.0, 20.0, -30.0], "{label:?}");
    }
}

#[test]
fn padding_is_black_before_it_is_normalised() {
    let white = ImageSet::new(vec![255; 3 * PLANE], 3, vec![0.0; 3], 3).augmented(Augmentation::HeadPose);
    let black = parts(ImageSet::new(vec![0; 3 * PLANE], 3, vec![0.0; 3], 3).batch(&[0], &Device::flex())).0;
    let white_stored = parts(white.batch(&[0], &Device::flex())).0;
    let (input, _) = augmented(&white, &[0; 64], 0);
    let mut padded = 0;
    for image in input.chunks(3 * PLANE) {
        let filled = (0..PLANE).take_while(|&at| image[at] == white_stored[at]).count();
        let side = if filled == PLANE { SIDE } else { filled };
        assert!([45, 51, 58, 64].contains(&side), "{side}");
        padded += usize::from(side < SIDE);
        for at in 0..3 * PLANE {
            let inside = at % PLANE / SIDE < side && at % SIDE < side;
            assert_eq!(image[at], if inside { white_stored[at] } else { black[at] });
        }
    }
    // Three of eight scales are smaller than the image.
    assert!((10..40).contains(&padded), "{padded}");
}

#[test]
#[should_panic(expected = "yaw and roll")]
fn only_head_poses_are_augmented_as_head_poses() {
    let _ = ImageSet::new(vec![0; PLANE], 1, vec![7.0], 1).augmented(Augmentation::HeadPose);
}
