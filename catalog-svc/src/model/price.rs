//! What changed about a product's prices.

use super::{Content, Minor, Variant};

/// Who or what changed a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceSource {
    /// A person, at the product.
    Person,
    /// A file.
    Import,
}

impl PriceSource {
    /// The name that is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Import => "import",
        }
    }

    /// The source of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Person, Self::Import].into_iter().find(|source| source.as_str() == name)
    }
}

/// One price before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceChange {
    /// The variant's name; empty for the product itself.
    pub variant: String,
    /// None when the variant had no price of its own.
    pub old_minor: Option<i64>,
    /// None when the variant has no price of its own any more.
    pub new_minor: Option<i64>,
    /// Of the new price.
    pub currency: String,
    /// Of the old price.
    pub old_currency: String,
}

/// The prices that differ: the product's, and those of the variants, known by their names. Of a variant that came or went only a price of its own counts.
pub fn changes(old: &Content, new: &Content) -> Vec<PriceChange> {
    let change = |variant: &str, old_minor: Option<i64>, new_minor: Option<i64>| PriceChange {
        variant: variant.to_owned(),
        old_minor,
        new_minor,
        currency: new.price.currency().code().to_owned(),
        old_currency: old.price.currency().code().to_owned(),
    };
    let is_other_currency = old.price.currency() != new.price.currency();
    let mut all = Vec::new();
    if old.price != new.price {
        all.push(change("", Some(old.price.minor()), Some(new.price.minor())));
    }
    let price_in = |content: &Content, name: &str| {
        content.variants.iter().find(|variant| variant.name == name).and_then(|variant| variant.price).map(Minor::get)
    };
    let named = |variant: &Variant| variant.name.clone();
    let former = old.variants.iter().map(named);
    let added = new.variants.iter().map(named).filter(|name| !old.variants.iter().any(|variant| variant.name == *name));
    for name in former.chain(added).collect::<Vec<_>>() {
        let (before, after) = (price_in(old, &name), price_in(new, &name));
        if before != after || before.is_some() && is_other_currency {
            all.push(change(&name, before, after));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::Invalid;

    use super::*;
    use crate::model::{
        Category, Currency, Description, ExtraInfo, ImageUrls, Money, Name, Sku, Status, VariantDraft, Variants,
    };

    fn content(price: i64, currency: &str, variants: &[(&str, Option<i64>)]) -> Content {
        let draft = |(name, price_minor): &(&str, Option<i64>)| VariantDraft {
            name: (*name).to_owned(),
            price_minor: *price_minor,
            ..VariantDraft::default()
        };
        let drafts = variants.iter().map(draft).collect();
        Content {
            name: Name::parse("Áo").unwrap(),
            description: Description::parse("").unwrap(),
            price: Money::new(Minor::parse(price).unwrap(), Currency::parse(currency).unwrap()),
            status: Status::Available,
            extra_info: ExtraInfo::parse("").unwrap(),
            image_urls: ImageUrls::default(),
            sku: Sku::default(),
            category: Category::default(),
            stock: None,
            variants: Variants::parse(drafts, None, &mut Invalid::default()).unwrap(),
        }
    }

    #[test]
    fn every_price_that_differs_is_told() {
        let old = content(100, "VND", &[("M", None), ("L", Some(120)), ("XL", Some(130)), ("S", Some(90))]);
        let new = content(110, "VND", &[("M", Some(105)), ("L", Some(120)), ("S", None), ("XXL", Some(150))]);
        let told: Vec<_> = changes(&old, &new).into_iter().map(|c| (c.variant, c.old_minor, c.new_minor)).collect();
        let want = [
            ("", Some(100), Some(110)),
            ("M", None, Some(105)),
            ("XL", Some(130), None),
            ("S", Some(90), None),
            ("XXL", None, Some(150)),
        ];
        assert_eq!(told, want.map(|(variant, old, new)| (variant.to_owned(), old, new)));
        assert!(changes(&old, &old).is_empty());
    }

    #[test]
    fn the_same_number_in_another_currency_is_another_price() {
        let (old, new) = (content(100, "VND", &[("M", Some(5))]), content(100, "USD", &[("M", Some(5))]));
        let told: Vec<_> = changes(&old, &new).into_iter().map(|c| (c.variant, c.old_currency, c.currency)).collect();
        assert_eq!(told, ["", "M"].map(|variant| (variant.to_owned(), "VND".to_owned(), "USD".to_owned())));
    }
}
