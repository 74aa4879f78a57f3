//! The forms in which a product is sold, and how many of them are left. Refuses what could not be told apart.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chatdesk_platform::{Invalid, fold};

use super::{Minor, Refusal, parse_text};

/// Of one product.
pub const MOST_VARIANTS: usize = 100;
const MOST_ATTRIBUTES: usize = 10;
/// Bytes of all of a product's variants together, so that a page of products stays a message.
const MOST_BYTES: usize = 32 * 1024;
/// Of anything that is counted.
const MOST_STOCK: i64 = 999_999_999_999;

/// One line of text without control characters.
fn parse_line(text: &str, most: usize) -> Result<String, Refusal> {
    let text = parse_text(text, most)?;
    if text.chars().any(char::is_control) {
        return Err(("malformed", "must be one line without control characters".to_owned()));
    }
    Ok(text)
}

/// The shop's own code of a product or a variant: up to 64 characters in one line; empty for none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Sku(String);

impl Sku {
    /// Refuses one that is too long, or of several lines.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        parse_line(text, 64).map(Self)
    }

    /// As it was parsed before.
    pub const fn stored(sku: String) -> Self {
        Self(sku)
    }

    /// Its text; empty when there is none.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What products are sorted by: up to 100 characters in one line; empty for none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Category(String);

impl Category {
    /// Refuses one that is too long, or of several lines.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        parse_line(text, 100).map(Self)
    }

    /// As it was parsed before.
    pub const fn stored(category: String) -> Self {
        Self(category)
    }

    /// Its text; empty when there is none.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How many are left of something that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stock(i64);

impl Stock {
    /// Takes 0 to 999,999,999,999.
    pub fn parse(count: i64) -> Result<Self, Refusal> {
        if (0..=MOST_STOCK).contains(&count) {
            Ok(Self(count))
        } else {
            Err(("out_of_range", format!("must be 0 to {MOST_STOCK}")))
        }
    }

    /// As it was parsed before.
    pub const fn stored(count: i64) -> Self {
        Self(count)
    }

    /// The number.
    pub const fn count(self) -> i64 {
        self.0
    }
}

/// A variant as somebody wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VariantDraft {
    /// Such as "Đỏ / M".
    pub name: String,
    /// May be empty.
    pub sku: String,
    /// Minor units, when it has a price of its own.
    pub price_minor: Option<i64>,
    /// When it is counted.
    pub stock: Option<i64>,
    /// Such as colour and size.
    pub attributes: BTreeMap<String, String>,
}

/// One form in which a product is sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// 1 to 200 characters in one line.
    pub name: String,
    /// May be empty.
    pub sku: Sku,
    /// In the product's currency, when it is not the product's price.
    pub price: Option<Minor>,
    /// When it is counted.
    pub stock: Option<Stock>,
    /// At most 10, names up to 50 characters and values up to 200.
    pub attributes: BTreeMap<String, String>,
}

impl Variant {
    fn parse(draft: VariantDraft, at: &str, invalid: &mut Invalid) -> Option<Self> {
        let name = parse_line(&draft.name, 200).and_then(|name| match name.as_str() {
            "" => Err(("required", "must not be empty".to_owned())),
            _ => Ok(name),
        });
        let name = invalid.check(&format!("{at}.name"), name);
        let sku = invalid.check(&format!("{at}.sku"), Sku::parse(&draft.sku));
        let price = invalid.check(&format!("{at}.price_minor"), draft.price_minor.map(Minor::parse).transpose());
        let stock = invalid.check(&format!("{at}.stock"), draft.stock.map(Stock::parse).transpose());
        let attributes = invalid.check(&format!("{at}.attributes"), parse_attributes(draft.attributes));
        Some(Self { name: name?, sku: sku?, price: price?, stock: stock?, attributes: attributes? })
    }
}

fn parse_attributes(attributes: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Refusal> {
    if attributes.len() > MOST_ATTRIBUTES {
        return Err(("too_many", format!("has more than {MOST_ATTRIBUTES} attributes")));
    }
    let mut parsed = BTreeMap::new();
    for (name, value) in attributes {
        let (name, value) = (parse_line(&name, 50)?, parse_line(&value, 200)?);
        if name.is_empty() || value.is_empty() {
            return Err(("required", "every attribute needs a name and a value".to_owned()));
        }
        if parsed.insert(name, value).is_some() {
            return Err(("duplicate", "names an attribute twice".to_owned()));
        }
    }
    Ok(parsed)
}

/// All of a product's variants: at most 100, each with a name and, where it has one, a sku of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Variants(Vec<Variant>);

impl Variants {
    /// Notes everything that is wrong, each by its place, such as `variants[3].name`. Names are compared without case and marks' form.
    pub fn parse(drafts: Vec<VariantDraft>, product: Option<&Sku>, invalid: &mut Invalid) -> Option<Self> {
        if drafts.len() > MOST_VARIANTS {
            invalid.add("variants", "too_many", format!("has more than {MOST_VARIANTS} variants"));
            return None;
        }
        let bytes: usize = drafts.iter().map(size).sum();
        if bytes > MOST_BYTES {
            invalid.add("variants", "too_long", format!("takes more than {MOST_BYTES} bytes together"));
            return None;
        }
        let (mut names, mut skus) = (HashSet::new(), HashSet::new());
        skus.extend(product.map(|sku| sku.as_str().to_owned()));
        let mut parsed = Vec::with_capacity(drafts.len());
        let mut all_good = true;
        for (at, draft) in drafts.into_iter().enumerate() {
            let at = format!("variants[{at}]");
            let Some(variant) = Variant::parse(draft, &at, invalid) else {
                all_good = false;
                continue;
            };
            if !names.insert(variant.name.to_lowercase()) {
                invalid.add(&format!("{at}.name"), "duplicate", "is the name of another variant");
                all_good = false;
            }
            if !variant.sku.as_str().is_empty() && !skus.insert(variant.sku.as_str().to_owned()) {
                invalid.add(&format!("{at}.sku"), "duplicate", "is the sku of the product or of another variant");
                all_good = false;
            }
            parsed.push(variant);
        }
        all_good.then_some(Self(parsed))
    }

    /// As they were parsed before.
    pub const fn stored(variants: Vec<Variant>) -> Self {
        Self(variants)
    }

    /// In their order.
    pub fn iter(&self) -> impl Iterator<Item = &Variant> {
        self.0.iter()
    }

    /// As somebody could have written them.
    pub fn drafts(&self) -> Vec<VariantDraft> {
        let draft = |variant: &Variant| VariantDraft {
            name: variant.name.clone(),
            sku: variant.sku.as_str().to_owned(),
            price_minor: variant.price.map(Minor::get),
            stock: variant.stock.map(Stock::count),
            attributes: variant.attributes.clone(),
        };
        self.0.iter().map(draft).collect()
    }

    /// What they differ in, each attribute with its values once, in their order; then the names of those without attributes.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs: Vec<(String, Vec<String>)> = Vec::new();
        let mut add = |name: &str, value: &str| {
            let at = pairs.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
                pairs.push((name.to_owned(), Vec::new()));
                pairs.len() - 1
            });
            if let Some((_, values)) = pairs.get_mut(at).filter(|(_, values)| !values.iter().any(|one| one == value)) {
                values.push(value.to_owned());
            }
        };
        for variant in &self.0 {
            for (name, value) in &variant.attributes {
                add(name, value);
            }
            let said: BTreeSet<String> = variant.attributes.values().map(|value| fold(value)).collect();
            let is_said = fold(&variant.name).split('/').all(|part| said.contains(part.trim()));
            if !is_said {
                add("Phân loại", &variant.name);
            }
        }
        pairs.into_iter().map(|(name, values)| (name, values.join(", "))).collect()
    }
}

fn size(draft: &VariantDraft) -> usize {
    let attributes: usize = draft.attributes.iter().map(|(name, value)| name.len() + value.len()).sum();
    draft.name.len() + draft.sku.len() + attributes
}

/// What is left of a product, when something of it is counted: the product's own count, or those of its variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Whether nothing is left. Where variants are counted they decide, and the product's own count only speaks for those that are not.
    pub is_sold_out: bool,
    /// How many of the scarcest thing.
    pub least: Option<Stock>,
}

impl Left {
    /// Of these counts.
    pub fn of(stock: Option<Stock>, variants: &Variants) -> Self {
        let counts: Vec<Stock> = variants.iter().filter_map(|variant| variant.stock).collect();
        let own_is_out = stock.is_some_and(|stock| stock.count() == 0);
        if counts.is_empty() {
            return Self { is_sold_out: own_is_out, least: stock };
        }
        let all_counted = variants.iter().all(|variant| variant.stock.is_some());
        let none_left = counts.iter().all(|stock| stock.count() == 0);
        Self { is_sold_out: none_left && (all_counted || own_is_out), least: counts.into_iter().min() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(name: &str, sku: &str, stock: Option<i64>) -> VariantDraft {
        VariantDraft { name: name.to_owned(), sku: sku.to_owned(), stock, ..VariantDraft::default() }
    }

    fn refused(drafts: Vec<VariantDraft>) -> Vec<(String, String)> {
        let mut invalid = Invalid::default();
        assert_eq!(Variants::parse(drafts, Some(&Sku::parse("SP").unwrap()), &mut invalid), None);
        let Err(chatdesk_platform::Error::Invalid(fields)) = invalid.finish() else { panic!("nothing was noted") };
        fields.into_iter().map(|field| (field.field, field.code)).collect()
    }

    fn parsed(drafts: Vec<VariantDraft>) -> Variants {
        let mut invalid = Invalid::default();
        let variants = Variants::parse(drafts, None, &mut invalid);
        invalid.into_result(variants).unwrap()
    }

    #[test]
    fn everything_wrong_is_named_by_its_place() {
        let mut bad = draft(" ", &"x".repeat(65), Some(-1));
        bad.price_minor = Some(-1);
        bad.attributes.insert("Màu".to_owned(), " ".to_owned());
        let drafts = vec![draft("Đỏ", "A", None), bad, draft("ĐỎ", "A", None), draft("Đen", "SP", None)];
        let want = [
            ("variants[1].name", "required"),
            ("variants[1].sku", "too_long"),
            ("variants[1].price_minor", "out_of_range"),
            ("variants[1].stock", "out_of_range"),
            ("variants[1].attributes", "required"),
            ("variants[2].name", "duplicate"),
            ("variants[2].sku", "duplicate"),
            ("variants[3].sku", "duplicate"),
        ];
        assert_eq!(refused(drafts), want.map(|(field, code)| (field.to_owned(), code.to_owned())));
    }

    #[test]
    fn there_is_an_end_to_them() {
        let many = (0..=MOST_VARIANTS).map(|n| draft(&n.to_string(), "", None)).collect();
        assert_eq!(refused(many), [("variants".to_owned(), "too_many".to_owned())]);
        let long = (0..3).map(|n| draft(&format!("{n}{}", "đ".repeat(MOST_BYTES / 4)), "", None)).collect();
        assert_eq!(refused(long), [("variants".to_owned(), "too_long".to_owned())]);
    }

    #[test]
    fn what_is_left_is_what_can_be_bought() {
        let left = |own: Option<i64>, variants: &[Option<i64>]| {
            let drafts = variants.iter().enumerate().map(|(n, stock)| draft(&n.to_string(), "", *stock)).collect();
            let left = Left::of(own.map(Stock::stored), &parsed(drafts));
            (left.is_sold_out, left.least.map(Stock::count))
        };
        assert_eq!(left(None, &[]), (false, None));
        assert_eq!(left(Some(0), &[]), (true, Some(0)));
        assert_eq!(left(Some(3), &[None]), (false, Some(3)));
        assert_eq!(left(Some(0), &[None]), (true, Some(0)));
        assert_eq!(left(Some(9), &[Some(0), Some(0)]), (true, Some(0)));
        assert_eq!(left(Some(0), &[Some(0), Some(2)]), (false, Some(0)));
        assert_eq!(left(None, &[Some(0), None]), (false, Some(0)));
        assert_eq!(left(Some(0), &[Some(0), None]), (true, Some(0)));
    }

    #[test]
    fn what_they_differ_in_is_told_once() {
        let with = |name: &str, colour: &str, size: &str| {
            let attributes = [("Màu", colour), ("Size", size)].map(|(name, value)| (name.to_owned(), value.to_owned()));
            VariantDraft { name: name.to_owned(), attributes: attributes.into(), ..VariantDraft::default() }
        };
        let all = vec![with("Đỏ / M", "Đỏ", "M"), with("đỏ/L", "Đỏ", "L"), draft("Bản đặc biệt", "", None)];
        let pairs = parsed(all).pairs();
        let want = [("Màu", "Đỏ"), ("Size", "M, L"), ("Phân loại", "Bản đặc biệt")];
        assert_eq!(pairs, want.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
