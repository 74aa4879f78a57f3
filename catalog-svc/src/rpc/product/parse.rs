//! What a request says of a product, or everything that is wrong with it.

use chatdesk_platform::{Error, Invalid};
use chatdesk_proto::catalog::v1 as proto;

use crate::model::{
    Category, Content, Currency, Description, ExtraInfo, ImageUrl, ImageUrls, Minor, Money, Name, Refusal, Sku, Status,
    Stock, VariantDraft, Variants,
};
use crate::store::products::Filter;
use crate::words;

/// The longest text that a list is filtered by, in characters.
const LONGEST_FILTER: usize = 200;

/// What a list is narrowed down to.
pub fn filter(invalid: &mut Invalid, request: &proto::ListProductsRequest) -> Option<Filter> {
    let is_short = request.query.chars().count() <= LONGEST_FILTER;
    let words = if is_short { Ok(words::beginnings(&request.query)) } else { Err(too_long()) };
    let words = invalid.check("query", words);
    let status = invalid.check("status", status(request.status));
    let category = invalid.check("category", Category::parse(&request.category));
    let low_stock = invalid.check("low_stock", request.low_stock.map(Stock::parse).transpose());
    let category = category.map(|category| Some(category).filter(|category| !category.as_str().is_empty()));
    Some(Filter { words: words?, status: status?, category: category?, low_stock: low_stock? })
}

fn too_long() -> Refusal {
    ("too_long", format!("has more than {LONGEST_FILTER} characters"))
}

/// A product to add.
pub fn added(request: proto::CreateProductRequest) -> Result<Content, Error> {
    let mut invalid = Invalid::default();
    let name = invalid.check("name", Name::parse(&request.name));
    let description = invalid.check("description", Description::parse(&request.description));
    let price = price(&mut invalid, request.price_minor, Currency::parse(&request.currency));
    let status = invalid.check("status", status(request.status));
    let extra_info = invalid.check("extra_info", ExtraInfo::parse(&request.extra_info));
    let image_urls = if request.image_urls.is_empty() {
        first_picture(&mut invalid, &ImageUrls::default(), &request.image_url)
    } else {
        ImageUrls::parse(&request.image_urls, &mut invalid)
    };
    let sku = invalid.check("sku", Sku::parse(&request.sku));
    let category = invalid.check("category", Category::parse(&request.category));
    let stock = invalid.check("stock", request.stock.map(Stock::parse).transpose());
    let variants = variants(request.variants, sku.as_ref(), &mut invalid);
    let content = || {
        Some(Content {
            name: name?,
            description: description?,
            price: price?,
            status: status?.unwrap_or(Status::Available),
            extra_info: extra_info?,
            image_urls: image_urls?,
            sku: sku?,
            category: category?,
            stock: stock?,
            variants: variants?,
        })
    };
    let content = content();
    invalid.into_result(content)
}

/// A product as it will be.
pub fn changed(request: proto::UpdateProductRequest, old: Content) -> Result<Content, Error> {
    let mut invalid = Invalid::default();
    let name = request.name.as_deref().map_or(Ok(old.name), Name::parse);
    let name = invalid.check("name", name);
    let description = request.description.as_deref().map_or(Ok(old.description), Description::parse);
    let description = invalid.check("description", description);
    let currency = request.currency.as_deref().map_or(Ok(old.price.currency()), Currency::parse);
    let price = price(&mut invalid, request.price_minor.unwrap_or(old.price.minor()), currency);
    let status = invalid.check("status", status(request.status));
    let extra_info = request.extra_info.as_deref().map_or(Ok(old.extra_info), ExtraInfo::parse);
    let extra_info = invalid.check("extra_info", extra_info);
    let image_urls = match (&request.image_urls, &request.image_url) {
        (Some(all), _) => ImageUrls::parse(&all.urls, &mut invalid),
        (None, Some(first)) => first_picture(&mut invalid, &old.image_urls, first),
        (None, None) => Some(old.image_urls),
    };
    let sku = invalid.check("sku", request.sku.as_deref().map_or(Ok(old.sku), Sku::parse));
    let category = invalid.check("category", request.category.as_deref().map_or(Ok(old.category), Category::parse));
    let stock = match (request.stock, request.uncount_stock) {
        (Some(_), true) => Err(("malformed", "cannot be set and no longer counted at once".to_owned())),
        (Some(count), false) => Stock::parse(count).map(Some),
        (None, true) => Ok(None),
        (None, false) => Ok(old.stock),
    };
    let stock = invalid.check("stock", stock);
    let is_other_currency = price.is_some_and(|price| price.currency() != old.price.currency());
    if is_other_currency && request.variants.is_none() && old.variants.iter().any(|variant| variant.price.is_some()) {
        invalid.add("variants", "required", "another currency needs the variants with their prices");
    }
    // Another sku may be that of a variant which stays.
    let drafts = request.variants.map_or_else(|| old.variants.drafts(), |all| drafts(all.items));
    let variants = Variants::parse(drafts, sku.as_ref().filter(|sku| !sku.as_str().is_empty()), &mut invalid);
    let content = || {
        Some(Content {
            name: name?,
            description: description?,
            price: price?,
            status: status?.unwrap_or(old.status),
            extra_info: extra_info?,
            image_urls: image_urls?,
            sku: sku?,
            category: category?,
            stock: stock?,
            variants: variants?,
        })
    };
    let content = content();
    invalid.into_result(content)
}

fn first_picture(invalid: &mut Invalid, others: &ImageUrls, first: &str) -> Option<ImageUrls> {
    Some(others.with_first(&invalid.check("image_url", ImageUrl::parse(first))?))
}

fn variants(items: Vec<proto::Variant>, sku: Option<&Sku>, invalid: &mut Invalid) -> Option<Variants> {
    Variants::parse(drafts(items), sku.filter(|sku| !sku.as_str().is_empty()), invalid)
}

fn drafts(items: Vec<proto::Variant>) -> Vec<VariantDraft> {
    let draft = |item: proto::Variant| VariantDraft {
        name: item.name,
        sku: item.sku,
        price_minor: item.price_minor,
        stock: item.stock,
        attributes: item.attributes.into_iter().collect(),
    };
    items.into_iter().map(draft).collect()
}

/// Both halves of an amount, each named when it is refused.
fn price(invalid: &mut Invalid, minor: i64, currency: Result<Currency, Refusal>) -> Option<Money> {
    let minor = invalid.check("price_minor", Minor::parse(minor));
    let currency = invalid.check("currency", currency);
    minor.zip(currency).map(|(minor, currency)| Money::new(minor, currency))
}

/// None when it is unspecified.
fn status(status: i32) -> Result<Option<Status>, Refusal> {
    match proto::ProductStatus::try_from(status) {
        Ok(proto::ProductStatus::Unspecified) => Ok(None),
        Ok(proto::ProductStatus::Available) => Ok(Some(Status::Available)),
        Ok(proto::ProductStatus::OutOfStock) => Ok(Some(Status::OutOfStock)),
        Err(_) => Err(("unknown", "is not available or out_of_stock".to_owned())),
    }
}
