//! The user's data, as the command line names them.

use std::num::NonZeroUsize;

use ebm_data::image::{PICTURE_SIDES, SIDE};
use ebm_data::table::{OnMissing, Shares, SplitBy};

use crate::cli::user_data::{OnMissingName, UserDataArgs};
use crate::exit::{Exit, failure};
use crate::experiment::user_data::{KindChoice, Source, UserData};

/// # Errors
/// When the fractions do not add up to 1, or a kind names a column that is not a target.
pub(super) fn user_data(args: &UserDataArgs, skip_bad: bool) -> anyhow::Result<UserData> {
    let source = match (&args.table, &args.images, &args.labels) {
        (Some(file), ..) => Source::Table { file: std::path::absolute(file)? },
        (None, Some(folder), Some(labels)) => {
            let side = args.image_size.unwrap_or(SIDE);
            if !PICTURE_SIDES.contains(&side) {
                let [least, most] = [PICTURE_SIDES.start(), PICTURE_SIDES.end()];
                return Err(failure(Exit::Usage, format!("--image-size is {side}; it must be from {least} to {most}")));
            }
            let [folder, labels] = [std::path::absolute(folder)?, std::path::absolute(labels)?];
            Source::Images { folder, labels, skip_bad, side }
        }
        _ => unreachable!("clap requires one of them"),
    };
    let validation = args.valid.as_ref().map(std::path::absolute).transpose()?;
    Ok(UserData {
        source,
        kinds: kinds(args)?,
        targets: args.target.clone(),
        features: args.features.clone(),
        on_missing: args.on_missing.map_or_else(OnMissing::default, Into::into),
        allow_outliers: args.allow_outliers,
        shares: shares(args.split.as_deref(), validation.is_some())?,
        validation,
        split_seed: args.split_seed.unwrap_or(0),
        sample_rows: args.sample_rows.map(NonZeroUsize::get),
        weight: args.weight.clone(),
        split_by: split_by(args),
        fold: None,
    })
}

impl From<OnMissingName> for OnMissing {
    fn from(name: OnMissingName) -> Self {
        match name {
            OnMissingName::Fail => Self::Refuse,
            OnMissingName::Drop => Self::Drop,
            OnMissingName::Median => Self::Median,
        }
    }
}

/// The kind of each target.
fn kinds(args: &UserDataArgs) -> anyhow::Result<Vec<KindChoice>> {
    let named = args.target_kind.iter().filter_map(|of| of.name.as_ref());
    if let Some(name) = named.into_iter().find(|name| !args.target.contains(name)) {
        let message =
            format!("--target-kind is given for {name:?}, which is not a target: they are {}", args.target.join(", "));
        return Err(failure(Exit::Usage, message));
    }
    let kind = |target: &String| {
        let given = args.target_kind.iter().rfind(|of| of.name.as_ref().is_none_or(|name| name == target));
        given.map_or(KindChoice::Auto, |of| of.kind)
    };
    Ok(args.target.iter().map(kind).collect())
}

/// What decides the part of a row.
fn split_by(args: &UserDataArgs) -> SplitBy {
    match (&args.split_column, &args.group, &args.time) {
        (Some(column), ..) => SplitBy::Column(column.clone()),
        (None, Some(column), _) => SplitBy::Group(column.clone()),
        (None, None, Some(column)) => SplitBy::Time(column.clone()),
        (None, None, None) => SplitBy::Rows,
    }
}

/// What is held out.
fn shares(split: Option<&[f64]>, has_validation: bool) -> anyhow::Result<Shares> {
    let wrong = |why: &str| {
        let message = format!("--split {why}: four fractions that add up to 1 are expected, as in 0.7,0.1,0.1,0.1");
        Err(failure(Exit::Usage, message))
    };
    let shares = match split {
        None => UserData::SHARES,
        Some(&[train, validation, calibration, test]) => {
            let whole = train > 0.0 && (train + validation + calibration + test - 1.0).abs() <= 1e-6;
            if !whole {
                return wrong("does not add up to 1, or has no training examples");
            }
            Shares { validation, calibration, test }
        }
        Some(shares) => return wrong(&format!("has {} of them", shares.len())),
    };
    // The other file takes its place.
    let shares = if has_validation && split.is_none() { Shares { validation: 0.0, ..shares } } else { shares };
    match shares.check() {
        Ok(()) => Ok(shares),
        Err(error) => wrong(&error.to_string()),
    }
}
