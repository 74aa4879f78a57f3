//! Known answers of the published model (model card, and its independent re-implementations) and the handle's promises.

mod folders;
mod multilingual;

use super::model::PUBLISHED_ID;
use super::shape::DIMENSIONS;
use super::*;
use std::sync::OnceLock;

/// What sentence_bert_config.json of the published model says.
const MAX_TOKENS: usize = 256;

fn folder() -> std::path::PathBuf {
    chatdesk_model_folder()
}

/// The weights come from the folder in EMBEDDING_MODEL; without it these tests have nothing to measure and must fail.
#[expect(clippy::disallowed_methods, reason = "a test has no configuration to be handed")]
fn chatdesk_model_folder() -> std::path::PathBuf {
    std::env::var("EMBEDDING_MODEL").expect("EMBEDDING_MODEL names the folder of the weights").into()
}

fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| Model::load(&folder()).expect("the model loads"))
}

fn embedder() -> &'static Embedder {
    static EMBEDDER: OnceLock<Embedder> = OnceLock::new();
    EMBEDDER.get_or_init(|| {
        Embedder::load(&folder(), Limits { threads: 2, queries: 64, batches: 2 }).expect("the model loads")
    })
}

fn one(text: &str) -> Vec<f32> {
    model().embed(&[text.to_owned()], Purpose::Question).unwrap().remove(0)
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[test]
fn the_published_weights_have_the_published_id() {
    assert_eq!(model().id(), PUBLISHED_ID);
}

#[test]
fn the_cosine_matrix_of_the_model_card() {
    let v: Vec<_> =
        ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."].map(one).into();
    for (a, b, known) in [(0, 1, 0.6660), (0, 2, 0.1046), (1, 2, 0.1411), (0, 0, 1.0)] {
        let got = cosine(&v[a], &v[b]);
        assert!((got - known).abs() < 1e-4, "pair {a},{b}: {got}, not {known}");
    }
}

#[test]
fn token_ids_and_vectors() {
    let known: [(&str, &[u32], [f32; 6]); 4] = [
        (
            "This is an example sentence",
            &[101, 2023, 2003, 2019, 2742, 6251, 102],
            [0.06765693, 0.06349593, 0.04871314, 0.07930495, 0.03744806, 0.00265273],
        ),
        (
            "Each sentence is converted.",
            &[101, 2169, 6251, 2003, 4991, 1012, 102],
            [0.07853645, 0.08856265, -0.002_092_7, -0.00717247, -0.01252624, 0.01881747],
        ),
        ("", &[101, 102], [-0.11883835, 0.04829856, -0.00254805, -0.01101118, 0.051_950_7, 0.01029179]),
        (
            "Café déjà vu — 東京",
            &[101, 7668, 2139, 3900, 24728, 1517, 1879, 1755, 102],
            [0.05083271, 0.00967685, 0.09635572, -0.00997369, -0.01987603, 0.01692343],
        ),
    ];
    for (text, ids, first) in known {
        assert_eq!(model().tokens(text, Purpose::Question).unwrap(), ids, "{text:?}");
        let vector = one(text);
        assert_eq!(vector.len(), DIMENSIONS);
        for (got, want) in vector.iter().zip(first) {
            assert!((got - want).abs() < 1e-4, "{text:?}: {got}, not {want}");
        }
        assert!((cosine(&vector, &vector) - 1.0).abs() < 1e-5);
    }
}

#[test]
fn a_text_is_cut_at_256_pieces_and_not_padded() {
    let count = |text: &str| model().tokens(text, Purpose::Passage).unwrap().len();
    assert_eq!((count(&"shirt ".repeat(1000)), model().most_tokens()), (MAX_TOKENS, MAX_TOKENS));
    assert_eq!(count("shirt"), 3);
}

#[test]
fn a_row_of_a_batch_is_the_row_alone() {
    let texts: Vec<String> = (0..24).map(|n| format!("Áo thun số {n} {}", "vải cotton mềm ".repeat(n % 7))).collect();
    let alone: Vec<Vec<f32>> = texts.iter().map(|text| one(text)).collect();
    for size in [2, 7, 24] {
        for (at, part) in texts.chunks(size).enumerate() {
            let batch = model().embed(part, Purpose::Passage).unwrap();
            for (n, row) in batch.iter().enumerate() {
                let cosine = exact_cosine(row, &alone[at * size + n]);
                assert!(cosine >= 0.999_999, "row {} of batches of {size}: {cosine}", at * size + n);
            }
        }
    }
}

#[test]
fn the_published_implementation_gives_the_same_vectors() {
    use candle_core::{DType, Device, Tensor};
    use candle_transformers::models::bert::{BertModel, Config};
    let config: Config = serde_json::from_slice(&std::fs::read(folder().join("config.json")).unwrap()).unwrap();
    let weights = std::fs::read(folder().join("model.safetensors")).unwrap();
    let weights = candle_nn::VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu).unwrap();
    let reference = BertModel::load(weights, &config).unwrap();
    let long = "Áo khoác gió nam chống nước, có mũ, giao trong 2 ngày. ".repeat(4);
    for text in ["Áo thun đỏ còn size M không?", "How much is the red shirt?", "", &long] {
        let ids = model().tokens(text, Purpose::Question).unwrap();
        let ids = Tensor::from_vec(ids.clone(), (1, ids.len()), &Device::Cpu).unwrap();
        let hidden = reference.forward(&ids, &ids.zeros_like().unwrap(), None).unwrap();
        let mean = hidden.mean(1).unwrap().squeeze(0).unwrap().to_vec1::<f32>().unwrap();
        let cosine = exact_cosine(&one(text), &mean);
        assert!(cosine >= 0.9999, "{text:?}: {cosine}");
    }
}

/// In double precision: what is left of single precision's six digits would be its own rounding.
fn exact_cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[tokio::test]
async fn the_handle_keeps_the_order_over_several_jobs() {
    let texts: Vec<String> = (0..70).rev().map(|n| format!("{} {n}", "product ".repeat(n % 5))).collect();
    let vectors = embedder().embed(texts.clone(), Lane::Index).await.unwrap();
    for n in [0, 33, 69] {
        assert!(cosine(&vectors[n], &one(&texts[n])) > 0.99999, "row {n} belongs to another text");
    }
    assert_eq!(embedder().embed(Vec::new(), Lane::Query).await, Ok(Vec::new()));
}

#[tokio::test]
async fn one_call_too_many_is_refused_at_once() {
    let narrow = Embedder::load(&folder(), Limits { threads: 1, queries: 1, batches: 1 }).unwrap();
    let permit = Arc::clone(&narrow.owner.queries).try_acquire_owned().unwrap();
    assert_eq!(narrow.embed_query("a").await, Err(EmbedError::Overloaded));
    let batch = narrow.embed(vec!["a".to_owned()], Lane::Index).await;
    assert_eq!(batch.map(|v| v.len()), Ok(1), "the other lane has its own permits");
    drop(permit);
    assert!(narrow.embed_query("a").await.is_ok());
    assert_eq!(narrow.embed(vec![String::new(); MAX_TEXTS + 1], Lane::Index).await, Err(EmbedError::TooMany));
}

#[test]
fn queries_go_first_and_one_thread_stays_free_of_indexing() {
    let queue = Queue { state: Mutex::default(), wake: Condvar::new() };
    let permit = Arc::new(Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap());
    let job =
        |name: &str| Job { texts: vec![name.to_owned()], answer: oneshot::channel().0, _permit: Arc::clone(&permit) };
    {
        let mut state = queue.lock();
        state.batches.extend([job("batch 1"), job("batch 2"), job("batch 3"), job("batch 4")]);
        state.queries.push_back(job("query"));
        // Asked just now, however long this test is kept waiting.
        state.asked = Instant::now().checked_add(Duration::from_secs(3600));
        state.closed = true;
    }
    let next = || queue.next(2).map(|(job, _)| job.texts.join(""));
    assert_eq!(next().as_deref(), Some("query"));
    assert_eq!(next().as_deref(), Some("batch 1"));
    assert_eq!(next(), None, "the second thread leaves the second batch to the first");
    queue.lock().indexing = 0;
    assert_eq!(next().as_deref(), Some("batch 2"));
    // When nobody asked for a while, no thread is kept idle.
    queue.lock().asked = Instant::now().checked_sub(QUIET);
    assert_eq!(next().as_deref(), Some("batch 3"));
    queue.lock().asked = None;
    assert_eq!(next().as_deref(), Some("batch 4"));
}

#[tokio::test]
async fn a_question_is_answered_between_two_steps_of_indexing() {
    let queue = Queue { state: Mutex::default(), wake: Condvar::new() };
    let permit = Arc::new(Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap());
    let (answer, mut receiver) = oneshot::channel();
    let question = Job { texts: vec!["còn hàng không".to_owned()], answer, _permit: permit };
    queue.lock().queries.push_back(question);
    let mut answered_at = None;
    let mut steps = 0;
    let texts = ["Áo thun đỏ".to_owned(), "Quần jean".to_owned()];
    let vectors = model().embed_giving_way(&texts, Purpose::Passage, &mut || {
        steps += 1;
        while let Some(question) = queue.question() {
            compute(model(), question, Purpose::Question, &mut || ());
            answered_at = Some(steps);
        }
    });
    assert_eq!(answered_at, Some(1));
    assert!(steps >= 6, "{steps} steps");
    assert_eq!(receiver.try_recv().unwrap(), [one("còn hàng không")]);
    assert!(exact_cosine(&vectors.unwrap()[1], &one("Quần jean")) > 0.999_999);
}

#[tokio::test]
async fn a_question_that_was_asked_lately_is_not_computed_again() {
    let narrow = Embedder::load(&folder(), Limits { threads: 1, queries: 1, batches: 1 }).unwrap();
    let first = narrow.embed_query("Áo thun đỏ còn không?").await.unwrap();
    // Given back when the job ends, which may be after its answer.
    let _permit = Arc::clone(&narrow.owner.queries).acquire_owned().await.unwrap();
    assert_eq!(narrow.embed_query("Áo thun đỏ còn không?").await, Ok(first));
    assert_eq!(narrow.embed_query("Áo thun xanh còn không?").await, Err(EmbedError::Overloaded));
}
