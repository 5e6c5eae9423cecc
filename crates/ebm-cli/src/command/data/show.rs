//! `ebm data show`: a contact sheet of images with their labels.

use ebm_core::Dataset as _;
use ebm_data::image::{ImageSet, ImageTask, SIDE, read_images};

use super::super::How;
use super::super::plot::{rgb, wrote};
use crate::cli::DataShowArgs;
use crate::exit::{Exit, failure};
use crate::figure::{Format, Picture, PictureFigure, draw_pictures};
use crate::task::images::generate;

pub fn run(args: &DataShowArgs, how: How) -> anyhow::Result<()> {
    Format::from_path(&args.out)?;
    let count = args.columns.get() * args.rows.get();
    let (set, title, task) = match (&args.file, args.which) {
        (Some(file), which) => {
            let task = which.and_then(|which| which.task()).ok_or_else(|| {
                failure(Exit::Usage, "say what the file holds: --as steering, cells, age or head-pose")
            })?;
            (read_images(file, task)?, file.display().to_string(), Some(task))
        }
        (None, Some(which)) => {
            let set = generate(which.stand_in(), count, args.seed, how)?;
            (set, format!("{} stand-in, seed {}", which.stand_in(), args.seed), which.task())
        }
        (None, None) => return Err(failure(Exit::Usage, "give a FILE, or --as the stand-in to show")),
    };
    let bgr = task == Some(ImageTask::HeadPose);
    let pictures = (0..count.min(set.len())).map(|row| picture(&set, row, bgr)).collect();
    draw_pictures(&PictureFigure { title, columns: args.columns.get(), pictures }, &args.out)?;
    wrote(&args.out, how)
}

fn picture(set: &ImageSet, row: usize, bgr: bool) -> Picture {
    let label = set.label(row).iter().map(|y| format!("{y:.1}")).collect::<Vec<_>>().join(", ");
    Picture { caption: label, side: SIDE, rgb: rgb(set, row, bgr) }
}
