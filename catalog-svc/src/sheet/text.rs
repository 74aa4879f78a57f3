//! Text with separators, in the encodings and with the separators that spreadsheets write.

use std::borrow::Cow;

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1258};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use super::{Broken, Cell, Line, Taker};

/// What may stand between cells. Excel writes `;` where the comma is for decimals, as in Vietnam.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Lines that are looked at for the separator.
const LOOKED_AT: usize = 10;

/// What makes a spreadsheet take a text for a formula (OWASP, "CSV Injection").
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The text of a file: by its byte order mark; else UTF-16 by its zeros, UTF-8, or Windows-1258, in which old Vietnamese programs write.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Broken> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return whole(encoding, bytes.get(mark..).unwrap_or_default());
    }
    if let Some(encoding) = wide(bytes) {
        return whole(encoding, bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    let lossy = String::from_utf8_lossy(bytes);
    let lost = lossy.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
    let marked = lossy.chars().filter(|c| !c.is_ascii()).count() - lost;
    // Mostly good UTF-8 is UTF-8 that was damaged; read as another encoding it would be nonsense that looks like text.
    if marked > lost * 10 {
        return Err(Broken("encoding"));
    }
    Ok(WINDOWS_1258.decode_without_bom_handling(bytes).0)
}

fn whole<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Result<Cow<'a, str>, Broken> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or(Broken("encoding"))
}

/// UTF-16 without a mark: every other byte of its ASCII letters is zero, always on the same side.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = bytes.get(..bytes.len().min(4_096))?;
    let zeros = |side: usize| start.iter().skip(side).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), start.len() / 2);
    let mostly = |zeros: usize, others: usize| pairs > 1 && zeros * 3 > pairs && others * 10 < pairs;
    match () {
        () if mostly(odd, even) => Some(UTF_16LE),
        () if mostly(even, odd) => Some(UTF_16BE),
        () => None,
    }
}

/// Reads a text line by line.
pub fn read(bytes: &[u8], is_known: &dyn Fn(&str) -> bool, take: Taker<'_>) -> Result<(), Broken> {
    let text = decode(bytes)?;
    let (separator, skipped) = separator(&text, is_known);
    let body = text.get(skipped..).unwrap_or_default();
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(body.as_bytes());
    let mut record = StringRecord::new();
    let mut last = "";
    while reader.read_record(&mut record).map_err(|_| Broken("broken_file"))? {
        let Some(at) = record.position() else { continue };
        // Where the record before ended: the ends of lines and the empty lines that follow are not passed yet.
        let from = usize::try_from(at.byte()).ok().and_then(|byte| body.get(byte..)).unwrap_or_default();
        last = from.trim_start_matches(['\r', '\n']);
        let passed = from.len() - last.len();
        let lines = from.bytes().take(passed).filter(|byte| *byte == b'\n').count() as u64;
        let cells: Vec<Cell> = record.iter().map(|cell| Cell::Text(unescaped(&tidy(cell)))).collect();
        if cells.iter().any(|cell| !cell.is_blank()) {
            let number = at.line() + lines + u64::from(skipped > 0);
            take(Line { number, cells })?;
        }
    }
    // A quotation mark that is never closed takes all lines that follow into its cell.
    let is_open = last.trim_end().contains(['\n', '\r']) && last.matches('"').count() % 2 == 1;
    if is_open { Err(Broken("broken_quotes")) } else { Ok(()) }
}

/// What stands between the cells, and how many bytes to skip that only say so (`sep=;`, which Excel reads and writes).
fn separator(text: &str, is_known: &dyn Fn(&str) -> bool) -> (u8, usize) {
    let first = text.split_inclusive('\n').next().unwrap_or_default();
    if let Some([separator]) = first.trim_end().strip_prefix("sep=").map(str::as_bytes)
        && SEPARATORS.contains(separator)
    {
        return (*separator, first.len());
    }
    let score = |separator: u8| {
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
        let records = reader.records().take(LOOKED_AT).map_while(Result::ok);
        let scores = records.map(|record| (record.iter().filter(|cell| is_known(&tidy(cell))).count(), record.len()));
        scores.max().unwrap_or_default()
    };
    let best = SEPARATORS.into_iter().rev().max_by_key(|separator| score(*separator));
    (best.unwrap_or(b','), 0)
}

/// Composed, without blanks and marks of direction around: Windows-1258 and some phones write tones apart from their letters.
pub fn tidy(text: &str) -> String {
    let invisible = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{200e}' | '\u{200f}');
    let text = text.trim_matches(invisible);
    if is_nfc_quick(text.chars()) == IsNormalized::Yes { text.to_owned() } else { text.nfc().collect() }
}

fn is_like_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA)
}

/// A cell that no spreadsheet takes for a formula: an apostrophe before what begins like one, also before one that has some already.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if is_like_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// Takes the apostrophe away again.
fn unescaped(text: &str) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if is_like_formula(rest) => rest.to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(super) fn lines(bytes: &[u8]) -> Result<Vec<(u64, Vec<String>)>, Broken> {
        let mut lines = Vec::new();
        let is_known = |header: &str| ["tên", "giá"].contains(&header.to_lowercase().as_str());
        read(bytes, &is_known, &mut |line: Line| {
            lines.push((line.number, line.cells.iter().map(Cell::text).collect()));
            Ok(())
        })?;
        Ok(lines)
    }

    fn plain(bytes: &[u8]) -> Vec<Vec<String>> {
        lines(bytes).unwrap().into_iter().map(|(_, cells)| cells).collect()
    }

    const TABLE: &str = "Tên,Giá\nÁo đỏ,150000\n";

    #[test]
    fn every_encoding_gives_the_same_table() {
        let wide = |order: fn(u16) -> [u8; 2]| TABLE.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let marked = |mark: &[u8], bytes: Vec<u8>| [mark.to_vec(), bytes].concat();
        let old = WINDOWS_1258.encode("Tên,Giá\nA\u{301}o đỏ".replace('ỏ', "o\u{309}").as_str()).0.into_owned();
        let want = [["Tên", "Giá"], ["Áo đỏ", "150000"]];
        for bytes in [
            TABLE.as_bytes().to_vec(),
            marked(b"\xef\xbb\xbf", TABLE.as_bytes().to_vec()),
            wide(u16::to_le_bytes),
            wide(u16::to_be_bytes),
            marked(b"\xff\xfe", wide(u16::to_le_bytes)),
            marked(b"\xfe\xff", wide(u16::to_be_bytes)),
        ] {
            assert_eq!(plain(&bytes), want);
        }
        assert_eq!(plain(&old), [vec!["Tên", "Giá"], vec!["Áo đỏ"]]);
    }

    #[test]
    fn damaged_text_is_refused_and_not_made_nonsense() {
        let mut damaged = "Tên,Giá\nÁo đỏ rất đẹp ạ bền chắc,1\n".repeat(3).into_bytes();
        damaged.extend([0xc3, 0x28]);
        assert_eq!(lines(&damaged), Err(Broken("encoding")));
        assert_eq!(lines(b"\xff\xfe\x41"), Err(Broken("encoding")));
    }

    #[test]
    fn every_separator_is_found() {
        for separator in [",", ";", "\t", "|"] {
            let table = format!("Tên{separator}Giá\n\"Áo, đỏ; to\"{separator}1.5\n");
            assert_eq!(plain(table.as_bytes()), [["Tên", "Giá"], ["Áo, đỏ; to", "1.5"]], "{separator:?}");
        }
        assert_eq!(lines("sep=;\r\nTên;Giá\r\na;1,5".as_bytes()).unwrap()[1], (3, vec!["a".into(), "1,5".into()]));
        assert_eq!(plain("Tên\nÁo".as_bytes()), [["Tên"], ["Áo"]]);
    }

    #[test]
    fn quotes_hold_lines_and_quotes_and_lines_keep_their_numbers() {
        let table = "Tên,Giá\n\n\"Áo \"\"xịn\"\"\nhai dòng\",1\n , \nQuần 5\",2";
        let want = [(1, ["Tên", "Giá"]), (3, ["Áo \"xịn\"\nhai dòng", "1"]), (6, ["Quần 5\"", "2"])];
        let got = lines(table.as_bytes()).unwrap();
        assert_eq!(got, want.map(|(at, cells)| (at, cells.map(str::to_owned).to_vec())));
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_is_told() {
        assert_eq!(lines("Tên,Giá\n\"Áo,1\nQuần,2\nMũ,3\n".as_bytes()), Err(Broken("broken_quotes")));
    }

    #[test]
    fn formulas_come_as_text_and_escapes_are_taken_off() {
        assert_eq!(plain("Tên,Giá\n=cmd|' /C calc'!A0,'=1+1\n".as_bytes())[1], ["=cmd|' /C calc'!A0", "=1+1"]);
        assert_eq!(escaped("=1+1"), "'=1+1");
        assert_eq!(escaped("Áo"), "Áo");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = lines(&bytes);
        }

        #[test]
        fn what_is_escaped_comes_back(text in "[='+@a\\-]{0,6}") {
            prop_assert!(!escaped(&text).starts_with(FORMULA));
            prop_assert_eq!(unescaped(&escaped(&text)), text);
        }
    }
}
