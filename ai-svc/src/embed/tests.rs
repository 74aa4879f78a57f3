//! Known answers of the published model (model card, and its independent re-implementations) and the handle's promises.

use super::model::{DIMENSIONS, MAX_TOKENS, PUBLISHED_ID};
use super::*;
use std::sync::OnceLock;

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
    model().embed(&[text.to_owned()]).unwrap().remove(0)
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
        assert_eq!(model().tokens(text).unwrap(), ids, "{text:?}");
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
    assert_eq!(model().tokens(&"shirt ".repeat(1000)).unwrap().len(), MAX_TOKENS);
    assert_eq!(model().tokens("shirt").unwrap().len(), 3);
}

#[test]
fn a_row_of_a_batch_is_the_row_alone() {
    let texts: Vec<String> = (0..40).map(|n| format!("Áo thun số {n} {}", "vải cotton mềm ".repeat(n % 7))).collect();
    let batch = model().embed(&texts).unwrap();
    for n in [0, 6, 13, 39] {
        let alone = one(&texts[n]);
        assert!(alone.iter().zip(&batch[n]).all(|(a, b)| (a - b).abs() < 1e-5), "row {n} differs");
    }
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
        state.batches.extend([job("batch 1"), job("batch 2")]);
        state.queries.push_back(job("query"));
        state.closed = true;
    }
    let next = || queue.next(2).map(|(job, _)| job.texts.join(""));
    assert_eq!(next().as_deref(), Some("query"));
    assert_eq!(next().as_deref(), Some("batch 1"));
    assert_eq!(next(), None, "the second thread leaves the second batch to the first");
    queue.lock().indexing = 0;
    assert_eq!(next().as_deref(), Some("batch 2"));
}

#[test]
fn a_folder_without_a_model_says_which_file_is_missing() {
    let error = Model::load(Path::new("/nonexistent")).err().unwrap();
    assert!(error.to_string().contains("tokenizer.json"), "{error}");
}
