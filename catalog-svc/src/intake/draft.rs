//! A product as a file has it, and what it makes of the one that is there.

mod said;

use chatdesk_platform::{Error, Invalid};
use uuid::Uuid;

use self::said::Said;
use super::columns::Field;
use super::groups::Row;
use crate::model::{Category, Content, Description, ImageUrls, Name, Refusal, Sku};
use crate::words::MOST_OF_PRODUCT;

pub(super) use self::said::{Form, attributes};

/// Why a product of a file is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The product's field.
    pub field: String,
    /// Stable.
    pub code: String,
    /// A sentence for a person.
    pub detail: String,
    /// The line that it is about.
    pub line: u64,
}

impl RowError {
    /// One error.
    pub fn new(field: &str, code: &str, detail: &str, line: u64) -> Self {
        Self { field: field.to_owned(), code: code.to_owned(), detail: detail.to_owned(), line }
    }
}

/// A product of a file. What the file does not say is left as it is.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Its first line.
    pub line: u64,
    /// Its last line.
    pub last_line: u64,
    /// How many lines it has.
    pub rows: u64,
    /// Our id, when the file was written by us.
    pub id: Option<Uuid>,
    /// Empty when the file has none.
    pub name: String,
    /// Empty when the file has none.
    pub sku: String,
    /// What is wrong with it whatever is there.
    pub errors: Vec<RowError>,
    said: Said,
    /// What a single line says that may be of a product or of a form of one that is there.
    as_form: Option<Said>,
}

impl Draft {
    pub(super) fn of(rows: Vec<Row>) -> Self {
        let mut draft = Self { rows: rows.len() as u64, ..Self::default() };
        draft.line = rows.first().map_or(0, |row| row.line);
        draft.last_line = rows.last().map_or(0, |row| row.line);
        if let [row] = rows.as_slice()
            && row.is_form()
            && row.parent.is_empty()
        {
            let mut said = Said::default();
            said.take_form(row.clone());
            draft.as_form = Some(said);
        }
        let is_alone = rows.len() == 1;
        let has_own = rows.first().is_some_and(|row| !row.is_form());
        // One code for all lines is the product's; codes of their own are those of its forms.
        let first_sku = rows.first().map(|row| row.sku.clone()).unwrap_or_default();
        let is_one_code = rows.iter().all(|row| row.sku == first_sku);
        let said = &mut draft.said;
        for (at, mut row) in rows.into_iter().enumerate() {
            draft.errors.append(&mut row.errors);
            if at == 0 {
                draft.id = row.id.parse().ok();
                draft.name.clone_from(&row.name);
            }
            if said.sku.is_empty() && !row.parent.is_empty() {
                said.sku.clone_from(&row.parent);
            }
            let named_form = !row.form.name.is_empty() || !row.parent.is_empty();
            if at == 0 && (has_own || is_one_code || is_alone && !named_form) && said.sku.is_empty() {
                said.sku.clone_from(&row.sku);
            }
            if (named_form || !is_alone) && row.is_form() {
                said.take_form(row);
                continue;
            }
            if at > 0 && !row.is_form() {
                let detail = "does not say of which form of the product it is";
                draft.errors.push(RowError::new("variant", "required", detail, row.line));
            }
            said.take_own(row);
        }
        draft.sku.clone_from(&draft.said.sku);
        draft
    }

    /// What to call it in a report.
    pub fn label(&self) -> String {
        let label = if self.name.is_empty() { &self.sku } else { &self.name };
        label.chars().take(300).collect()
    }

    /// How many words it can add to what products are found by: each, and each with the one before.
    pub fn words(&self) -> usize {
        let in_text = |text: &str| text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).count();
        let others: usize = self.said.texts().map(|text| in_text(&text)).sum();
        (2 * (in_text(&self.name) + others)).min(MOST_OF_PRODUCT)
    }

    /// The product as it will be, or everything that is wrong with it.
    pub fn content(&self, old: Option<&Content>) -> Result<Content, Vec<RowError>> {
        let has_forms = old.is_some_and(|old| old.variants.iter().next().is_some());
        let said = self.as_form.as_ref().filter(|_| has_forms).unwrap_or(&self.said);
        let mut wrong = Wrong { line: self.line, errors: self.errors.clone() };
        let former = |get: fn(&Content) -> &str| old.map(get).unwrap_or_default().to_owned();
        let name = if self.name.is_empty() { former(|old| old.name.as_str()) } else { self.name.clone() };
        let name = wrong.check("name", Name::parse(&name));
        let description = said.text(&Field::Description, old).unwrap_or_else(|| former(|old| old.description.as_str()));
        let description = wrong.check("description", Description::parse(&description));
        let price = said.price(old, &mut wrong);
        let status = said.status(old, &mut wrong);
        let sku = if said.sku.is_empty() { former(|old| old.sku.as_str()) } else { said.sku.clone() };
        let sku = wrong.check("sku", Sku::parse(&sku));
        let category = said.text(&Field::Category, old).unwrap_or_else(|| former(|old| old.category.as_str()));
        let category = wrong.check("category", Category::parse(&category));
        let stock = wrong.check("stock", said.stock(old));
        let extra_info = wrong.check("extra_info", said.extra_info(old));
        let image_urls = match said.pictures(old) {
            texts if texts.is_empty() => Some(old.map(|old| old.image_urls.clone()).unwrap_or_default()),
            texts => wrong.noted(&[], |invalid| ImageUrls::parse(&texts, invalid)),
        };
        let variants = price.and_then(|price| said.variants(old, price, sku.as_ref(), &mut wrong));
        let content = || {
            Some(Content {
                name: name?,
                description: description?,
                price: price?,
                status,
                extra_info: extra_info?,
                image_urls: image_urls?,
                sku: sku?,
                category: category?,
                stock: stock?,
                variants: variants?,
            })
        };
        content().filter(|_| wrong.errors.is_empty()).ok_or(wrong.errors)
    }
}

/// What is wrong with a draft so far.
pub(super) struct Wrong {
    pub line: u64,
    pub errors: Vec<RowError>,
}

impl Wrong {
    fn check<T>(&mut self, field: &str, parsed: Result<T, Refusal>) -> Option<T> {
        self.check_at(field, self.line, parsed)
    }

    fn check_at<T>(&mut self, field: &str, line: u64, parsed: Result<T, Refusal>) -> Option<T> {
        parsed.map_err(|(code, detail)| self.errors.push(RowError::new(field, code, &detail, line))).ok()
    }

    /// Runs a parser that notes what is wrong itself. `lines` says which line the things in its list are of.
    fn noted<T>(&mut self, lines: &[u64], parse: impl FnOnce(&mut Invalid) -> Option<T>) -> Option<T> {
        let mut invalid = Invalid::default();
        let parsed = parse(&mut invalid);
        if let Err(Error::Invalid(fields)) = invalid.finish() {
            for field in fields {
                let at = field.field.split(['[', ']']).nth(1).and_then(|at| at.parse::<usize>().ok());
                let line = at.and_then(|at| lines.get(at)).copied().unwrap_or(self.line);
                let name = field.field.replace("price_minor", "price");
                self.errors.push(RowError { field: name, code: field.code, detail: field.detail, line });
            }
            return None;
        }
        parsed
    }
}

#[cfg(test)]
mod tests;
