//! Whether questions find their products: the evaluation set of `e2e/eval` asked through the real services, for each embedding model.
//! `make eval` runs it; docs/evaluation.md says what the kinds and figures mean. It fails when a figure is below its floor.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on ends, and prints what it found"
)]

mod house;
mod set;
mod table;

use std::path::{Path, PathBuf};

use chatdesk_platform::Vars;
use house::{House, Way};
use set::Set;
use table::Table;

#[tokio::main]
async fn main() {
    let vars = Vars::process();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("eval");
    let questions = vars.get("EVAL_QUESTIONS").map_or_else(|| folder.join("questions.tsv"), PathBuf::from);
    let set = Set::read(&folder, &questions);
    let models = vars.require("EMBEDDING_MODEL", "folders of embedding models, with a colon between").expect("models");
    let mut failures = Vec::new();
    for model in models.split(':').filter(|folder| !folder.is_empty()) {
        let house = House::start(Path::new(model), &set).await;
        let mut table = Table::default();
        for question in &set.questions {
            let asked = house.ask(question).await;
            for way in [Way::Words, Way::Meaning, Way::Fused] {
                let found = house.find(&asked, question, way).await;
                table.add(&question.kind, way, house.place(&found, question));
                if way == Way::Fused && vars.get("EVAL_VERBOSE").is_some() {
                    house.tell(&found, question, &asked);
                }
            }
        }
        house.add_synonyms(&set).await;
        for question in &set.questions {
            let asked = house.ask(question).await;
            let found = house.find(&asked, question, Way::WithSynonyms).await;
            table.add(&question.kind, Way::WithSynonyms, house.place(&found, question));
        }
        println!("\n{}: {} products, {} questions", house.model(), set.products.len(), set.questions.len());
        println!("{}", table.print());
        let model = house.model();
        failures.extend(table.failures(model).into_iter().map(|failure| format!("{model}: {failure}")));
        house.stop().await;
    }
    for failure in &failures {
        println!("below its floor: {failure}");
    }
    assert!(failures.is_empty(), "a figure is below its floor");
}
