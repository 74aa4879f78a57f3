//! The Postgres that comes along.

use chatdesk_platform::db::testing::TestDb;
use tokio::process::Command;

use crate::api::{Api, text};
use crate::process::{Process, eventually, fresh_home, variables};
use crate::shop::register;

/// Where `make run` and `make test` put Postgres: beside the model.
fn installed(variables: &[(String, String)]) -> Option<std::path::PathBuf> {
    let model = &variables.iter().find(|(name, _)| name == "EMBEDDING_MODEL")?.1;
    let home = std::path::Path::new(model).ancestors().find(|folder| folder.join("postgres/.installed").is_file())?;
    Some(home.to_owned())
}

#[tokio::test]
async fn a_postgres_that_dies_is_started_again_and_nothing_is_lost() {
    let db = TestDb::new().await;
    let mut all = variables(&db);
    all.retain(|(name, _)| name != "DATABASE_URL");
    let home = fresh_home();
    std::fs::create_dir_all(home.join("cluster")).expect("a folder");
    let installed = installed(&all).expect("Postgres is installed: use make test");
    std::os::unix::fs::symlink(installed.join("postgres"), home.join("postgres")).expect("a link");
    let like = std::fs::metadata(installed.join("cluster")).expect("the installed cluster folder");
    let (user, group) = (std::os::unix::fs::MetadataExt::uid(&like), std::os::unix::fs::MetadataExt::gid(&like));
    std::os::unix::fs::chown(home.join("cluster"), Some(user), Some(group)).expect("the same owner");

    let mut process = Process::start(&["run", "--sandbox"], &all, home.clone()).await;
    let run = process.run_file().await;
    let api = Api::new(&text(&run["api_url"]));
    let shop = register(&api, "Tiệm Sập Nguồn").await;
    shop.product("Áo thun đỏ cotton", "150000", "available").await;
    let postmaster = || {
        let file = std::fs::read_to_string(home.join("cluster/main/postmaster.pid")).unwrap_or_default();
        file.lines().next().unwrap_or_default().to_owned()
    };
    let first = postmaster();
    assert!(Command::new("kill").args(["-9", &first]).status().await.expect("kill runs").success());
    eventually("another one runs", || async {
        let now = postmaster();
        (!now.is_empty() && now != first).then_some(())
    })
    .await;
    let products = eventually("it recovers by itself", || async {
        let answer = shop.api.get("/api/products").await;
        (answer.status.as_u16() == 200).then_some(answer.body)
    })
    .await;
    assert_eq!(products["items"].as_array().map(Vec::len), Some(1));
    process.stop().await;
    std::fs::remove_dir_all(&home).expect("nothing runs there any more");
}
