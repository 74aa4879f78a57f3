//! Reads a file twice: once to know that it can be read to its end, before anything is written, and once to take it over.

use std::collections::HashMap;

use tokio::sync::mpsc::Sender;

use crate::intake::{Columns, Draft, Groups, RowError, is_known};
use crate::model::import::UpdateBy;
use crate::sheet::{self, Broken, Format, Line, MOST_LINES};

/// Products of one piece, and words by which they are found: with as many spellings it is still written in a second.
const PIECE: usize = 100;
const PIECE_WORDS: usize = 5_000;

/// Lines that the header is looked for in.
const FIRST: usize = 10;

/// Errors that are told of one product.
const MOST_ERRORS: usize = 20;

/// What is known of a file once it was read through.
#[derive(Debug)]
pub struct Plan {
    /// Each header with the field it was taken for.
    pub columns: Vec<(String, String)>,
    /// Rows below the header.
    pub rows: u64,
}

/// Some products of a file.
#[derive(Debug)]
pub struct Piece {
    /// In the order of the file.
    pub drafts: Vec<Draft>,
}

/// What the reader has found, in this order: the plan, then pieces.
#[derive(Debug)]
pub enum Found {
    /// The file can be read.
    Plan(Plan),
    /// The next products.
    Piece(Piece),
}

/// How a file is read.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// What it is.
    pub format: Format,
    /// What products are known by.
    pub update_by: UpdateBy,
    /// Products up to this line are left out: they have their outcome.
    pub place: u64,
}

impl Reading {
    /// Reads it on the thread that it is called on, as fast as what it finds is taken.
    pub fn run(&self, bytes: &[u8], to: &Sender<Found>) -> Result<(), Broken> {
        let (columns, rows) = self.look(bytes)?;
        let shown = columns.shown().map(|(header, field)| (header.replace('\0', "␀"), field.to_owned())).collect();
        send(to, Found::Plan(Plan { columns: shown, rows }))?;
        let mut groups = Groups::new(columns);
        let mut seen = HashMap::new();
        let (mut waiting, mut words) = (Vec::with_capacity(PIECE), 0);
        let mut hand = |draft: Draft| {
            let draft = self.checked(draft, &mut seen);
            if draft.last_line > self.place {
                words += draft.words();
                waiting.push(draft);
            }
            if waiting.len() < PIECE && words < PIECE_WORDS {
                Ok(())
            } else {
                words = 0;
                send(to, Found::Piece(Piece { drafts: std::mem::take(&mut waiting) }))
            }
        };
        sheet::read(self.format, bytes, &is_known, &mut |line| groups.push(&line).map_or(Ok(()), &mut hand))?;
        groups.finish().map_or(Ok(()), &mut hand)?;
        if waiting.is_empty() { Ok(()) } else { send(to, Found::Piece(Piece { drafts: waiting })) }
    }

    /// The columns and the number of rows.
    fn look(&self, bytes: &[u8]) -> Result<(Columns, u64), Broken> {
        let mut first: Vec<Line> = Vec::new();
        let mut numbers = Vec::new();
        let mut count = 0_u64;
        sheet::read(self.format, bytes, &is_known, &mut |line| {
            count += 1;
            if first.len() < FIRST {
                numbers.push(line.number);
                first.push(line);
            }
            Ok(())
        })?;
        let columns = Columns::find(&first)?;
        let above = numbers.iter().filter(|number| **number <= columns.line).count() as u64;
        let rows = count - above;
        match rows {
            0 => Err(Broken("empty_file")),
            rows if rows > MOST_LINES => Err(Broken("too_many_rows")),
            rows => Ok((columns, rows)),
        }
    }

    /// Refuses what another product of the file is already: by our id, by its sku, or where it has neither, by its name.
    fn checked(&self, mut draft: Draft, seen: &mut HashMap<(&'static str, String), u64>) -> Draft {
        let id = draft.id.map(|id| ("id", id.to_string()));
        let sku = Some(("sku", draft.sku.clone())).filter(|(_, sku)| !sku.is_empty());
        let is_by_name = self.update_by == UpdateBy::Name || sku.is_none();
        let name =
            Some(("name", draft.name.clone())).filter(|(_, name)| is_by_name && id.is_none() && !name.is_empty());
        for (field, value) in [id, sku, name].into_iter().flatten() {
            if let Some(line) = seen.get(&(field, value.clone())) {
                let detail = format!("line {line} of the file has it already");
                draft.errors.push(RowError::new(field, "duplicate", &detail, draft.line));
            } else {
                seen.insert((field, value), draft.line);
            }
        }
        draft.errors.truncate(MOST_ERRORS);
        draft
    }
}

fn send(to: &Sender<Found>, found: Found) -> Result<(), Broken> {
    // Whoever took them has stopped, and will not look at why the reader did.
    to.blocking_send(found).map_err(|_| Broken("internal"))
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[test]
    fn pieces_are_of_so_many_products_or_of_so_many_words() {
        let pieces = |rows: usize, words: usize| {
            let text = |row: usize| (0..words).map(|word| format!("w{row}x{word} ")).collect::<String>();
            let rows = (0..rows).map(|row| format!("Áo {row},1,{}\n", text(row))).collect::<String>();
            let (sender, mut receiver) = mpsc::channel(100);
            let reading = Reading { format: Format::Csv, update_by: UpdateBy::Nothing, place: 0 };
            reading.run(format!("Tên,Giá,Mô tả\n{rows}").as_bytes(), &sender).unwrap();
            drop(sender);
            let mut pieces = Vec::new();
            while let Some(found) = receiver.blocking_recv() {
                if let Found::Piece(piece) = found {
                    pieces.push(piece.drafts.len());
                }
            }
            pieces
        };
        assert_eq!(pieces(250, 2), [100, 100, 50]);
        // 500 words and as many pairs are more than are made of a product.
        assert_eq!(pieces(20, 500), [9, 9, 2]);
    }
}
