//! What the pages name is there.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every source of Rust and TypeScript below a folder.
fn sources(folder: &Path, found: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir()
            && !["target", "node_modules", "dist", "gen"].contains(&name.as_str())
            && !name.starts_with('.')
        {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "ts") {
            found.push_str(&fs::read_to_string(&path).unwrap_or_default());
        }
    }
}

#[test]
fn every_test_that_the_cases_name_is_there() {
    let page = fs::read_to_string(root().join("docs/cases.md")).expect("a page");
    let mut all = String::new();
    sources(&root(), &mut all);
    let mut missing = Vec::new();
    let mut seen = 0;
    let cases =
        page.lines().filter(|line| line.starts_with("| ") && line.as_bytes().get(2).is_some_and(u8::is_ascii_digit));
    for tests in cases.filter_map(|line| line.split(" | ").nth(2)) {
        for name in tests.split('`').skip(1).step_by(2) {
            seen += 1;
            let is_file = name.ends_with(".ts") && root().join("frontend").join(name).is_file();
            let is_script = name.ends_with(".sh") && root().join("deploy").join(name).is_file();
            let is_test = all.contains(&format!("fn {name}(")) || all.contains(&format!("\"{name}\""));
            let is_step = name.starts_with("make ");
            if !(is_file || is_script || is_test || is_step) {
                missing.push(name.to_owned());
            }
        }
    }
    assert!(seen > 80, "{seen}");
    assert!(missing.is_empty(), "{missing:?}");
}
