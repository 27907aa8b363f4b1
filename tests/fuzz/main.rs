//! Damaged SQL through the whole of lint, for all four engines: nothing may panic, hang or overflow
//! the stack.
//!
//! `cargo test --test fuzz` runs a few inputs from a fixed seed. For longer, at speed:
//! `cargo test --profile fuzz --no-default-features --test fuzz -- --seconds 1200 --seed 7`.
//! An input that fails is left in `target/fuzz-failures/`; `-- --input <file> --engine sqlite` runs it
//! again.

mod corpus;
mod execute;
mod mutate;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use corpus::{Corpus, Seed};
use lockgate::engine::Target;
use mutate::Dice;

/// The stack that lint's own threads have.
const STACK: usize = 64 * 1024 * 1024;
/// The same inputs in every run of the tests.
const INPUTS: u64 = 400;
/// No input of this size may take as many seconds, unless the machine is busy (`--patience`).
const PATIENCE: u64 = 20;

/// What a worker is busy with.
struct Work {
    since: Instant,
    text: String,
    target: Target,
}

struct Arguments {
    seconds: Option<u64>,
    seed: u64,
    threads: u64,
    patience: u64,
    input: Option<PathBuf>,
    engine: Option<Target>,
}

fn main() -> ExitCode {
    let arguments = arguments();
    let failures = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../fuzz-failures");
    fs::create_dir_all(&failures).expect("a place for what fails");
    if let Some(path) = &arguments.input {
        let text = fs::read_to_string(path).expect("the input");
        let target = arguments.engine.unwrap_or_else(|| "postgres@16".parse().expect("a target"));
        let ran = on_large_stack(move || execute::lint(&text, target));
        println!("{ran} bytes of report");
        return ExitCode::SUCCESS;
    }
    let corpus = Arc::new(Corpus::load());
    println!("{} seeds", corpus.seeds.len());
    let started = Instant::now();
    let workers: Vec<_> = (0..arguments.threads).map(|number| Worker::start(number, &arguments, &corpus, &failures)).collect();
    // A worker that is stuck cannot be stopped: the whole run ends.
    while workers.iter().any(|worker| !worker.thread.is_finished()) {
        std::thread::sleep(Duration::from_millis(50));
        for worker in &workers {
            let stuck = worker
                .work
                .lock()
                .expect("a lock")
                .as_ref()
                .filter(|work| work.since.elapsed() > Duration::from_secs(arguments.patience))
                .map(|work| keep(work, &failures));
            if let Some(path) = stuck {
                println!("hangs: {}", path.display());
                return ExitCode::FAILURE;
            }
        }
    }
    let (mut ran, mut failed) = (0, 0);
    for worker in workers {
        let (inputs, panics) = worker.thread.join().expect("a worker");
        ran += inputs;
        failed += panics;
    }
    println!("{ran} inputs in {} s, {failed} failed", started.elapsed().as_secs());
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Worker {
    work: Arc<Mutex<Option<Work>>>,
    thread: std::thread::JoinHandle<(u64, u64)>,
}

impl Worker {
    fn start(number: u64, arguments: &Arguments, corpus: &Arc<Corpus>, failures: &Path) -> Worker {
        let work = Arc::new(Mutex::new(None));
        let (mine, corpus, failures) = (Arc::clone(&work), Arc::clone(corpus), failures.to_owned());
        let end = arguments.seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
        let mut dice = Dice::new(arguments.seed.wrapping_mul(1000) + number);
        let run = move || {
            let (mut ran, mut failed) = (0, 0);
            // An overflow of the stack ends the process: what it was busy with is on disk.
            let current = failures.join(format!("current-{number}.sql"));
            while end.map_or(ran < INPUTS, |end| Instant::now() < end) {
                let Seed { text, target } = mutate::input(&corpus, &mut dice);
                if end.is_some() {
                    fs::write(&current, format!("-- {target}\n{text}")).expect("the current input");
                }
                *mine.lock().expect("a lock") = Some(Work { since: Instant::now(), text: text.clone(), target });
                let outcome = catch_unwind(AssertUnwindSafe(|| execute::lint(&text, target)));
                let done = mine.lock().expect("a lock").take();
                ran += 1;
                if let (Err(_), Some(done)) = (outcome, done) {
                    println!("panics: {}", keep(&done, &failures).display());
                    failed += 1;
                }
            }
            (ran, failed)
        };
        Worker { work, thread: std::thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread") }
    }
}

fn keep(work: &Work, failures: &Path) -> PathBuf {
    let path = failures.join(format!("{}-{:08x}.sql", work.target.engine.name(), fingerprint(&work.text)));
    fs::write(&path, &work.text).expect("the input that fails");
    path
}

fn fingerprint(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn on_large_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread").join().expect("no panic")
}

/// Only what stands above; other arguments, which test runners pass along, are left alone.
fn arguments() -> Arguments {
    let mut arguments = Arguments { seconds: None, seed: 1, threads: 1, patience: PATIENCE, input: None, engine: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || words.next().and_then(|word| word.parse().ok());
        match word.as_str() {
            "--seconds" => arguments.seconds = number(),
            "--seed" => arguments.seed = number().unwrap_or(1),
            "--patience" => arguments.patience = number().unwrap_or(PATIENCE),
            "--threads" => arguments.threads = number().unwrap_or(1),
            "--input" => arguments.input = words.next().map(PathBuf::from),
            "--engine" => arguments.engine = words.next().and_then(|word| word.parse().ok()),
            _ => {}
        }
    }
    arguments
}
