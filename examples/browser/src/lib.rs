//! Energy-based probabilistic regression in a web page: train a network of the paper, look at its density, ask it.
//!
//! Everything that a page computes is computed here, by the crates that the program `ebm` is made of. [`Session`] is one
//! training, advanced by the loop that trains everything else; [`View`] asks a model; [`folder`] writes and reads run
//! folders. `bindings` hands all of it to JavaScript. The crate also compiles for the host, where its tests run.
//!
//! `cargo xtask web` builds the page; see `docs/guide/browser.md`.

pub mod axis;
#[cfg(target_arch = "wasm32")]
pub mod bindings;
pub mod colour;
pub mod data;
pub mod fault;
pub mod folder;
pub mod plan;
pub mod session;
pub mod task;
pub mod view;

pub use fault::Fault;
pub use session::Session;
pub use view::View;
