//! Laws of data sets in memory: contents of batches for all kinds of inputs, and fingerprints.

use burn::tensor::{Device, Int, Tensor, TensorData};
use sha2::{Digest, Sha256};

use super::dataset::Dataset;
use super::examples::Examples;
use super::labelled::Labelled;
use super::space::{TargetKind, TargetSpace};
use crate::math::noise::{Noise, Purpose};

fn numbers(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

#[test]
fn a_batch_has_the_rows_asked_for_of_every_part_of_the_input() {
    let device = Device::flex();
    let images = Tensor::<4>::from_data(TensorData::new((0..24).map(|i| i as f32).collect(), [4, 1, 2, 3]), &device);
    let words = Tensor::<2, Int>::from_ints([[0, 1], [2, 3], [4, 5], [6, 7]], &device);
    let targets = Tensor::<2>::from_floats([[0.0], [10.0], [20.0], [30.0]], &device);
    let examples = Examples::of(&(images, words), &targets);
    assert_eq!((examples.len(), examples.input_width(), examples.target_width()), (4, 8, 1));
    let batch = examples.batch(&[2, 0, 2], &device);
    let (images, words) = batch.input;
    assert_eq!(images.dims(), [3, 1, 2, 3]);
    let first: Vec<f32> = images.slice([0..3, 0..1, 0..1, 0..1]).into_data().try_to_vec().unwrap();
    assert_eq!(first, [12.0, 0.0, 12.0]);
    assert_eq!(words.into_data().iter::<i64>().collect::<Vec<_>>(), [4, 5, 0, 1, 4, 5]);
    assert_eq!(numbers(batch.target), [20.0, 0.0, 20.0]);
}

#[test]
fn rows_have_one_fingerprint_however_they_were_given() {
    let (inputs, targets) = (vec![1.0, 2.0, 3.0, 4.0], vec![5.0, 6.0]);
    let mut hash = Sha256::new();
    [2_u64, 1].iter().for_each(|width| hash.update(width.to_le_bytes()));
    inputs.iter().chain(&targets).for_each(|value: &f32| hash.update(value.to_le_bytes()));
    let expected: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let device = Device::flex();
    let tensor = |values: Vec<f32>, width| Tensor::<2>::from_data(TensorData::new(values, [2, width]), &device);
    let rows = Examples::new(inputs.clone(), 2, targets.clone(), 1);
    let tensors = Examples::of(&tensor(inputs.clone(), 2), &tensor(targets.clone(), 1));
    assert_eq!([rows.fingerprint(), tensors.fingerprint()], [expected.clone(), expected.clone()]);
    // The same numbers in another shape are different inputs.
    let column = Examples::of(&tensor(inputs, 2).reshape([2, 2, 1]), &tensor(targets, 1));
    assert_ne!(column.fingerprint(), expected);
}

#[test]
fn labels_in_units_are_the_same_on_inputs_of_any_kind() {
    let device = Device::flex();
    let (inputs, labels) = (vec![0.5_f32, -0.5, 1.5], vec![3.0, 0.0, 7.0]);
    let space = TargetSpace::fit(&[TargetKind::Count], &labels).unwrap();
    let tensor = Tensor::<2>::from_data(TensorData::new(inputs.clone(), [3, 1]), &device);
    let rows = Labelled::new(inputs, 1, labels.clone(), space.clone()).unwrap();
    let sequences = Examples::unlabelled(&tensor.clone().reshape([3, 1, 1]));
    let sequences = Labelled::of(sequences, labels.clone(), space.clone()).unwrap();
    let noise = || Noise::new(3, Purpose::Augmentation, 0, 0);
    let [a, b] = [rows.batch(&[2, 1], &device).target, sequences.batch(&[2, 1], &device).target];
    assert_eq!(numbers(a), numbers(b));
    let a = rows.training_batch(&[2, 1], &mut noise(), &device);
    let b = sequences.training_batch(&[2, 1], &mut noise(), &device);
    assert_eq!(numbers(a.target), numbers(b.target));
    assert_eq!(numbers(a.input), numbers(b.input.flatten(1, 2)));
    // The targets of the wrapped data set are ignored.
    let other = Examples::of(&tensor, &Tensor::zeros([3, 4], &device));
    let other = Labelled::of(other, labels.clone(), space.clone()).unwrap();
    assert_eq!((other.target_width(), other.fingerprint()), (1, rows.fingerprint()));
    assert!(Labelled::of(Examples::unlabelled(&tensor), vec![3.0, 0.5, 7.0], space).is_err());
}
