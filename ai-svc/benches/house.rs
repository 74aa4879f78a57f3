//! What embeddings are measured by: ratios to candle-transformers' BertModel, one text a call, in the same run, and how much later a question
//! is answered while a catalogue is indexed. `make bench` runs it; names behind `cargo bench --bench house --` other than `embeddings` skip it.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on ends, and prints what it found"
)]

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use chatdesk_ai::{Embedder, Lane, Limits};
use chatdesk_platform::Vars;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tokenizers::Tokenizer;

/// Times that each is measured, in turn with the others.
const ROUNDS: usize = 7;
/// Products of the bulk.
const BULK: usize = 480;

/// The published implementation.
struct Reference {
    model: BertModel,
    tokenizer: Tokenizer,
}

impl Reference {
    fn load(folder: &Path) -> Self {
        let read = |name: &str| std::fs::read(folder.join(name)).expect("a file of the model");
        let config: Config = serde_json::from_slice(&read("config.json")).expect("a configuration");
        let weights = VarBuilder::from_buffered_safetensors(read("model.safetensors"), DType::F32, &Device::Cpu);
        let model = BertModel::load(weights.expect("weights"), &config).expect("a model");
        let mut tokenizer = Tokenizer::from_bytes(read("tokenizer.json")).expect("a tokenizer");
        tokenizer.with_padding(None).with_truncation(None).expect("no cutting");
        Self { model, tokenizer }
    }

    fn embed(&self, text: &str) -> Vec<f32> {
        let ids = self.tokenizer.encode_fast(text, true).expect("tokens").get_ids().to_vec();
        let count = ids.len();
        let pooled = || {
            let ids = Tensor::from_vec(ids, (1, count), &Device::Cpu)?;
            self.model.forward(&ids, &ids.zeros_like()?, None)?.mean(1)?.squeeze(0)?.to_vec1::<f32>()
        };
        let mut vector: Vec<f32> = pooled().expect("a vector");
        let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        vector.iter_mut().for_each(|x| *x /= norm);
        vector
    }
}

/// One comparison and its budget.
struct Row {
    what: &'static str,
    ours: f64,
    reference: f64,
    least: f64,
}

#[tokio::main]
async fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    // Without optimisation there is nothing to measure: then it was only built with the tests.
    let is_other = !named.is_empty() && !named.iter().any(|one| one == "embeddings");
    if is_other || cfg!(debug_assertions) {
        return;
    }
    let folder = Vars::process().require("EMBEDDING_MODEL", "it names the weights: use make bench").expect("set");
    let folder = PathBuf::from(folder);
    let reference = Reference::load(&folder);
    let limits = Limits { batches: 64, ..Limits::default() };
    let embedder = Embedder::load(&folder, limits).expect("the model loads");
    agree(&reference, &embedder).await;
    let rows = measure(&reference, &embedder).await;
    let (idle, busy) = under_load(&embedder).await;
    print(&rows, idle, busy);
    let is_kept = rows.iter().all(|row| row.reference / row.ours >= row.least) && busy / idle < 2.0;
    assert!(is_kept || !is_measurable(), "a budget is not kept");
}

/// The budgets are for processors with AVX-512.
fn is_measurable() -> bool {
    #[cfg(target_arch = "x86_64")]
    let is = std::is_x86_feature_detected!("avx512f");
    #[cfg(not(target_arch = "x86_64"))]
    let is = false;
    is
}

fn questions() -> Vec<String> {
    let colours = ["đỏ", "xanh", "đen", "be", "trắng"];
    colours.iter().cycle().take(40).enumerate().map(|(n, c)| format!("Áo thun {c} size {n} còn không shop?")).collect()
}

fn products(count: usize) -> Vec<String> {
    let text = |n: usize| {
        let more = " vải mềm mịn, thoáng mát".repeat(n % 4);
        format!("Áo thun nam số {n} - Cotton 100%{more} - Giá: {}.000đ - available - size: S, M, L", 100 + n % 400)
    };
    (0..count).map(text).collect()
}

async fn agree(reference: &Reference, embedder: &Embedder) {
    for text in questions().iter().take(5).chain(products(8).iter()) {
        let ours = embedder.embed(vec![text.clone()], Lane::Query).await.expect("a vector").remove(0);
        let cosine: f32 = ours.iter().zip(reference.embed(text)).map(|(a, b)| a * b).sum();
        assert!(cosine >= 0.9999, "{text:?}: cosine {cosine} to the reference");
    }
}

async fn measure(reference: &Reference, embedder: &Embedder) -> Vec<Row> {
    let (questions, batches, bulk) = (questions(), products(128), products(BULK));
    let one_by_one = |texts: &[String]| {
        let started = Instant::now();
        for text in texts {
            reference.embed(text);
        }
        started.elapsed().as_secs_f64() / texts.len() as f64
    };
    let mut times: [Vec<f64>; 6] = Default::default();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        for text in &questions {
            // Past the memory of questions: each is computed.
            embedder.embed(vec![text.clone()], Lane::Query).await.expect("a vector");
        }
        let single = started.elapsed().as_secs_f64() / questions.len() as f64;
        let started = Instant::now();
        for batch in batches.chunks(32) {
            embedder.embed(batch.to_vec(), Lane::Query).await.expect("vectors");
        }
        let batch = started.elapsed().as_secs_f64() / batches.len() as f64;
        let whole = index(embedder, &bulk).await;
        let found = [single, one_by_one(&questions), batch, one_by_one(&batches), whole, one_by_one(&bulk[..120])];
        for (all, time) in times.iter_mut().zip(found) {
            all.push(time);
        }
    }
    let [single, single_reference, batch, batch_reference, bulk, bulk_reference] = times.map(median);
    vec![
        Row { what: "one question", ours: single, reference: single_reference, least: 1.3 },
        Row { what: "batches of 32", ours: batch, reference: batch_reference, least: 1.9 },
        Row { what: "bulk", ours: bulk, reference: bulk_reference, least: 1.7 },
    ]
}

/// Seconds a text, as the indexer asks for them: 64 at once, two calls at a time.
async fn index(embedder: &Embedder, texts: &[String]) -> f64 {
    // After a question one thread is kept for the next; a bulk is measured when none came for a while.
    tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
    let started = Instant::now();
    let half = texts.len() / 2;
    let part = async |texts: &[String]| {
        for batch in texts.chunks(64) {
            embedder.embed(batch.to_vec(), Lane::Index).await.expect("vectors");
        }
    };
    tokio::join!(part(&texts[..half]), part(&texts[half..]));
    started.elapsed().as_secs_f64() / texts.len() as f64
}

/// The median time of a question, alone and while a catalogue is indexed.
async fn under_load(embedder: &Embedder) -> (f64, f64) {
    let ask = async || {
        let mut times = Vec::new();
        for text in questions() {
            let started = Instant::now();
            embedder.embed(vec![text], Lane::Query).await.expect("a vector");
            times.push(started.elapsed().as_secs_f64());
        }
        median(times)
    };
    let idle = ask().await;
    let indexers = (0..2).map(|_| {
        let embedder = embedder.clone();
        tokio::spawn(async move {
            loop {
                embedder.embed(products(64), Lane::Index).await.expect("vectors");
            }
        })
    });
    let indexers: Vec<_> = indexers.collect();
    let mut busy = Vec::new();
    for _ in 0..3 {
        busy.push(ask().await);
    }
    indexers.iter().for_each(tokio::task::JoinHandle::abort);
    (idle, median(busy))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn print(rows: &[Row], idle: f64, busy: f64) {
    let avx512 = if is_measurable() { "with" } else { "without" };
    println!("\nEmbeddings, on a processor {avx512} AVX-512; the baseline is BertModel, one text a call.\n");
    println!("| what | ours | baseline | figure | budget | |\n|---|---|---|---|---|---|");
    for Row { what, ours, reference, least } in rows {
        let (ratio, ours, reference) = (reference / ours, ours * 1000.0, reference * 1000.0);
        let mark = if ratio >= *least { "ok" } else { "MISSED" };
        println!(
            "| {what} | {ours:.2} ms a text | {reference:.2} ms a text | {ratio:.2} × as fast | ≥ {least} | {mark} |"
        );
    }
    let (ratio, idle, busy) = (busy / idle, idle * 1000.0, busy * 1000.0);
    let mark = if ratio < 2.0 { "ok" } else { "MISSED" };
    println!(
        "| a question while a catalogue is indexed | {busy:.2} ms | {idle:.2} ms idle | {ratio:.2} × | < 2 | {mark} |\n"
    );
}
