//! Which lines of a file are one product.

use crate::intake::columns::{Columns, Field};
use crate::intake::draft::{Draft, Form, RowError};
use crate::model::MOST_VARIANTS;
use crate::sheet::{Cell, Line};

/// Lines of one product that are kept: its own and those of its forms.
const MOST_LINES: u64 = MOST_VARIANTS as u64 + 1;

/// A line by its fields.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub line: u64,
    pub id: String,
    pub name: String,
    pub sku: String,
    pub parent: String,
    pub form: Form,
    pub rest: Vec<(Field, Cell)>,
    pub errors: Vec<RowError>,
}

impl Row {
    fn read(columns: &Columns, line: &Line) -> Self {
        let mut row = Self { line: line.number, ..Self::default() };
        row.form.line = line.number;
        for (field, cell) in columns.cells(line) {
            let Some(field) = field else {
                if !cell.is_blank() && row.errors.is_empty() {
                    let detail = "has more cells than the header; is there a separator within a text without quotes?";
                    row.errors.push(RowError::new("row", "too_many_cells", detail, line.number));
                }
                continue;
            };
            if *cell == Cell::Faulty && *field != Field::Secret {
                let detail = "is a formula that gives an error";
                row.errors.push(RowError::new(field.as_str(), "formula_error", detail, line.number));
                continue;
            }
            if cell.is_blank() {
                continue;
            }
            match field {
                Field::Id => row.id = cell.text(),
                Field::Name => row.name = cell.text(),
                Field::Sku => row.sku = cell.text(),
                Field::Parent => row.parent = cell.text(),
                Field::Variant => row.form.name = cell.text(),
                Field::Attributes => row.form.attributes.extend(super::draft::attributes(&cell.text())),
                Field::Attribute(name) => {
                    row.form.attributes.insert(name.clone(), cell.text());
                }
                Field::Secret => {}
                field => row.rest.push((field.clone(), cell.clone())),
            }
        }
        row
    }

    /// Whether the line says of which form it is.
    pub(super) fn is_form(&self) -> bool {
        !self.form.name.is_empty() || !self.form.attributes.is_empty()
    }

    /// Whether it is of the same product as the line before it.
    fn goes_on(&self, before: &[Self]) -> bool {
        let Some(first) = before.first() else { return false };
        if !self.id.is_empty() || !first.id.is_empty() {
            return self.id == first.id;
        }
        if !self.parent.is_empty() || !first.parent.is_empty() {
            return self.parent == first.parent || first.parent.is_empty() && self.parent == first.sku;
        }
        let is_same_code = !self.sku.is_empty() && self.sku == first.sku;
        let is_same_name = !self.name.is_empty() && self.name == first.name;
        // The first may be the product itself; those after it each say of which form they are.
        self.is_form()
            && (first.is_form() || before.len() == 1 || before.iter().skip(1).all(Self::is_form))
            && (is_same_code || is_same_name)
    }
}

/// Puts lines together, one after the other.
#[derive(Debug)]
pub struct Groups {
    columns: Columns,
    rows: Vec<Row>,
    /// How many lines the product has, of which some are not kept, and the last of them.
    count: u64,
    last_line: u64,
}

impl Groups {
    /// Of a file with these columns.
    pub const fn new(columns: Columns) -> Self {
        Self { columns, rows: Vec::new(), count: 0, last_line: 0 }
    }

    /// Takes the next line below the header, and gives the product that ended before it.
    pub fn push(&mut self, line: &Line) -> Option<Draft> {
        if line.number <= self.columns.line {
            return None;
        }
        let row = Row::read(&self.columns, line);
        let done = if row.goes_on(&self.rows) { None } else { self.finish() };
        self.count += 1;
        self.last_line = row.line;
        if self.count <= MOST_LINES {
            self.rows.push(row);
        } else {
            // By the first it is told which lines follow, and what it is called. A file may be one product from its beginning to its end.
            self.rows.truncate(1);
        }
        done
    }

    /// How many lines are held.
    #[cfg(test)]
    pub const fn kept(&self) -> usize {
        self.rows.len()
    }

    /// The last product.
    pub fn finish(&mut self) -> Option<Draft> {
        let rows = std::mem::take(&mut self.rows);
        let count = std::mem::take(&mut self.count);
        if rows.is_empty() {
            return None;
        }
        let mut draft = Draft::of(rows);
        if count > MOST_LINES {
            let detail = format!("has more than {MOST_VARIANTS} variants");
            draft.errors = vec![RowError::new("variants", "too_many", &detail, draft.line)];
            (draft.rows, draft.last_line) = (count, self.last_line);
        }
        Some(draft)
    }
}
