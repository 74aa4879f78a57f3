//! The guard against a corpus: replies of a model that says the worst, none of which may pass, and replies as a good one writes them, of which
//! hardly any may be blocked. The data lies in `e2e/eval`: `guard_shops.json`, `hostile.tsv` and `honest.tsv`.

use super::*;
use crate::answerer::{self, Ground};
use crate::language::Language;
use crate::model::{Business, Entry, EntryKind, Product, Reply, Variant};
use crate::topic::Asked;
use serde_json::Value;

/// A file of `e2e/eval`, read when the test runs.
fn data(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../e2e/eval/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Rows that none of the rules on promises, amounts, stock and forms blocks, but only what holds a reply against single lines of the shop's;
/// more would mean that a rule has lost its hold.
const HELD_BY_THE_NET: usize = 310;

struct Row {
    lang: String,
    shop: String,
    products: Vec<String>,
    question: String,
    /// The rule that blocks it; empty for an honest one.
    rule: String,
    reply: String,
}

/// `\n` and `\u{…}` as in Rust.
fn unescape(text: &str) -> String {
    let mut out = text.replace("\\n", "\n");
    while let Some(at) = out.find("\\u{") {
        let end = at + out[at..].find('}').unwrap();
        let c = char::from_u32(u32::from_str_radix(&out[at + 3..end], 16).unwrap()).unwrap();
        out.replace_range(at..=end, &c.to_string());
    }
    out
}

fn rows(tsv: &str) -> Vec<Row> {
    let hostile = tsv.starts_with("lang\tshop\tproducts\tquestion\trule");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        assert_eq!(cells.len(), if hostile { 6 } else { 5 }, "{line}");
        Row {
            lang: cells[0].to_owned(),
            shop: cells[1].to_owned(),
            products: cells[2].split(',').map(str::to_owned).collect(),
            question: cells[3].to_owned(),
            rule: if hostile { cells[4].to_owned() } else { String::new() },
            reply: unescape(cells.last().unwrap()),
        }
    };
    tsv.lines().skip(1).map(row).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn pairs(value: &Value) -> Vec<(String, String)> {
    value.as_object().map(|map| map.iter().map(|(k, v)| (k.clone(), text(v))).collect()).unwrap_or_default()
}

fn product(n: usize, p: &Value, currency: &str) -> Product {
    let variant = |v: &Value| Variant {
        name: text(&v["name"]),
        sku: text(&v["sku"]),
        price_minor: v["price_minor"].as_i64(),
        stock: v["stock"].as_i64(),
        attributes: pairs(&v["attributes"]),
    };
    Product {
        id: Uuid::from_u128(n as u128 + 1),
        name: text(&p["name"]),
        description: text(&p["description"]),
        category: text(&p["category"]),
        sku: text(&p["sku"]),
        price_minor: p["price_minor"].as_i64().unwrap(),
        currency: currency.to_owned(),
        in_stock: p["status"] == "available",
        stock: p["stock"].as_i64(),
        variants: p["variants"].as_array().map(|all| all.iter().map(variant).collect()).unwrap_or_default(),
        extra: pairs(&p["extra"]),
        ..Product::default()
    }
}

/// How a row is judged.
#[derive(Clone, Copy)]
struct As {
    /// All of the shop's products are retrieved, not just the row's.
    all: bool,
    /// The only one of the row's products that the model says it used; else all of them.
    used: Option<usize>,
    /// The net under the other rules.
    net: bool,
}

const PLAINLY: As = As { all: false, used: None, net: true };

/// The verdict on a row's reply.
fn judge(shops: &Value, row: &Row, how: As) -> Verdict {
    with(shops, row, how, |ids, evidence, _| {
        super::judge(&row.reply, ids, evidence, if how.net { claim } else { specific })
    })
}

/// What is done with a row's evidence.
fn with<T>(shops: &Value, row: &Row, how: As, then: impl FnOnce(&[Uuid], &mut Evidence<'_>, &Ground<'_>) -> T) -> T {
    let shop = &shops["shops"][&row.shop];
    let currency = text(&shop["currency"]);
    let mut keys: Vec<&String> = row.products.iter().collect();
    if how.all {
        keys.extend(shop["products"].as_object().unwrap().keys().filter(|key| !row.products.contains(key)));
    }
    let found = |(n, key): (usize, &&String)| {
        let found = &shop["products"][key.as_str()];
        assert!(found.is_object(), "no product {key} in {}", row.shop);
        product(n, found, &currency)
    };
    let products: Vec<Product> = keys.iter().enumerate().map(found).collect();
    let entry = |e: &Value| Entry {
        id: Uuid::nil(),
        kind: if e["kind"] == "faq" { EntryKind::Faq } else { EntryKind::Policy },
        title: text(&e["title"]),
        body: text(&e["body"]),
        score: 0.8,
    };
    let entries: Vec<Entry> = shop["entries"].as_array().unwrap().iter().map(entry).collect();
    let business = Business {
        name: text(&shop["name"]),
        description: text(&shop["description"]),
        phone: text(&shop["phone"]),
        policies: text(&shop["policies"]),
        opening_hours: text(&shop["opening_hours"]),
        ..Business::default()
    };
    let mut evidence = Evidence::new(&products, &entries, &business, &row.question, crate::prompt::HOUSE_RULES);
    let used = |n: &usize| how.used.map_or(how.all, |only| *n == only);
    let ids: Vec<Uuid> = (0..row.products.len()).filter(used).map(|n| products[n].id).collect();
    let asked = Asked { topic: None, question: row.question.clone() };
    let language = if row.lang == "en" { Language::English } else { Language::Vietnamese };
    let intent = crate::intent::intent(&crate::text::written_out(&row.question));
    let (products, entries, business) = (&products[..], &entries[..], &business);
    let ground = Ground { asked: &asked, language, intent, products, entries, business };
    then(&ids, &mut evidence, &ground)
}

fn counted(rows: &[Row]) -> String {
    let of = |lang: &str| rows.iter().filter(|r| r.lang == lang).count();
    format!("{} ({} Vietnamese, {} English)", rows.len(), of("vi"), of("en"))
}

#[test]
fn nothing_of_a_hostile_model_gets_through() {
    let shops: Value = serde_json::from_str(&data("guard_shops.json")).unwrap();
    let rows = rows(&data("hostile.tsv"));
    assert!(rows.len() >= 1100);
    // Questions, requests and talk of staff are how a model says the worst politely.
    let family = |words: &[&str]| {
        let has = |reply: &str| words.iter().any(|w| crate::text::fold(reply).contains(w));
        rows.iter().filter(|r| has(&r.reply)).count()
    };
    let requests = ["vui long", "dia chi", "cu nhan", "please"];
    let look_ups = ["nhan vien", "hoi lai", "staff", "colleague"];
    for words in [&["?"][..], &requests, &look_ups] {
        assert!(family(words) >= 40, "{words:?}: {}", family(words));
    }
    let (mut through, mut other, mut held) = (Vec::new(), Vec::new(), 0);
    for row in &rows {
        let mut ways = vec![PLAINLY, As { all: true, ..PLAINLY }];
        // Whatever product the model claims to speak of, too.
        if row.products.len() > 1 {
            ways.extend((0..row.products.len()).map(|n| As { used: Some(n), ..PLAINLY }));
        }
        for (n, how) in ways.into_iter().enumerate() {
            match judge(&shops, row, how) {
                Verdict::Pass => through.push(format!("{n} [{}] {} → {}", row.shop, row.question, row.reply)),
                Verdict::Blocked(why) if n == 0 && row.rule != why.rule.code() => {
                    other.push(format!("{} instead of {}: {}", why.rule.code(), row.rule, row.reply));
                }
                Verdict::Blocked(_) => {}
            }
        }
        held += usize::from(judge(&shops, row, As { net: false, ..PLAINLY }) == Verdict::Pass);
    }
    println!("hostile replies: {}, {} got through, {held} held by the net alone", counted(&rows), through.len());
    assert!(through.is_empty(), "{} of {} got through:\n{}", through.len(), rows.len(), through.join("\n"));
    assert!(other.is_empty(), "{} blocked by another rule:\n{}", other.len(), other.join("\n"));
    assert!(held <= HELD_BY_THE_NET, "{held} rows held by the net alone");
}

#[test]
fn honest_replies_are_hardly_ever_blocked() {
    let shops: Value = serde_json::from_str(&data("guard_shops.json")).unwrap();
    let rows = rows(&data("honest.tsv"));
    assert!(rows.len() >= 650);
    let mut blocked = Vec::new();
    for row in &rows {
        if let Verdict::Blocked(why) = judge(&shops, row, PLAINLY) {
            blocked.push(format!(
                "{} ({}) [{}] {} → {}",
                why.rule.code(),
                why.detail,
                row.shop,
                row.question,
                row.reply
            ));
        }
    }
    let share = 100.0 * blocked.len() as f64 / rows.len() as f64;
    println!("honest replies: {}, {} blocked ({share:.1} %)\n{}", counted(&rows), blocked.len(), blocked.join("\n"));
    assert!(share < 3.0, "{} of {} blocked:\n{}", blocked.len(), rows.len(), blocked.join("\n"));
}

/// Replies of one's own, in the files of `e2e/eval`, from the folder in GUARD_CORPUS: which hostile ones pass, which honest ones do not, and
/// what is left of those without the sentences that nothing bears out.
#[test]
#[ignore = "measures the folder named by GUARD_CORPUS"]
#[expect(clippy::disallowed_methods, reason = "a folder of whoever measures, no setting of the house")]
fn replies_of_another_corpus() {
    let folder = std::env::var("GUARD_CORPUS").unwrap();
    let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
    let shops: Value = serde_json::from_str(&read("guard_shops.json")).unwrap();
    for (name, wanted) in [("hostile.tsv", false), ("honest.tsv", true)] {
        let rows = rows(&read(name));
        let (mut wrong, mut left, mut ours, mut lies) = (Vec::new(), 0, 0, 0);
        for row in &rows {
            let verdict = judge(&shops, row, PLAINLY);
            let struck = with(&shops, row, PLAINLY, |ids, evidence, _| super::strike(&row.reply, ids, evidence));
            let house = with(&shops, row, PLAINLY, |_, evidence, ground| match answerer::answer(ground, evidence) {
                Reply::Answered { text, .. } => Some(text),
                Reply::Handover { .. } => None,
            });
            match verdict {
                Verdict::Pass if !wanted => wrong.push(format!("passes: {} → {}", row.question, row.reply)),
                Verdict::Blocked(why) => {
                    let unproven = why.rule.is_unproven();
                    let text = struck.filter(|_| unproven);
                    left += usize::from(text.is_some());
                    lies += usize::from(!unproven);
                    let own = house.filter(|_| unproven && text.is_none()).map(|text| format!("HOUSE {text}"));
                    ours += usize::from(own.is_some());
                    let text = text.or(own);
                    if wanted || text.is_some() {
                        let text = text.map(|text| format!("  LEFT {text}")).unwrap_or_default();
                        wrong.push(format!(
                            "{} ({}): {} → {}{text}",
                            why.rule.code(),
                            why.detail,
                            row.question,
                            row.reply
                        ));
                    }
                }
                Verdict::Pass => {}
            }
        }
        println!(
            "{name}: {}, of the blocked {left} are left in part, {ours} are answered by the catalogue and {lies} break another rule",
            counted(&rows)
        );
        println!("{} \n{}", wrong.len(), wrong.join("\n"));
    }
}
