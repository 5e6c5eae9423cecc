//! `ebm data make`: a stand-in in the layout of the paper's file.

use ebm_data::image::write_images;
use serde_json::json;

use crate::cli::data::DataMakeArgs;
use crate::console::Console;
use crate::destination::Destination;
use crate::exit::{Exit, failure};
use crate::output::print_json;
use crate::task::images::generate;

pub fn run(args: &DataMakeArgs, console: Console) -> anyhow::Result<()> {
    let Some(layout) = args.which.layout() else {
        return Err(failure(
            Exit::Usage,
            "the digits are embedded and have no file: `ebm train --preset digits/ours_k4`",
        ));
    };
    let file = Destination::new(&args.out, args.force, &[])?;
    let which = args.which.stand_in();
    let set = generate(which, args.count as usize, args.seed, console)?;
    write_images(file.path(), layout, &set)?;
    if console.json {
        return print_json(&json!({
            "schema": "ebm.data_file/1", "file": args.out, "stand_in": which.name(), "count": args.count,
            "seed": args.seed,
        }));
    }
    console.say(format_args!("wrote {}: {} generated images, not the paper's data", args.out.display(), args.count));
    Ok(())
}
