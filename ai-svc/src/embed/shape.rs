//! What the small files of a model folder say: how the network is built, how many tokens count, how tokens become one vector, and what is
//! put before a text. It refuses, with the file and the reason, whatever the forward pass does not do.

use super::ModelError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::path::Path;

/// Length of every vector: the catalogue keeps no others.
pub const DIMENSIONS: usize = 384;
/// Tokens of a text that count at most, whatever the model could read: what comes after is dropped.
const MOST_TOKENS: usize = 512;

/// How a model is built and used.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    pub layers: usize,
    pub heads: usize,
    /// Width between the two halves of a layer.
    pub inner: usize,
    pub activation: Activation,
    pub epsilon: f32,
    pub vocabulary: usize,
    /// Rows of the table of positions.
    pub positions: usize,
    /// The row of a text's first token: RoBERTa's family counts from behind the padding.
    pub first_position: usize,
    /// Rows of the table of token types, of which only the first is used.
    pub kinds: usize,
    /// Tokens of a text that count, with the marks around it.
    pub tokens: usize,
    pub pooling: Pooling,
    /// Before a customer's question.
    pub question: String,
    /// Before a text that is found.
    pub passage: String,
}

/// From which cosine on a text is near a question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// In English.
    pub english: f32,
    /// In Vietnamese.
    pub vietnamese: f32,
}

/// Between the halves of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Activation {
    Gelu,
    /// Its approximation by tanh.
    GeluTanh,
    Relu,
}

/// How the tokens' vectors become the text's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pooling {
    Mean,
    /// The first token's.
    First,
}

/// config.json, as far as it matters.
#[derive(Deserialize)]
struct Network {
    model_type: String,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    #[serde(default = "gelu")]
    hidden_act: String,
    #[serde(default = "epsilon")]
    layer_norm_eps: f32,
    max_position_embeddings: usize,
    vocab_size: usize,
    #[serde(default = "kinds")]
    type_vocab_size: usize,
    pad_token_id: Option<usize>,
    position_embedding_type: Option<String>,
}

fn gelu() -> String {
    "gelu".to_owned()
}

fn epsilon() -> f32 {
    1e-12
}

fn kinds() -> usize {
    2
}

#[derive(Deserialize)]
struct Module {
    #[serde(default)]
    path: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Sentences {
    max_seq_length: Option<usize>,
}

#[derive(Default, Deserialize)]
struct Prompts {
    prompts: Option<HashMap<String, String>>,
}

impl Shape {
    /// Reads a folder; `name` is the model's, for families whose files do not tell their prefixes.
    pub fn read(folder: &Path, name: &str) -> Result<Self, ModelError> {
        let network: Network = required(folder, "config.json")?;
        let first_position = network.first_position()?;
        network.check(first_position)?;
        let room = network.max_position_embeddings - first_position;
        let sentences: Option<Sentences> = optional(folder, "sentence_bert_config.json")?;
        let tokens = sentences.and_then(|s| s.max_seq_length).unwrap_or(MOST_TOKENS).min(MOST_TOKENS).min(room);
        if tokens < 4 {
            return Err(refused("sentence_bert_config.json", format!("max_seq_length is {tokens}")));
        }
        let (question, passage) = prefixes(optional::<Prompts>(folder, "config_sentence_transformers.json")?, name);
        Ok(Self {
            layers: network.num_hidden_layers,
            heads: network.num_attention_heads,
            inner: network.intermediate_size,
            activation: network.activation()?,
            epsilon: network.layer_norm_eps,
            vocabulary: network.vocab_size,
            positions: network.max_position_embeddings,
            first_position,
            kinds: network.type_vocab_size,
            tokens,
            pooling: pooling(folder)?,
            question,
            passage,
        })
    }
}

impl Shape {
    /// Whether it is told what is a question and what is found.
    fn is_prefixed(&self) -> bool {
        !(self.question.is_empty() && self.passage.is_empty())
    }

    /// Models that want prefixes, as the E5 family, give any two texts 0.7 and more. The others were trained on English: any two Vietnamese
    /// texts have 0.3 to 0.6, so there only near equality tells; an English question has 0.2 or less with what it does not mean.
    pub fn near(&self) -> Near {
        if self.is_prefixed() {
            Near { english: 0.9, vietnamese: 0.9 }
        } else {
            Near { english: 0.35, vietnamese: 0.75 }
        }
    }
}

impl Network {
    fn first_position(&self) -> Result<usize, ModelError> {
        match self.model_type.as_str() {
            "bert" => Ok(0),
            "roberta" | "xlm-roberta" | "camembert" => Ok(self.pad_token_id.unwrap_or(1).saturating_add(1)),
            other => {
                Err(config(format!("model_type is {other}; bert, roberta, xlm-roberta and camembert can be used")))
            }
        }
    }

    fn check(&self, first_position: usize) -> Result<(), ModelError> {
        if self.hidden_size != DIMENSIONS {
            let problem =
                format!("hidden_size is {}; only models of {DIMENSIONS} dimensions can be used", self.hidden_size);
            return Err(config(problem));
        }
        let heads = self.num_attention_heads;
        if heads == 0 || !DIMENSIONS.is_multiple_of(heads) {
            return Err(config(format!("num_attention_heads is {heads}, which does not divide {DIMENSIONS}")));
        }
        if let Some(kind) = self.position_embedding_type.as_deref().filter(|kind| *kind != "absolute") {
            return Err(config(format!("position_embedding_type is {kind}; only absolute can be used")));
        }
        if !(self.layer_norm_eps > 0.0 && self.layer_norm_eps < 0.1) {
            return Err(config(format!("layer_norm_eps is {}", self.layer_norm_eps)));
        }
        let sizes = [
            ("num_hidden_layers", self.num_hidden_layers, 1, 64),
            ("intermediate_size", self.intermediate_size, 1, 1 << 14),
            ("vocab_size", self.vocab_size, 1, 1 << 20),
            ("type_vocab_size", self.type_vocab_size, 1, 16),
            ("max_position_embeddings", self.max_position_embeddings, first_position.saturating_add(4), 1 << 14),
        ];
        match sizes.into_iter().find(|(_, size, least, most)| !(least..=most).contains(&size)) {
            Some((name, size, ..)) => Err(config(format!("{name} is {size}"))),
            None => Ok(()),
        }
    }

    fn activation(&self) -> Result<Activation, ModelError> {
        match self.hidden_act.as_str() {
            "gelu" => Ok(Activation::Gelu),
            "gelu_new" | "gelu_fast" | "gelu_pytorch_tanh" => Ok(Activation::GeluTanh),
            "relu" => Ok(Activation::Relu),
            other => Err(config(format!("hidden_act is {other}; gelu, gelu_new and relu can be used"))),
        }
    }
}

/// Of the modules behind the network only pooling and the norm are known. Without their list it is the mean, as everywhere.
fn pooling(folder: &Path) -> Result<Pooling, ModelError> {
    let mut path = "1_Pooling".to_owned();
    for module in optional::<Vec<Module>>(folder, "modules.json")?.unwrap_or_default() {
        match module.kind.rsplit('.').next() {
            Some("Pooling") => path = module.path,
            Some("Transformer" | "Normalize") => {}
            _ => return Err(refused("modules.json", format!("a module is {}, which is not known here", module.kind))),
        }
    }
    let file = format!("{path}/config.json");
    let Some(said) = optional::<HashMap<String, serde_json::Value>>(folder, &file)? else { return Ok(Pooling::Mean) };
    let modes: Vec<&str> =
        said.iter().filter(|(_, on)| **on == true).filter_map(|(k, _)| k.strip_prefix("pooling_mode_")).collect();
    let named = said.get("pooling_mode").and_then(serde_json::Value::as_str);
    match (modes.as_slice(), named) {
        (["mean_tokens"], _) | ([], Some("mean") | None) => Ok(Pooling::Mean),
        (["cls_token"], _) | ([], Some("cls")) => Ok(Pooling::First),
        _ => Err(refused(&file, "it wants neither the mean nor the first token alone".to_owned())),
    }
}

/// For a question and for what is found. The E5 family was trained with them, and older copies do not say so.
fn prefixes(said: Option<Prompts>, name: &str) -> (String, String) {
    let prompts = said.and_then(|said| said.prompts).unwrap_or_default();
    let first = |names: &[&str]| names.iter().find_map(|name| prompts.get(*name)).cloned().unwrap_or_default();
    let (question, passage) = (first(&["query"]), first(&["passage", "document", "corpus"]));
    let is_e5 = name.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|part| part == "e5");
    if question.is_empty() && passage.is_empty() && is_e5 {
        return ("query: ".to_owned(), "passage: ".to_owned());
    }
    (question, passage)
}

fn config(problem: String) -> ModelError {
    refused("config.json", problem)
}

fn refused(file: &str, problem: String) -> ModelError {
    ModelError::Config { file: file.to_owned(), problem }
}

fn required<T: DeserializeOwned>(folder: &Path, file: &str) -> Result<T, ModelError> {
    let bytes = super::model::read(&folder.join(file))?;
    serde_json::from_slice(&bytes).map_err(|error| refused(file, error.to_string()))
}

fn optional<T: DeserializeOwned>(folder: &Path, file: &str) -> Result<Option<T>, ModelError> {
    if folder.join(file).is_file() { required(folder, file).map(Some) } else { Ok(None) }
}
