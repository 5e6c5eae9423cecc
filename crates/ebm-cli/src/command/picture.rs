//! Pictures that commands make.

use std::path::Path;

use ebm_data::image::{ImageSet, SIDE};
use serde_json::json;

use crate::console::Console;
use crate::output::print_json;

/// Reports which file was written.
pub fn wrote(path: &Path, console: Console) -> anyhow::Result<()> {
    if console.json {
        return print_json(&json!({ "schema": "ebm.picture/1", "file": path }));
    }
    console.say(format_args!("wrote {}", path.display()));
    Ok(())
}

/// The pixels as red, green and blue, whatever order they are stored in.
pub fn rgb(shown: &ImageSet, row: usize, bgr: bool) -> Vec<u8> {
    let pixels = shown.pixels(row);
    let plane = SIDE * SIDE;
    let order = match (shown.channels(), bgr) {
        (1, _) => [0, 0, 0],
        (_, true) => [2, 1, 0],
        (_, false) => [0, 1, 2],
    };
    (0..plane).flat_map(|pixel| order.map(|channel| pixels[channel * plane + pixel])).collect()
}
