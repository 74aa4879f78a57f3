//! all-MiniLM-L6-v2 on the CPU: loading the weights, tokenising, and the forward pass.
//!
//! Rows are ragged: the tokens of all texts of a batch lie one after another and only attention knows where a text ends, so nothing is
//! padded or masked, and a text gets the same vector alone or in a batch. Weights are transposed once at load, because a product with a
//! transposed view packs all weights again on each call. It refuses any other architecture.

use super::ops::{AddNorm, Bias, BiasGelu};
use candle_core::{D, Device, Tensor};
use std::collections::HashMap;
use std::path::Path;
use thiserror::Error;
use tokenizers::{Tokenizer, TruncationParams};

/// Length of every vector.
pub const DIMENSIONS: usize = 384;
/// Word pieces of a text that count, with the two marks around it (sentence_bert_config.json); what comes after is dropped.
pub const MAX_TOKENS: usize = 256;
/// The id under which vectors of the published weights are kept.
pub const PUBLISHED_ID: &str = "all-MiniLM-L6-v2";

const LAYERS: usize = 6;
const HEADS: usize = 12;
const HEAD: usize = DIMENSIONS / HEADS;
const INNER: usize = 1536;
const VOCABULARY: usize = 30_522;
const POSITIONS: usize = 512;
const EPSILON: f32 = 1e-12;
/// Tokens of one pass: bounds the memory of the widest activation to 12 MB.
const PASS_TOKENS: usize = 2048;
/// Texts of one pass.
const PASS_TEXTS: usize = 32;
/// Fingerprint of the published weights' biases, see [`fingerprint`].
const PUBLISHED_FINGERPRINT: u64 = 0x147b_daca_0a56_6652;

/// Why a model folder cannot be used.
#[derive(Debug, Error)]
pub enum ModelError {
    /// A file is missing or unreadable.
    #[error("cannot read {path}: {source}")]
    File { path: String, source: std::io::Error },
    /// tokenizer.json is not one.
    #[error("tokenizer.json does not load: {0}")]
    Tokenizer(String),
    /// model.safetensors is not a MiniLM-L6 of 384 dimensions.
    #[error("model.safetensors does not hold all-MiniLM-L6-v2 or a model of the same shape: {0}")]
    Weights(#[from] candle_core::Error),
}

/// A loaded model; shared by the worker threads.
pub struct Model {
    id: String,
    tokenizer: Tokenizer,
    words: Tensor,
    positions: Tensor,
    entry: AddNorm,
    layers: Vec<Layer>,
}

struct Layer {
    qkv: Tensor,
    qkv_bias: Bias,
    out: Tensor,
    out_norm: AddNorm,
    inner: Tensor,
    inner_gelu: BiasGelu,
    down: Tensor,
    down_norm: AddNorm,
}

impl Model {
    /// Reads `tokenizer.json` and `model.safetensors` of a folder (90 MB). The file's bytes are freed before this returns.
    ///
    /// # Errors
    /// When a file is missing or its tensors have other names or shapes.
    pub fn load(folder: &Path) -> Result<Self, ModelError> {
        let tokenizer = load_tokenizer(&read(&folder.join("tokenizer.json"))?)?;
        let weights = {
            let bytes = read(&folder.join("model.safetensors"))?;
            candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)?
        };
        let mut weights = Weights(weights);
        let print = fingerprint(&weights)?;
        let id = if print == PUBLISHED_FINGERPRINT { PUBLISHED_ID.to_owned() } else { format!("minilm-{print:016x}") };
        let words = weights.take("embeddings.word_embeddings.weight", &[VOCABULARY, DIMENSIONS])?;
        // Every text has token type 0, so its row joins the positions once and for all.
        let kind = weights.take("embeddings.token_type_embeddings.weight", &[2, DIMENSIONS])?.narrow(0, 0, 1)?;
        let positions = weights.take("embeddings.position_embeddings.weight", &[POSITIONS, DIMENSIONS])?;
        let positions = positions.narrow(0, 0, MAX_TOKENS)?.broadcast_add(&kind)?.contiguous()?;
        let entry = weights.norm("embeddings", vec![0.0; DIMENSIONS])?;
        let layers = (0..LAYERS).map(|n| Layer::load(&mut weights, n)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { id, tokenizer, words, positions, entry, layers })
    }

    /// The id under which this model's vectors are kept: the published name, or one made from the weights when they are others.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Word piece ids of a text with the marks around it, at most [`MAX_TOKENS`].
    ///
    /// # Errors
    /// When the tokenizer refuses the text.
    pub fn tokens(&self, text: &str) -> Result<Vec<u32>, ModelError> {
        let encoding = self.tokenizer.encode_fast(text, true).map_err(|e| ModelError::Tokenizer(e.to_string()))?;
        Ok(encoding.get_ids().to_vec())
    }

    /// Unit vectors of texts, in their order. Runs on the calling thread.
    ///
    /// # Errors
    /// When the tokenizer or the arithmetic refuses a text.
    pub fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, ModelError> {
        let tokens = texts.iter().map(|t| self.tokens(t)).collect::<Result<Vec<_>, _>>()?;
        let mut vectors = Vec::with_capacity(texts.len());
        let mut rest = tokens.as_slice();
        while !rest.is_empty() {
            let mut total = 0;
            let count = rest.iter().take(PASS_TEXTS).take_while(|t| {
                total += t.len();
                total <= PASS_TOKENS
            });
            let (pass, after) = rest.split_at(count.count().max(1));
            vectors.extend(self.pass(pass)?);
            rest = after;
        }
        Ok(vectors)
    }

    fn pass(&self, texts: &[Vec<u32>]) -> candle_core::Result<Vec<Vec<f32>>> {
        let ids = texts.concat();
        let places: Vec<u32> = texts.iter().flat_map(|t| 0..t.len() as u32).collect();
        let count = ids.len();
        let mut x = self.words.index_select(&Tensor::from_vec(ids, count, &Device::Cpu)?, 0)?;
        x.inplace_op2(&self.positions.index_select(&Tensor::from_vec(places, count, &Device::Cpu)?, 0)?, &self.entry)?;
        for layer in &self.layers {
            x = layer.forward(&x, texts)?;
        }
        let hidden = x.flatten_all()?.to_vec1::<f32>()?;
        let mut rows = hidden.chunks_exact(DIMENSIONS);
        Ok(texts.iter().map(|t| pool(rows.by_ref().take(t.len()))).collect())
    }
}

impl Layer {
    fn load(weights: &mut Weights, n: usize) -> candle_core::Result<Self> {
        let at = format!("encoder.layer.{n}");
        // The scale of the scores is folded into the query, which spares one pass over them per layer.
        let scale = 1.0 / (HEAD as f64).sqrt();
        let part = |weights: &mut Weights, name: &str| {
            let at = format!("{at}.attention.self.{name}");
            Ok::<_, candle_core::Error>((
                weights.take(&format!("{at}.weight"), &[DIMENSIONS, DIMENSIONS])?,
                weights.take(&format!("{at}.bias"), &[DIMENSIONS])?,
            ))
        };
        let (q, q_bias) = part(weights, "query")?;
        let (k, k_bias) = part(weights, "key")?;
        let (v, v_bias) = part(weights, "value")?;
        let qkv = Tensor::cat(&[&(q * scale)?, &k, &v], 0)?.t()?.contiguous()?;
        let qkv_bias = Bias { bias: Tensor::cat(&[&(q_bias * scale)?, &k_bias, &v_bias], 0)?.to_vec1()? };
        let out_bias = weights.vector(&format!("{at}.attention.output.dense.bias"), DIMENSIONS)?;
        let down_bias = weights.vector(&format!("{at}.output.dense.bias"), DIMENSIONS)?;
        Ok(Self {
            qkv,
            qkv_bias,
            out: weights.transposed(&format!("{at}.attention.output.dense.weight"), DIMENSIONS, DIMENSIONS)?,
            out_norm: weights.norm(&format!("{at}.attention.output"), out_bias)?,
            inner: weights.transposed(&format!("{at}.intermediate.dense.weight"), INNER, DIMENSIONS)?,
            inner_gelu: BiasGelu { bias: weights.vector(&format!("{at}.intermediate.dense.bias"), INNER)? },
            down: weights.transposed(&format!("{at}.output.dense.weight"), DIMENSIONS, INNER)?,
            down_norm: weights.norm(&format!("{at}.output"), down_bias)?,
        })
    }

    fn forward(&self, x: &Tensor, texts: &[Vec<u32>]) -> candle_core::Result<Tensor> {
        let qkv = x.matmul(&self.qkv)?;
        qkv.inplace_op1(&self.qkv_bias)?;
        let mut attended = Vec::with_capacity(texts.len());
        let mut from = 0;
        for text in texts {
            attended.push(attend(&qkv.narrow(0, from, text.len())?)?);
            from += text.len();
        }
        let attended = if let [one] = attended.as_slice() { one.clone() } else { Tensor::cat(&attended, 0)? };
        let mixed = attended.matmul(&self.out)?;
        mixed.inplace_op2(x, &self.out_norm)?;
        let wide = mixed.matmul(&self.inner)?;
        wide.inplace_op1(&self.inner_gelu)?;
        let narrow = wide.matmul(&self.down)?;
        narrow.inplace_op2(&mixed, &self.down_norm)?;
        Ok(narrow)
    }
}

/// Attention within one text: `[tokens, 3 * 384]` in, `[tokens, 384]` out.
fn attend(qkv: &Tensor) -> candle_core::Result<Tensor> {
    let tokens = qkv.dim(0)?;
    let split = qkv.reshape((tokens, 3, HEADS, HEAD))?.permute((1, 2, 0, 3))?.contiguous()?;
    let (q, k, v) = (split.get(0)?, split.get(1)?, split.get(2)?);
    let scores = q.matmul(&k.transpose(D::Minus1, D::Minus2)?)?;
    let shares = candle_nn::ops::softmax_last_dim(&scores)?;
    shares.matmul(&v)?.transpose(0, 1)?.reshape((tokens, DIMENSIONS))
}

/// The mean of the rows, made a unit vector.
fn pool<'a>(rows: impl Iterator<Item = &'a [f32]>) -> Vec<f32> {
    let mut sum = vec![0.0_f32; DIMENSIONS];
    for row in rows {
        for (s, x) in sum.iter_mut().zip(row) {
            *s += x;
        }
    }
    // Dividing by the number of rows would be undone by the norm.
    let norm = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
    if norm > 0.0 {
        for s in &mut sum {
            *s /= norm;
        }
    }
    sum
}

fn read(path: &Path) -> Result<Vec<u8>, ModelError> {
    std::fs::read(path).map_err(|source| ModelError::File { path: path.display().to_string(), source })
}

/// The published tokenizer.json cuts at 128 and pads every text to 128; both are overridden.
fn load_tokenizer(bytes: &[u8]) -> Result<Tokenizer, ModelError> {
    let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(|e| ModelError::Tokenizer(e.to_string()))?;
    tokenizer
        .with_padding(None)
        .with_truncation(Some(TruncationParams { max_length: MAX_TOKENS, ..TruncationParams::default() }))
        .map_err(|e| ModelError::Tokenizer(e.to_string()))?;
    Ok(tokenizer)
}

/// FNV-1a over all biases: any training changes them, and they are small enough to read at each start.
fn fingerprint(weights: &Weights) -> candle_core::Result<u64> {
    let mut names: Vec<&String> = weights.0.keys().filter(|n| n.ends_with(".bias")).collect();
    names.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for name in names {
        if let Some(tensor) = weights.0.get(name) {
            for value in tensor.flatten_all()?.to_vec1::<f32>()? {
                hash = (hash ^ u64::from(value.to_bits())).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
    }
    Ok(hash)
}

struct Weights(HashMap<String, Tensor>);

impl Weights {
    fn take(&mut self, name: &str, shape: &[usize]) -> candle_core::Result<Tensor> {
        let tensor = self.0.remove(name).ok_or_else(|| candle_core::Error::Msg(format!("it has no {name}")))?;
        if tensor.dims() != shape {
            return Err(candle_core::Error::Msg(format!("{name} is {:?}, not {shape:?}", tensor.dims())));
        }
        tensor.to_dtype(candle_core::DType::F32)
    }

    fn transposed(&mut self, name: &str, rows: usize, columns: usize) -> candle_core::Result<Tensor> {
        self.take(name, &[rows, columns])?.t()?.contiguous()
    }

    fn vector(&mut self, name: &str, length: usize) -> candle_core::Result<Vec<f32>> {
        self.take(name, &[length])?.to_vec1()
    }

    fn norm(&mut self, at: &str, bias: Vec<f32>) -> candle_core::Result<AddNorm> {
        Ok(AddNorm {
            bias,
            gamma: self.vector(&format!("{at}.LayerNorm.weight"), DIMENSIONS)?,
            beta: self.vector(&format!("{at}.LayerNorm.bias"), DIMENSIONS)?,
            epsilon: EPSILON,
        })
    }
}
