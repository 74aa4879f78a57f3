//! Sentence models of BERT's family on the CPU: loading the weights, tokenising, and the forward pass.
//!
//! Rows are ragged: the tokens of all texts of a pass lie one after another and only attention knows where a text ends, so nothing is
//! padded or masked, and a text gets the same vector alone or in a batch. Weights are transposed and cut into panels once at load: a product
//! with a transposed view would pack all weights again on each call, and one that steps from row to row of a wide matrix waits for memory.
//! What a folder's files say is read by [`super::shape`]; it refuses what differs.

use super::ops::{Activate, AddNorm, Bias};
use super::shape::{DIMENSIONS, Near, Pooling, Shape};
use aws_lc_rs::digest::{Context, SHA256};
use candle_core::{D, DType, Device, Tensor};
use std::collections::HashMap;
use std::path::Path;
use thiserror::Error;
use tokenizers::{Tokenizer, TruncationParams};

/// The id under which vectors of the published all-MiniLM-L6-v2 are kept.
pub const PUBLISHED_ID: &str = "all-MiniLM-L6-v2";
/// What its files and their use hash to, see [`identify`].
const PUBLISHED_HASH: &str = "9321cfe5";
/// Tokens of one pass: what a step, between which others may run, takes at most some milliseconds for, and enough for the products to be
/// worth their start.
const PASS_TOKENS: usize = 192;
/// Texts of one pass.
const PASS_TEXTS: usize = 32;
/// Columns of a panel: four vectors of AVX-512, as many as the product's kernel works on.
const PANEL: usize = 64;

/// Why a model folder cannot be used.
#[derive(Debug, Error)]
pub enum ModelError {
    /// A file is missing or unreadable.
    #[error("cannot read {path}: {source}")]
    File { path: String, source: std::io::Error },
    /// A file says what cannot be done, or is broken.
    #[error("{file}: {problem}")]
    Config { file: String, problem: String },
    /// tokenizer.json is not one.
    #[error("tokenizer.json does not load: {0}")]
    Tokenizer(String),
    /// model.safetensors is broken, or not what config.json says.
    #[error("model.safetensors does not hold what config.json says: {0}")]
    Weights(#[from] candle_core::Error),
}

/// What a text is to the model: some put different words before the one and the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It asks.
    Question,
    /// It is found.
    Passage,
}

/// A loaded model; shared by the worker threads.
pub struct Model {
    id: String,
    shape: Shape,
    tokenizer: Tokenizer,
    words: Tensor,
    positions: Tensor,
    entry: AddNorm,
    layers: Vec<Layer>,
}

struct Layer {
    heads: usize,
    qkv: Tensor,
    qkv_bias: Bias,
    out: Tensor,
    out_norm: AddNorm,
    inner: Tensor,
    activate: Activate,
    down: Tensor,
    down_norm: AddNorm,
}

impl Model {
    /// Reads a folder: `config.json`, `tokenizer.json`, `model.safetensors`, and the small files of sentence models where they are. The
    /// files' bytes are freed before this returns.
    ///
    /// # Errors
    /// When a file is missing or broken, or says what this cannot do; the error names it.
    pub fn load(folder: &Path) -> Result<Self, ModelError> {
        let name = name(folder);
        let shape = Shape::read(folder, &name)?;
        let vocabulary = read(&folder.join("tokenizer.json"))?;
        let tokenizer = load_tokenizer(&vocabulary, &shape)?;
        let (weights, id) = {
            let bytes = read(&folder.join("model.safetensors"))?;
            (candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)?, identify(&name, &shape, &vocabulary, &bytes))
        };
        let mut weights = Weights::new(weights);
        let words = weights.raw("embeddings.word_embeddings.weight", &[shape.vocabulary, DIMENSIONS])?;
        // Every text has token type 0, so its row joins the positions once and for all.
        let kind =
            weights.take("embeddings.token_type_embeddings.weight", &[shape.kinds, DIMENSIONS])?.narrow(0, 0, 1)?;
        let positions = weights.take("embeddings.position_embeddings.weight", &[shape.positions, DIMENSIONS])?;
        let positions = positions.narrow(0, shape.first_position, shape.tokens)?.broadcast_add(&kind)?.contiguous()?;
        let entry = weights.norm("embeddings", vec![0.0; DIMENSIONS], shape.epsilon)?;
        let layers = (0..shape.layers).map(|n| Layer::load(&mut weights, &shape, n)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { id, shape, tokenizer, words, positions, entry, layers })
    }

    /// The id under which this model's vectors are kept: the published name, or the folder's with a hash of all that makes the vectors.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// From which cosine on a text is near a question.
    #[must_use]
    pub fn near(&self) -> Near {
        self.shape.near()
    }

    /// Tokens of a text that count.
    #[cfg(test)]
    pub(super) const fn most_tokens(&self) -> usize {
        self.shape.tokens
    }

    /// Ids of a text's pieces with the marks around them and what the model wants before it.
    ///
    /// # Errors
    /// When the tokenizer refuses the text.
    pub fn tokens(&self, text: &str, purpose: Purpose) -> Result<Vec<u32>, ModelError> {
        let prefix = match purpose {
            Purpose::Question => &self.shape.question,
            Purpose::Passage => &self.shape.passage,
        };
        let prefixed = (!prefix.is_empty()).then(|| format!("{prefix}{text}"));
        let text = prefixed.as_deref().unwrap_or(text);
        let encoding = self.tokenizer.encode_fast(text, true).map_err(|e| ModelError::Tokenizer(e.to_string()))?;
        Ok(encoding.get_ids().to_vec())
    }

    /// Unit vectors of texts, in their order. Runs on the calling thread.
    ///
    /// # Errors
    /// When the tokenizer or the arithmetic refuses a text.
    pub fn embed(&self, texts: &[String], purpose: Purpose) -> Result<Vec<Vec<f32>>, ModelError> {
        self.embed_giving_way(texts, purpose, &mut || ())
    }

    /// As [`Model::embed`]; between the steps, which take a few milliseconds each, `give_way` may do something more urgent.
    ///
    /// # Errors
    /// As [`Model::embed`].
    pub fn embed_giving_way(
        &self,
        texts: &[String],
        purpose: Purpose,
        give_way: &mut dyn FnMut(),
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        let tokens = texts.iter().map(|t| self.tokens(t, purpose)).collect::<Result<Vec<_>, _>>()?;
        let mut vectors = Vec::with_capacity(texts.len());
        let mut rest = tokens.as_slice();
        while !rest.is_empty() {
            let mut total = 0;
            let count = rest.iter().take(PASS_TEXTS).take_while(|t| {
                total += t.len();
                total <= PASS_TOKENS
            });
            let (pass, after) = rest.split_at(count.count().max(1));
            vectors.extend(self.pass(pass, give_way)?);
            rest = after;
        }
        Ok(vectors)
    }

    fn pass(&self, texts: &[Vec<u32>], give_way: &mut dyn FnMut()) -> candle_core::Result<Vec<Vec<f32>>> {
        let ids = texts.concat();
        let places: Vec<u32> = texts.iter().flat_map(|t| 0..t.len() as u32).collect();
        let count = ids.len();
        let mut x = self.words.index_select(&Tensor::from_vec(ids, count, &Device::Cpu)?, 0)?.to_dtype(DType::F32)?;
        let places = self.positions.index_select(&Tensor::from_vec(places, count, &Device::Cpu)?, 0)?;
        x = x.unsqueeze(0)?.apply_op2_no_bwd(&places, &self.entry)?;
        for layer in &self.layers {
            x = layer.forward(&x, texts, give_way)?;
        }
        let hidden = x.flatten_all()?.to_vec1::<f32>()?;
        let mut rows = hidden.chunks_exact(DIMENSIONS);
        let counted = |text: &Vec<u32>| match self.shape.pooling {
            Pooling::Mean => text.len(),
            Pooling::First => 1,
        };
        Ok(texts
            .iter()
            .map(|text| {
                let own: Vec<&[f32]> = rows.by_ref().take(text.len()).collect();
                pool(own.into_iter().take(counted(text)))
            })
            .collect())
    }
}

impl Layer {
    fn load(weights: &mut Weights, shape: &Shape, n: usize) -> candle_core::Result<Self> {
        let at = format!("encoder.layer.{n}");
        // The scale of the scores is folded into the query, which spares one pass over them per layer.
        let scale = 1.0 / ((DIMENSIONS / shape.heads) as f64).sqrt();
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
        let qkv = panels(&Tensor::cat(&[&(q * scale)?, &k, &v], 0)?)?;
        let qkv_bias = Bias { bias: Tensor::cat(&[&(q_bias * scale)?, &k_bias, &v_bias], 0)?.to_vec1()? };
        let out_bias = weights.vector(&format!("{at}.attention.output.dense.bias"), DIMENSIONS)?;
        let down_bias = weights.vector(&format!("{at}.output.dense.bias"), DIMENSIONS)?;
        Ok(Self {
            heads: shape.heads,
            qkv,
            qkv_bias,
            out: weights.weight(&format!("{at}.attention.output.dense.weight"), DIMENSIONS, DIMENSIONS)?,
            out_norm: weights.norm(&format!("{at}.attention.output"), out_bias, shape.epsilon)?,
            inner: weights.weight(&format!("{at}.intermediate.dense.weight"), shape.inner, DIMENSIONS)?,
            activate: Activate {
                bias: weights.vector(&format!("{at}.intermediate.dense.bias"), shape.inner)?,
                by: shape.activation,
            },
            down: weights.weight(&format!("{at}.output.dense.weight"), DIMENSIONS, shape.inner)?,
            down_norm: weights.norm(&format!("{at}.output"), down_bias, shape.epsilon)?,
        })
    }

    fn forward(&self, x: &Tensor, texts: &[Vec<u32>], give_way: &mut dyn FnMut()) -> candle_core::Result<Tensor> {
        give_way();
        let qkv = product(x, &self.qkv)?.apply_op1_no_bwd(&self.qkv_bias)?;
        let mut attended = Vec::with_capacity(texts.len());
        let mut from = 0;
        for text in texts {
            attended.push(attend(&qkv.narrow(0, from, text.len())?, self.heads)?);
            from += text.len();
        }
        let attended = if let [one] = attended.as_slice() { one.clone() } else { Tensor::cat(&attended, 0)? };
        give_way();
        let mixed = product(&attended, &self.out)?.apply_op2_no_bwd(x, &self.out_norm)?;
        let wide = product(&mixed, &self.inner)?;
        give_way();
        product(&wide.apply_op1_no_bwd(&self.activate)?, &self.down)?.apply_op2_no_bwd(&mixed, &self.down_norm)
    }
}

/// A weight of `[out, in]` as `[panels, in, width]`, each panel by itself in memory.
fn panels(weight: &Tensor) -> candle_core::Result<Tensor> {
    let (columns, rows) = weight.dims2()?;
    let width = if columns.is_multiple_of(PANEL) { PANEL } else { columns };
    weight.reshape((columns / width, width, rows))?.transpose(1, 2)?.contiguous()
}

/// `[tokens, in]` by `[panels, in, width]`: `[panels, tokens, width]`.
fn product(x: &Tensor, panels: &Tensor) -> candle_core::Result<Tensor> {
    x.broadcast_left(panels.dim(0)?)?.matmul(panels)
}

/// Attention within one text: `[tokens, 3 * 384]` in, `[tokens, 384]` out.
fn attend(qkv: &Tensor, heads: usize) -> candle_core::Result<Tensor> {
    let tokens = qkv.dim(0)?;
    let split = qkv.reshape((tokens, 3, heads, DIMENSIONS / heads))?.permute((1, 2, 0, 3))?.contiguous()?;
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

pub(super) fn read(path: &Path) -> Result<Vec<u8>, ModelError> {
    std::fs::read(path).map_err(|source| ModelError::File { path: path.display().to_string(), source })
}

/// A published tokenizer.json may cut and pad by itself, as MiniLM's does at 128; both are overridden.
fn load_tokenizer(bytes: &[u8], shape: &Shape) -> Result<Tokenizer, ModelError> {
    let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(|e| ModelError::Tokenizer(e.to_string()))?;
    tokenizer
        .with_padding(None)
        .with_truncation(Some(TruncationParams { max_length: shape.tokens, ..TruncationParams::default() }))
        .map_err(|e| ModelError::Tokenizer(e.to_string()))?;
    let pieces = tokenizer.get_vocab_size(true);
    if pieces > shape.vocabulary {
        let problem = format!("it has {pieces} pieces, config.json only {}", shape.vocabulary);
        return Err(ModelError::Tokenizer(problem));
    }
    // What a question becomes must always be something, or there would be nothing to pool.
    match tokenizer.encode_fast("", true) {
        Ok(empty) if !empty.is_empty() => Ok(tokenizer),
        Ok(_) => Err(ModelError::Tokenizer("it puts no marks around a text".to_owned())),
        Err(error) => Err(ModelError::Tokenizer(error.to_string())),
    }
}

/// The model's name: the folder's, or of a folder with a general name or one of a hash the nearest above it that says something.
fn name(folder: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    let general = |name: &str| {
        ["model", "snapshots", "onnx"].contains(&name)
            || name.len() >= 32 && name.chars().all(|c| c.is_ascii_hexdigit())
    };
    let parts = folder.iter().rev().filter_map(|part| part.to_str());
    let name = parts.into_iter().find(|part| !general(part)).unwrap_or("model");
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    name.chars().map(plain).take(60).collect()
}

/// The name with a hash of the weights, the vocabulary and how they are used: two variants of a model never share their vectors.
fn identify(name: &str, shape: &Shape, vocabulary: &[u8], weights: &[u8]) -> String {
    let mut hash = Context::new(&SHA256);
    hash.update(weights);
    hash.update(vocabulary);
    hash.update(format!("{shape:?}").as_bytes());
    let hash: String = hash.finish().as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    if hash == PUBLISHED_HASH { PUBLISHED_ID.to_owned() } else { format!("{name}-{hash}") }
}

/// Tensors by name. Some folders put the network's name before each.
struct Weights {
    before: String,
    tensors: HashMap<String, Tensor>,
}

impl Weights {
    fn new(tensors: HashMap<String, Tensor>) -> Self {
        let words = "embeddings.word_embeddings.weight";
        let before = tensors.keys().filter_map(|name| name.strip_suffix(words)).min_by_key(|before| before.len());
        Self { before: before.unwrap_or_default().to_owned(), tensors }
    }

    /// As the file has it: a table of words in half precision stays in it, as only few rows are looked at.
    fn raw(&mut self, name: &str, shape: &[usize]) -> candle_core::Result<Tensor> {
        let name = format!("{}{name}", self.before);
        let tensor = self.tensors.remove(&name).ok_or_else(|| candle_core::Error::Msg(format!("it has no {name}")))?;
        if tensor.dims() != shape {
            return Err(candle_core::Error::Msg(format!("{name} is {:?}, not {shape:?}", tensor.dims())));
        }
        if !matches!(tensor.dtype(), DType::F32 | DType::F16 | DType::BF16) {
            return Err(candle_core::Error::Msg(format!("{name} holds {:?}, not floating point", tensor.dtype())));
        }
        Ok(tensor)
    }

    fn take(&mut self, name: &str, shape: &[usize]) -> candle_core::Result<Tensor> {
        self.raw(name, shape)?.to_dtype(DType::F32)
    }

    fn weight(&mut self, name: &str, rows: usize, columns: usize) -> candle_core::Result<Tensor> {
        panels(&self.take(name, &[rows, columns])?)
    }

    fn vector(&mut self, name: &str, length: usize) -> candle_core::Result<Vec<f32>> {
        self.take(name, &[length])?.to_vec1()
    }

    fn norm(&mut self, at: &str, bias: Vec<f32>, epsilon: f32) -> candle_core::Result<AddNorm> {
        Ok(AddNorm {
            bias,
            gamma: self.vector(&format!("{at}.LayerNorm.weight"), DIMENSIONS)?,
            beta: self.vector(&format!("{at}.LayerNorm.bias"), DIMENSIONS)?,
            epsilon,
        })
    }
}
