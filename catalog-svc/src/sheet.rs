//! Tables in files: text with separators and workbooks, read line by line and written. Pure; refuses files that would take more memory
//! than they may. It knows nothing of products.

pub mod text;
pub mod workbook;

/// The most lines with something in them, beside the header.
pub const MOST_LINES: u64 = 100_000;

/// The most columns.
pub const MOST_COLUMNS: usize = 1_000;

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text with separators.
    Csv,
    /// A workbook of Excel 2007 or later.
    Xlsx,
}

impl Format {
    /// The name that is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// The format of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Csv, Self::Xlsx].into_iter().find(|format| format.as_str() == name)
    }

    /// What the bytes are, whatever anybody says they are; none for the workbooks of old Excel, documents and pictures.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        // Signatures: PKWARE APPNOTE 4.3.7; Microsoft MS-CFB 2.2; ISO 32000-1 7.5.2; RFC 2083 3.1; ITU T.81 B.1.1.3; GIF89a 17.
        let others: [&[u8]; 5] = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8"];
        match bytes {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Self::Xlsx),
            _ if others.iter().any(|start| bytes.starts_with(start)) => None,
            _ => Some(Self::Csv),
        }
    }
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Text, in composed form and without blanks around; maybe empty.
    Text(String),
    /// A number of a workbook.
    Number(f64),
    /// A formula that gives an error.
    Faulty,
}

impl Cell {
    /// Nothing to see.
    pub const fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    /// As a person would read it.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Faulty => String::new(),
        }
    }
}

/// A line with something in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Of the file, from 1.
    pub number: u64,
    /// From the first column on; blank ones at the end may be missing.
    pub cells: Vec<Cell>,
}

/// Why a file cannot be read, as a stable code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub &'static str);

/// Takes lines one after the other; what it refuses ends the reading.
pub type Taker<'a> = &'a mut dyn FnMut(Line) -> Result<(), Broken>;

/// Reads a file line by line. `is_known` tells whether a header is one that means something, by which the separator is chosen.
pub fn read(format: Format, bytes: &[u8], is_known: &dyn Fn(&str) -> bool, take: Taker<'_>) -> Result<(), Broken> {
    let mut count = 0_u64;
    let mut within = |line: Line| {
        if line.cells.len() > MOST_COLUMNS {
            return Err(Broken("too_many_columns"));
        }
        // The header is a line too.
        count += 1;
        if count > MOST_LINES + 1 { Err(Broken("too_many_rows")) } else { take(line) }
    };
    match format {
        Format::Csv => text::read(bytes, is_known, &mut within),
        Format::Xlsx => workbook::read(bytes, &mut within),
    }
}
