//! Hostile headers and paths: refused within 100 ms of CPU time and 64 MiB, measured of a child process.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use wait4::Wait4 as _;

use crate::sandbox::{Sandbox, stderr};

/// The promise, in seconds and KiB.
const SECONDS: f64 = 0.1;
const KIB: u64 = 64 << 10;

/// What a run of `ebm` said and used.
struct Used {
    code: Option<i32>,
    message: String,
    /// Of CPU time, which other programs on the machine do not change.
    seconds: f64,
}

/// Runs `ebm` with this much address space in KiB. Its resident memory cannot be measured: what the system counts for a
/// child begins with that of its parent.
fn used(sandbox: &Sandbox, kib: u64, args: &str) -> Used {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v \"$0\" && exec \"$@\"", &kib.to_string(), env!("CARGO_BIN_EXE_ebm")]);
    command.args(args.split_whitespace()).args(["--threads", "1"]).current_dir(sandbox.path(""));
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("a shell");
    let mut message = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut message).expect("UTF-8");
    let ended = child.wait4().expect("it ends");
    let time = ended.rusage.utime + ended.rusage.stime;
    Used { code: ended.status.code(), message, seconds: time.as_secs_f64() }
}

/// A safetensors file with this header and no more.
fn safetensors(header: &str) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat()
}

/// An npz member's header of this shape.
fn npy(shape: &str) -> Vec<u8> {
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({shape}), }}");
    let header = format!("{header:117}\n");
    [b"\x93NUMPY\x01\0".as_slice(), &(header.len() as u16).to_le_bytes(), header.as_bytes()].concat()
}

#[test]
fn a_hostile_header_is_refused_within_100_ms_of_cpu_time_and_64_mib() {
    let sandbox = Sandbox::trained();
    // What the program needs in any case: the least address space in which it predicts, in steps of 4 MiB.
    let usual = (1..).map(|step| step * (4 << 10)).map(|kib| (kib, used(&sandbox, kib, "predict run --x 1 --m 64")));
    let (least, usual) = usual.take(500).find(|(_, usual)| usual.code == Some(0)).expect("2 GiB is enough to predict");
    let check = |name: &str, args: &str| {
        let found = used(&sandbox, least + KIB, args);
        assert!(matches!(found.code, Some(65 | 66)), "{name}: {:?} {}", found.code, found.message);
        assert!(!found.message.contains("panicked"), "{name}: {}", found.message);
        assert!(found.seconds < usual.seconds + SECONDS, "{name}: {} s, usual {}", found.seconds, usual.seconds);
    };
    let tensors = |n: usize| {
        let one = |i: usize| format!("\"t{i}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}");
        safetensors(&format!("{{{}}}", (0..n).map(one).collect::<Vec<_>>().join(",")))
    };
    let nested = |depth: usize| safetensors(&format!("{{\"a\":{}1{}}}", "[".repeat(depth), "]".repeat(depth)));
    let overlap = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#;
    let huge = r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#;
    for (name, bytes) in [
        ("a length of 2^64 - 1", [0xff; 64].to_vec()),
        ("a length of 2^40", [&(1u64 << 40).to_le_bytes()[..], &[b' '; 64]].concat()),
        ("a million tensors", tensors(1_000_000)),
        ("a hundred thousand tensors", tensors(100_000)),
        ("a hundred thousand levels", nested(100_000)),
        ("tensors that overlap", [safetensors(overlap), vec![0; 12]].concat()),
        ("a shape of 2^64 numbers", safetensors(huge)),
    ] {
        // The weights of a run, and a state dict.
        sandbox.write("run/model.safetensors", &bytes);
        sandbox.reseal("run");
        // The file of a run is read whole, for its digest.
        if bytes.len() < 1 << 23 {
            check(name, "predict run --x 1 --m 64");
        }
        sandbox.write("weights.safetensors", &bytes);
        check(name, "import weights.safetensors --dataset toy_1 --out imported");
    }
    for (name, shape) in [("2^63 images", "9223372036854775807, 64, 64"), ("2^40 images", "1099511627776,")] {
        let mut zip = zip_of("images.npy", &npy(shape));
        sandbox.write("a.npz", &zip);
        check(name, "data inspect a.npz");
        // A central directory that says it has 2^16 - 1 members.
        let end = zip.len() - 22;
        zip[end + 8..end + 12].fill(0xff);
        sandbox.write("b.npz", &zip);
        check("a directory without its members", "data inspect b.npz");
    }
    // A Parquet footer of 2 GiB, and one of structures in structures.
    let footer = |footer: &[u8], length: u32| [b"PAR1", footer, &length.to_le_bytes(), b"PAR1"].concat();
    sandbox.write("a.parquet", footer(&[0; 8], i32::MAX as u32));
    check("a footer of 2 GiB", "check a.parquet --target y");
    sandbox.write("b.parquet", footer(&[0x1c; 60_000], 60_000));
    check("a footer of structures in structures", "check b.parquet --target y");
}

/// A zip archive of one stored member.
fn zip_of(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    let about = [0x14u16.to_le_bytes().as_slice(), &[0; 8], &crc.sum().to_le_bytes()].concat();
    let size = (bytes.len() as u32).to_le_bytes();
    let about = [&about[..], &size, &size, &(name.len() as u16).to_le_bytes(), &[0; 2]].concat();
    let local = [b"PK\x03\x04", &about[..], name.as_bytes(), bytes].concat();
    let central = [b"PK\x01\x02\x14\0", &about[..], &[0; 14], name.as_bytes()].concat();
    let sizes = [(central.len() as u32).to_le_bytes(), (local.len() as u32).to_le_bytes()].concat();
    let end = [b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &sizes[..], &[0; 2]].concat();
    [local, central, end].concat()
}

#[test]
fn a_path_of_thousands_of_letters_is_read_or_refused_by_name() {
    let sandbox = Sandbox::trained();
    // As long as a path may be, in folders whose names are as long as they may be.
    let folder = vec!["f".repeat(255); 14].join("/");
    let depth = sandbox.path("").as_os_str().len();
    fs::create_dir_all(sandbox.path(&folder)).expect("folders");
    let room = 4095 - depth - folder.len() - 2;
    for (name, length) in [("a short name", 7), ("a path of 4095 bytes", room.min(255))] {
        let file = format!("{folder}/{}.csv", "n".repeat(length - 4));
        sandbox.write(&file, "x,y\n0,0\n1,1\n");
        sandbox.succeed(&format!("predict run {file} --out {folder}/out.csv --force --quiet"));
        assert_eq!(
            String::from_utf8(sandbox.read(&format!("{folder}/out.csv"))).expect("UTF-8").lines().count(),
            3,
            "{name}"
        );
    }
    // Longer than the system takes, as a file, in all, and as each kind of argument.
    let name = "n".repeat(300);
    let long = vec!["p".repeat(200); 40].join("/");
    for path in [&name, &long] {
        for (codes, args) in [
            (&[66][..], format!("predict run {path}")),
            (&[66], format!("predict {path} --x 1")),
            (&[66], format!("check {path} --target y")),
            (&[66], format!("train {path} --target y --out m")),
            (&[66, 78], format!("train --config {path} --out m")),
            (&[66], format!("data inspect {path}")),
            (&[73], format!("predict run --x 1 --out {path}")),
            (&[73], format!("train --train-file my.csv --epochs 1 --m 8 --quiet --out {path}")),
        ] {
            let output = sandbox.ebm(&args).output().expect("ebm starts");
            let (code, message) = (output.status.code(), stderr(&output));
            let command: String = args.chars().take(30).collect();
            assert!(code.is_some_and(|code| codes.contains(&code)), "{command}: {code:?} {message}");
            assert!(message.contains(&path[..200]) && !message.contains("panicked"), "{command}: {message}");
        }
    }
}
