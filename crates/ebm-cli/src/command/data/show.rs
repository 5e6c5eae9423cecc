//! `ebm data show`: a contact sheet of images with their labels.

use std::path::Path;

use ebm_data::image::{BadImages, ImageSet, ImageTask, SIDE, inspect, read_images};

use crate::cli::data::DataShowArgs;
use crate::command::picture::{rgb, wrote};
use crate::console::Console;
use crate::destination::Destination;
use crate::exit::{Exit, failure};
use crate::figure::{Format, Picture, PictureFigure, draw_pictures};
use crate::task::images::generate;

pub fn run(args: &DataShowArgs, console: Console) -> anyhow::Result<()> {
    Format::from_path(&args.out)?;
    let inputs: Vec<&Path> = args.file.iter().map(|file| file.as_path()).collect();
    let picture_file = Destination::new(&args.out, args.force, &inputs)?;
    let count = (args.columns * args.rows) as usize;
    let (set, title, task) = match (&args.file, args.which) {
        (Some(file), _) => {
            let found = inspect(file, BadImages::Refuse)?;
            let task = found.fits.first().map(|fit| fit.task).ok_or_else(|| {
                failure(
                    Exit::Data,
                    format!("{} reads as none of the tasks: `ebm data inspect` says why", file.display()),
                )
            })?;
            (read_images(file, task)?, format!("{}: {}", file.display(), task.name()), Some(task))
        }
        (None, Some(which)) => {
            let stand_in = which.stand_in();
            let set = generate(stand_in, count, args.seed, console)?;
            (set, format!("{} stand-in, seed {}", stand_in.name(), args.seed), which.layout())
        }
        (None, None) => unreachable!("clap requires one of them"),
    };
    let bgr = task == Some(ImageTask::HeadPose);
    let pictures = (0..count.min(set.count())).map(|row| picture(&set, row, bgr)).collect();
    draw_pictures(&PictureFigure { title, columns: args.columns as usize, pictures }, picture_file.path())?;
    wrote(&args.out, console)
}

fn picture(set: &ImageSet, row: usize, bgr: bool) -> Picture {
    let caption = set.label(row).iter().map(|y| format!("{y:.1}")).collect::<Vec<_>>().join(", ");
    Picture { caption, side: SIDE, rgb: rgb(set, row, bgr) }
}
