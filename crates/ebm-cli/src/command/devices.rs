//! `ebm devices`

use serde_json::json;

use crate::console::Console;
use crate::device::{Listed, list};
use crate::output::{print, print_json};

pub fn run(console: Console) -> anyhow::Result<()> {
    let devices = list();
    if console.json {
        return print_json(&json!({ "schema": "ebm.devices/1", "devices": devices }));
    }
    print(devices.iter().map(line).collect::<String>())
}

fn line(device: &Listed) -> String {
    let what = match (&device.description, device.compiled_in) {
        (Some(description), _) => description.clone(),
        (None, true) => "compiled in, but no such device on this machine".to_owned(),
        (None, false) => format!("not compiled in: build with --features {}", device.name),
    };
    format!("{:<8} {what}\n", device.name)
}
