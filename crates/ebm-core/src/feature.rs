//! Backbones: input → features `h_x`.

mod mlp;

pub use mlp::Mlp;
