//! `ebm data make`: a stand-in in the layout of the paper's file.

use anyhow::Context;
use ebm_data::image::write_images;
use serde_json::json;

use super::super::How;
use crate::cli::DataMakeArgs;
use crate::output::print_json;
use crate::task::images::generate;

pub fn run(args: &DataMakeArgs, how: How) -> anyhow::Result<()> {
    if args.out.exists() && !args.force {
        let message = format!("{} is there already: --force replaces it", args.out.display());
        return Err(crate::exit::failure(crate::exit::Exit::CannotWrite, message));
    }
    let which = args.which.stand_in();
    let set = generate(which, args.count, args.seed, how)?;
    write_images(&args.out, args.which.layout(), &set).with_context(|| format!("writing {}", args.out.display()))?;
    if how.json {
        let about = json!({
            "schema": "ebm.data_file/1", "file": args.out, "stand_in": which.to_string(), "count": args.count,
            "seed": args.seed,
        });
        return print_json(&about);
    }
    how.say(format_args!("wrote {}: {} images, generated, not the paper's data", args.out.display(), args.count));
    Ok(())
}
