//! When a selection evaluates.

use super::*;

/// Validations and epochs of a training on this many examples.
fn counted(rows: usize, rule: Selection, epochs: usize) -> (usize, usize) {
    let (train, held_out) = (examples(rows, 0), examples(10, 1));
    let config = TrainingConfig { epochs, selection: Some(Selection { patience: 99, ..rule }), ..config() };
    let mut diary = Diary::default();
    let state = TrainState::new(model(Method::Mdn { components: 1 }), 0);
    fit_validated(state, &train, &Validation::new(&held_out, &Device::flex()), &config, &mut diary).unwrap();
    (diary.validations.len(), diary.epochs.len())
}

#[test]
fn long_epochs_are_validated_within() {
    // Ten steps in an epoch, with validations after 4, 8 and 10.
    assert_eq!(counted(80, Selection { every: 4, ..rule() }, 2), (6, 2));
}

#[test]
fn short_epochs_are_validated_together_and_the_last_one_always() {
    // After epochs 3, 6 and 7.
    assert_eq!(counted(16, Selection { epochs: 3, ..rule() }, 7), (3, 7));
}
