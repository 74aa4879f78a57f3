//! What the lines of a product say, of it and of its forms.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map, Value};

use super::{RowError, Wrong};
use crate::intake::amounts;
use crate::intake::columns::Field;
use crate::intake::groups::Row;
use crate::model::{Content, Currency, ExtraInfo, Minor, Money, Refusal, Sku, Status, Stock, VariantDraft, Variants};
use crate::sheet::Cell;

/// More attributes than this are not read of one cell; fewer are refused already.
const MOST_PAIRS: usize = 100;

/// One form of a product, as its line has it.
#[derive(Debug, Clone, Default)]
pub struct Form {
    pub line: u64,
    pub name: String,
    pub sku: String,
    pub price: Option<Cell>,
    pub stock: Option<Cell>,
    pub status: Option<Cell>,
    pub attributes: BTreeMap<String, String>,
}

/// What the lines of a product say.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// The product's code; empty when there is none.
    pub sku: String,
    own: Vec<(Field, Cell)>,
    /// What lines of forms say beside it, which is taken for the product's when it is new.
    shared: Vec<(Field, Cell)>,
    known: HashSet<Field>,
    forms: Vec<Form>,
}

/// `Màu: Đỏ; Size: M` as names and values. A backslash before `;`, `:` or a backslash makes it a part of the text.
pub fn attributes(text: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let (mut name, mut value, mut has_name) = (String::new(), String::new(), false);
    let mut chars = text.chars();
    while let Some(c) = chars.next()
        && pairs.len() < MOST_PAIRS
    {
        let part = if has_name { &mut value } else { &mut name };
        match c {
            '\\' => part.extend(chars.next()),
            ':' if !has_name => has_name = true,
            ';' => {
                pairs.push((std::mem::take(&mut name), std::mem::take(&mut value)));
                has_name = false;
            }
            c => part.push(c),
        }
    }
    pairs.push((name, value));
    let tidy = |(name, value): (String, String)| (name.trim().to_owned(), value.trim().to_owned());
    pairs.into_iter().map(tidy).filter(|(name, value)| !name.is_empty() && !value.is_empty()).collect()
}

impl Said {
    /// Takes a line of the product itself. The colours and sizes in it are what there is to say of it.
    pub fn take_own(&mut self, row: Row) {
        let fresh = self.fresh(row.rest);
        self.own.extend(fresh);
        let others = row.form.attributes.into_iter();
        self.own.extend(others.map(|(name, value)| (Field::Other(name), Cell::Text(value))));
    }

    /// Takes a line of a form. What a new product's own line does not say, its first form says for all, but for what each has for itself.
    /// Of a product that is there it changes only the form.
    pub fn take_form(&mut self, row: Row) {
        let mut form = row.form;
        if row.sku != self.sku {
            form.sku = row.sku;
        }
        let mut for_all = Vec::with_capacity(row.rest.len());
        for (field, cell) in row.rest {
            match field {
                Field::Price => form.price = Some(cell),
                Field::Stock => form.stock = Some(cell),
                Field::Status => form.status = Some(cell),
                field => for_all.push((field, cell)),
            }
        }
        let fresh = self.fresh(for_all);
        self.shared.extend(fresh);
        self.forms.push(form);
    }

    /// What no line before has said.
    fn fresh(&mut self, mut rest: Vec<(Field, Cell)>) -> Vec<(Field, Cell)> {
        rest.retain(|(field, _)| !self.known.contains(field));
        self.known.extend(rest.iter().map(|(field, _)| field.clone()));
        rest
    }

    /// What is said of the product as a whole, of a new one or of that which is there.
    fn fields(&self, old: Option<&Content>) -> impl Iterator<Item = &(Field, Cell)> {
        let shared = if old.is_none() { self.shared.as_slice() } else { &[] };
        self.own.iter().chain(shared)
    }

    fn cell(&self, field: &Field, old: Option<&Content>) -> Option<&Cell> {
        self.fields(old).find(|(one, _)| one == field).map(|(_, cell)| cell)
    }

    /// What a field of a new product holds, or of that which is there, if anything was said of it.
    pub fn text(&self, field: &Field, old: Option<&Content>) -> Option<String> {
        self.cell(field, old).map(Cell::text)
    }

    /// Every text there is in it.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        let of_field = |(field, cell): &(Field, Cell)| match field {
            Field::Other(name) => format!("{name} {}", cell.text()),
            _ => cell.text(),
        };
        let of_forms = self.forms.iter().flat_map(|form| form.attributes.values().chain([&form.name, &form.sku]));
        self.fields(None).map(of_field).chain(of_forms.cloned())
    }

    /// A new product costs what its first form with a price does. One that is there keeps its price, by which forms go that have none.
    pub fn price(&self, old: Option<&Content>, wrong: &mut Wrong) -> Option<Money> {
        let former = old.map(|old| old.price);
        // The forms' prices are in it, too, so theirs counts as the product's.
        let code = self.text(&Field::Currency, None).map(|code| code.to_uppercase());
        let currency = match (code, former) {
            (Some(code), _) => Currency::parse(if code == "Đ" || code == "VNĐ" { "VND" } else { &code }),
            (None, Some(former)) => Ok(former.currency()),
            (None, None) => Currency::parse(""),
        };
        let currency = wrong.check("currency", currency)?;
        let of_forms = || self.forms.iter().filter(|_| former.is_none()).find_map(|form| form.price.as_ref());
        let cell = self.cell(&Field::Price, old).or_else(of_forms);
        let minor = cell.map_or(Ok(None), |cell| amounts::amount(cell, currency));
        let minor = wrong.check("price", minor)?;
        let same = former.filter(|former| former.currency() == currency).map(Money::minor);
        let Some(minor) = minor.or(same) else {
            let detail = if former.is_some() { OTHER_CURRENCY } else { "is missing" };
            wrong.errors.push(RowError::new("price", "required", detail, wrong.line));
            return None;
        };
        wrong.check("price", Minor::parse(minor)).map(|minor| Money::new(minor, currency))
    }

    /// What its own line says; what lines of forms say of theirs goes into their stock.
    pub fn status(&self, old: Option<&Content>, wrong: &mut Wrong) -> Status {
        let own = self.text(&Field::Status, old).map_or(Ok(None), |text| amounts::status(&text));
        let own = wrong.check("status", own).flatten();
        own.or(old.map(|old| old.status)).unwrap_or(Status::Available)
    }

    /// How many are left of the product itself.
    pub fn stock(&self, old: Option<&Content>) -> Result<Option<Stock>, Refusal> {
        let said = self.cell(&Field::Stock, old).map_or(Ok(None), amounts::count);
        said.map(|stock| stock.or(old.and_then(|old| old.stock)))
    }

    /// What there is to say beside the fields: what the file has goes over what is there, name by name.
    pub fn extra_info(&self, old: Option<&Content>) -> Result<ExtraInfo, Refusal> {
        let others: Vec<(&String, &Cell)> = self
            .fields(old)
            .filter_map(|(field, cell)| match field {
                Field::Other(name) => Some((name, cell)),
                _ => None,
            })
            .collect();
        let whole = self.text(&Field::ExtraInfo, old);
        let former = || old.map(|old| old.extra_info.clone());
        if others.is_empty() {
            return match (whole, former()) {
                (Some(text), _) => ExtraInfo::parse(&text),
                (None, Some(former)) => Ok(former),
                (None, None) => ExtraInfo::parse(""),
            };
        }
        let text =
            whole.or_else(|| former().map(|former| former.as_str().to_owned())).unwrap_or_else(|| "{}".to_owned());
        let malformed = |_| ("malformed", "is not a JSON object".to_owned());
        let mut map: Map<String, Value> = serde_json::from_str(&text).map_err(malformed)?;
        for (name, cell) in others {
            let text = cell.text();
            if text.contains('\0') {
                return Err(("malformed", "must not contain the NUL character".to_owned()));
            }
            // As it is there already, a number stays one.
            let shown = map.get(name).map(Value::to_string);
            let is_so = shown.is_some_and(|shown| shown == text);
            if !is_so {
                map.insert(name.clone(), Value::String(text));
            }
        }
        ExtraInfo::parse(&Value::Object(map).to_string())
    }

    /// Links to pictures, in their order.
    pub fn pictures(&self, old: Option<&Content>) -> Vec<String> {
        let cells = self.fields(old).filter(|(field, _)| *field == Field::Images).map(|(_, cell)| cell.text());
        let mut texts = Vec::new();
        for cell in cells {
            // Links hold commas, so one ends only where the next begins.
            let parted = [",", ";", "|"].iter().fold(cell, |text, sign| text.replace(&format!("{sign}http"), " http"));
            texts.extend(parted.split_whitespace().map(|text| text.trim_end_matches([',', ';', '|']).to_owned()));
        }
        texts.retain(|text| !text.is_empty());
        texts
    }

    /// The forms that are there, changed by those of the file that have the same sku, or else the same name; then the new ones.
    pub fn variants(
        &self,
        old: Option<&Content>,
        price: Money,
        sku: Option<&Sku>,
        wrong: &mut Wrong,
    ) -> Option<Variants> {
        let own_sku = sku.filter(|sku| !sku.as_str().is_empty());
        let mut drafts = old.map(|old| old.variants.drafts()).unwrap_or_default();
        // Only what was there before: two lines of one name in a file are a mistake.
        let known = drafts.len();
        // The line that each is of, for what is wrong with it.
        let mut lines = vec![wrong.line; known];
        let is_other_currency = old.is_some_and(|old| old.price.currency() != price.currency());
        let priced = drafts.iter().enumerate().filter(|(_, draft)| is_other_currency && draft.price_minor.is_some());
        let mut unpriced: BTreeSet<usize> = priced.map(|(at, _)| at).collect();
        let mut is_readable = true;
        for form in &self.forms {
            let own = form.price.as_ref().map_or(Ok(None), |cell| amounts::amount(cell, price.currency()));
            let own = wrong.check_at("price", form.line, own);
            let stock = form.stock.as_ref().map_or(Ok(None), amounts::count);
            let stock = wrong.check_at("stock", form.line, stock);
            let status = form.status.as_ref().map_or(Ok(None), |cell| amounts::status(&cell.text()));
            let status = wrong.check_at("status", form.line, status);
            is_readable &= own.is_some() && stock.is_some() && status.is_some();
            let own_name = if form.name.is_empty() {
                form.attributes.values().cloned().collect::<Vec<_>>().join(" / ")
            } else {
                form.name.clone()
            };
            // The product's code is no code of its own.
            let code = if own_sku.is_some_and(|sku| sku.as_str() == form.sku) { "" } else { form.sku.as_str() };
            let has_same = |draft: &VariantDraft| {
                if code.is_empty() || draft.sku.is_empty() { draft.name == own_name } else { draft.sku == code }
            };
            let found = drafts.iter().take(known).position(has_same);
            let at = found.unwrap_or_else(|| {
                drafts.push(VariantDraft::default());
                lines.push(form.line);
                drafts.len() - 1
            });
            let (Some(draft), Some(line)) = (drafts.get_mut(at), lines.get_mut(at)) else { continue };
            *line = form.line;
            draft.name = own_name;
            if !code.is_empty() {
                code.clone_into(&mut draft.sku);
            }
            if let Some(own) = own.flatten() {
                unpriced.remove(&at);
                // The product's price is no price of its own.
                draft.price_minor = Some(own).filter(|own| *own != price.minor());
            }
            draft.stock = left(status.flatten(), stock.flatten().map(Stock::count), draft.stock);
            draft.attributes.extend(form.attributes.clone());
        }
        for at in &unpriced {
            let line = lines.get(*at).copied().unwrap_or(wrong.line);
            wrong.errors.push(RowError::new(&format!("variants[{at}].price"), "required", OTHER_CURRENCY, line));
        }
        wrong.noted(&lines, |invalid| Variants::parse(drafts, own_sku, invalid)).filter(|_| is_readable)
    }
}

const OTHER_CURRENCY: &str = "another currency needs its price";

/// How many are left of a form, which has no state but its count: what is said of the one goes into the other.
const fn left(status: Option<Status>, said: Option<i64>, former: Option<i64>) -> Option<i64> {
    match (status, said, former) {
        (Some(Status::OutOfStock), ..) => Some(0),
        (_, Some(said), _) => Some(said),
        (Some(Status::Available), None, Some(0)) => None,
        (_, None, former) => former,
    }
}
