//! Model folders that are incomplete, broken, or of another kind: each is refused with the file and the reason.

use super::folder;
use crate::embed::Model;
use std::path::{Path, PathBuf};

/// A folder of its own with links to the installed model's files; gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cd-model-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        for file in ["config.json", "tokenizer.json", "model.safetensors", "sentence_bert_config.json"] {
            std::os::unix::fs::symlink(folder().join(file), path.join(file)).unwrap();
        }
        Self(path)
    }

    fn with(self, file: &str, content: &[u8]) -> Self {
        let path = self.0.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        drop(std::fs::remove_file(&path));
        std::fs::write(path, content).unwrap();
        self
    }

    /// Its configuration with one value changed.
    fn configured(self, name: &str, value: serde_json::Value) -> Self {
        let mut config: serde_json::Value =
            serde_json::from_slice(&std::fs::read(folder().join("config.json")).unwrap()).unwrap();
        config[name] = value;
        self.with("config.json", config.to_string().as_bytes())
    }

    fn path(&self) -> &Path {
        &self.0
    }

    fn refusal(&self) -> String {
        Model::load(self.path()).err().map_or_else(|| "it loads".to_owned(), |error| error.to_string())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[test]
fn a_missing_file_is_named() {
    assert!(Model::load(Path::new("/nonexistent")).err().unwrap().to_string().contains("config.json"));
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        let folder = Folder::new(&format!("missing-{file}"));
        std::fs::remove_file(folder.path().join(file)).unwrap();
        let said = folder.refusal();
        assert!(said.contains(file) && said.contains("cannot read"), "{said}");
    }
}

#[test]
fn a_broken_file_is_named() {
    for file in ["config.json", "tokenizer.json", "model.safetensors", "modules.json", "1_Pooling/config.json"] {
        let name = file.replace('/', "-");
        let said = Folder::new(&format!("broken-{name}")).with(file, b"{\"a\":").refusal();
        assert!(said.contains(file), "{file}: {said}");
    }
}

#[test]
fn a_model_of_another_kind_is_refused_with_what_is_wrong() {
    let cases = [
        ("hidden_size", 768.into(), "only models of 384 dimensions"),
        ("model_type", "mpnet".into(), "model_type is mpnet"),
        ("hidden_act", "silu".into(), "hidden_act is silu"),
        ("num_attention_heads", 7.into(), "does not divide"),
        ("position_embedding_type", "relative_key".into(), "only absolute"),
        ("layer_norm_eps", 0.into(), "layer_norm_eps"),
        ("num_hidden_layers", 12.into(), "it has no encoder.layer.6"),
        ("vocab_size", 100.into(), "pieces"),
        ("intermediate_size", 64.into(), "not [64"),
    ];
    for (name, value, wanted) in cases {
        let said = Folder::new(name).configured(name, value).refusal();
        assert!(said.contains(wanted), "{name}: {said}");
    }
}

#[test]
fn what_comes_behind_the_network_must_be_known() {
    let dense = br#"[{"path":"","type":"sentence_transformers.models.Transformer"},{"path":"2_Dense","type":"sentence_transformers.models.Dense"}]"#;
    let said = Folder::new("dense").with("modules.json", dense).refusal();
    assert!(said.contains("models.Dense"), "{said}");
    let most = br#"{"pooling_mode_max_tokens":true,"pooling_mode_mean_tokens":true}"#;
    let said = Folder::new("max").with("1_Pooling/config.json", most).refusal();
    assert!(said.contains("neither the mean nor the first"), "{said}");
}

#[test]
fn two_variants_of_a_model_have_two_ids() {
    let plain = Folder::new("plain-model");
    assert_eq!(Model::load(plain.path()).unwrap().id(), super::PUBLISHED_ID, "the name of the folder is nothing");
    let first = Folder::new("pooled").with("1_Pooling/config.json", br#"{"pooling_mode_cls_token":true}"#);
    let e5 = Folder::new("some-e5");
    let (first, e5) = (Model::load(first.path()).unwrap(), Model::load(e5.path()).unwrap());
    for id in [first.id(), e5.id()] {
        assert!(
            id.starts_with("cd-model-") && id.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)),
            "{id}"
        );
    }
    assert_ne!(first.id().rsplit('-').next(), e5.id().rsplit('-').next());
}

#[test]
fn the_first_token_alone_is_another_vector() {
    let first = Folder::new("first").with("1_Pooling/config.json", br#"{"pooling_mode_cls_token":true}"#);
    let first = Model::load(first.path()).unwrap();
    let text = ["This is an example sentence".to_owned()];
    let vector = first.embed(&text, crate::embed::Purpose::Question).unwrap().remove(0);
    let cosine = super::exact_cosine(&vector, &super::one(&text[0]));
    assert!((0.1..0.95).contains(&cosine), "{cosine}");
}

#[test]
fn prompts_and_the_family_of_e5_put_words_before_a_text() {
    use crate::embed::Purpose::{Passage, Question};
    let said = Folder::new("prompted")
        .with("config_sentence_transformers.json", br#"{"prompts":{"query":"ask: ","document":"tell: "}}"#);
    let by_name = Folder::new("tiny-e5-small");
    let (said, by_name) = (Model::load(said.path()).unwrap(), Model::load(by_name.path()).unwrap());
    let plain = |text: &str| super::model().tokens(text, Question).unwrap();
    assert_eq!(said.tokens("shirt", Question).unwrap(), plain("ask: shirt"));
    assert_eq!(said.tokens("shirt", Passage).unwrap(), plain("tell: shirt"));
    assert_eq!(by_name.tokens("shirt", Question).unwrap(), plain("query: shirt"));
    assert_eq!(by_name.tokens("shirt", Passage).unwrap(), plain("passage: shirt"));
    // What is near is told by the prefixes, and not by an id whose hash may hold any letters.
    assert_eq!(said.near(), by_name.near());
    assert!(said.near().english > 0.8 && super::model().near().english < 0.5);
}
