//! The `ebm` command.

use std::process::ExitCode;

use clap::Parser;
use ebm_cli::cli::Cli;
use ebm_cli::exit::exit_code;
use ebm_cli::output::tell;

fn main() -> ExitCode {
    keep_freed_memory();
    tell_of_panics();
    match ebm_cli::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut causes = error.chain();
            tell(format_args!("error: {}", causes.next().expect("a chain starts with the error itself")));
            for cause in causes {
                tell(format_args!("  because: {cause}"));
            }
            ExitCode::from(exit_code(&error) as u8)
        }
    }
}

/// Tells of a panic, unless it is of a decoder: then it becomes an error that names the file.
fn tell_of_panics() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !ebm_core::is_decoding() {
            tell(panic);
        }
    }));
}

/// Tells glibc to keep freed memory: it would map and unmap every tensor over 128 KiB, at a page fault a page.
///
/// A training step is 1.4 times faster for it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)] // mallopt has no safe wrapper.
fn keep_freed_memory() {
    // SAFETY: no other thread is running yet, and mallopt only sets the allocator's thresholds.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 30);
        libc::mallopt(libc::M_TRIM_THRESHOLD, 512 << 20);
        libc::mallopt(libc::M_TOP_PAD, 16 << 20);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn keep_freed_memory() {}
