//! Workbooks (Office Open XML): the first sheet that can be seen, read cell by cell. What it would unpack to is measured first.

use std::io::{Cursor, Read as _, copy, sink};

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};
use zip::ZipArchive;

use super::text::tidy;
use super::{Broken, Cell, Line, MOST_COLUMNS, Taker};

/// Bytes of all parts of a workbook, unpacked. 50,000 products of twenty columns take 60 MB.
const MOST_UNPACKED: u64 = 256 * 1024 * 1024;

/// Bytes of one part that is held as a whole: texts that cells share, styles and the like. Sheets are read as they come.
const MOST_HELD: u64 = 64 * 1024 * 1024;

/// Parts of a workbook.
const MOST_PARTS: usize = 5_000;

/// Texts that cells share.
const MOST_SHARED: u64 = 2_000_000;

/// What each entry of an archive's directory begins with (PKWARE APPNOTE 4.3.12).
const ENTRY: &[u8] = b"PK\x01\x02";

/// Reads the first visible sheet line by line.
pub fn read(bytes: &[u8], take: Taker<'_>) -> Result<(), Broken> {
    measure(bytes)?;
    let mut book: Xlsx<Cursor<&[u8]>> = Xlsx::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let is_seen =
        |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible;
    let name =
        book.sheets_metadata().iter().find(is_seen).map(|sheet| sheet.name.clone()).ok_or(Broken("empty_file"))?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(|error| broken(&error))?;
    let mut line = Line { number: 0, cells: Vec::new() };
    while let Some(found) = cells.next_cell().map_err(|error| broken(&error))? {
        let (row, column) = found.get_position();
        let cell = cell(found.get_value());
        if cell.is_blank() {
            continue;
        }
        let number = u64::from(row) + 1;
        if number != line.number {
            let done = std::mem::replace(&mut line, Line { number, cells: Vec::new() });
            if !done.cells.is_empty() {
                take(done)?;
            }
        }
        let column = usize::try_from(column).map_err(|_| Broken("too_many_columns"))?;
        if column >= MOST_COLUMNS {
            return Err(Broken("too_many_columns"));
        }
        if line.cells.len() <= column {
            line.cells.resize(column + 1, Cell::Text(String::new()));
        }
        if let Some(place) = line.cells.get_mut(column) {
            *place = cell;
        }
    }
    if line.cells.is_empty() { Ok(()) } else { take(line) }
}

fn broken(error: &XlsxError) -> Broken {
    match error {
        XlsxError::Password => Broken("protected_file"),
        _ => Broken("broken_file"),
    }
}

/// Unpacks every part to nowhere: what an archive says of its sizes need not be true.
fn measure(bytes: &[u8]) -> Result<(), Broken> {
    // Whoever opens an archive makes a list of all that stands in its directory.
    if bytes.windows(ENTRY.len()).filter(|window| *window == ENTRY).count() > MOST_PARTS {
        return Err(Broken("too_large_unpacked"));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Broken("broken_file"))?;
    let mut total = 0;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|_| Broken("broken_file"))?;
        let name = part.name().map_err(|_| Broken("broken_file"))?.to_ascii_lowercase();
        let most = if name.contains("worksheets/") { MOST_UNPACKED } else { MOST_HELD };
        let mut part = part.take(most + 1);
        let size = if name.contains("sharedstrings") {
            let mut text = Vec::new();
            part.read_to_end(&mut text).map_err(|_| Broken("broken_file"))?;
            if shared(&text)? > MOST_SHARED {
                return Err(Broken("too_large_unpacked"));
            }
            text.len() as u64
        } else {
            copy(&mut part, &mut sink()).map_err(|_| Broken("broken_file"))?
        };
        total += size;
        if size > most || total > MOST_UNPACKED {
            return Err(Broken("too_large_unpacked"));
        }
    }
    Ok(())
}

/// How many texts cells share: as many as there are, or more if the part says so, for the reader makes room for what it says.
fn shared(part: &[u8]) -> Result<u64, Broken> {
    // XML has no such characters; encodings in which the bytes below mean something else need them.
    if part.iter().any(|byte| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')) {
        return Err(Broken("broken_file"));
    }
    let is_text = |tag: &[u8]| {
        let end = tag.iter().position(|byte| matches!(byte, b'>' | b'/') || byte.is_ascii_whitespace());
        let name = tag.get(..end.unwrap_or(tag.len())).unwrap_or_default();
        name == b"si" || name.ends_with(b":si")
    };
    let there = part.split(|byte| *byte == b'<').filter(|tag| is_text(tag)).count() as u64;
    let count = |from: &[u8]| {
        let digits = from.iter().skip_while(|byte| byte.is_ascii_whitespace() || b"=\"'+".contains(byte));
        let digits = digits.take_while(|byte| byte.is_ascii_digit());
        digits.fold(0_u64, |count, digit| count.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
    };
    let said = part.windows(SAID.len()).enumerate().filter(|(_, window)| *window == SAID);
    let most = said.map(|(at, _)| count(part.get(at + SAID.len()..).unwrap_or_default())).max();
    Ok(there.max(most.unwrap_or(0)))
}

/// The attribute that says how many texts there are (ECMA-376 part 1, 18.4.9).
const SAID: &[u8] = b"uniqueCount";

/// Of a formula, what it gave when the file was saved.
fn cell(value: &DataRef<'_>) -> Cell {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "spreadsheets hold every number as a double")]
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::Text(tidy(text)),
        DataRef::SharedString(text) => Cell::Text(tidy(text)),
        DataRef::Bool(flag) => Cell::Text(flag.to_string()),
        DataRef::DateTime(at) => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            Cell::Text(format!("{year:04}-{month:02}-{day:02}"))
        }
        DataRef::Error(_) => Cell::Faulty,
        DataRef::Empty => Cell::Text(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;
    use rust_xlsxwriter::{Format, Formula, Workbook};
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn lines(bytes: &[u8]) -> Result<Vec<Line>, Broken> {
        let mut lines = Vec::new();
        read(bytes, &mut |line| {
            lines.push(line);
            Ok(())
        })?;
        Ok(lines)
    }

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn cells_come_with_their_places_and_formulas_with_what_they_gave() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.merge_range(0, 0, 0, 3, "BẢNG GIÁ", &Format::new()).unwrap();
        sheet.write_string(2, 0, " A\u{301}o ").unwrap();
        sheet.write_number(2, 2, 150_000.0).unwrap();
        sheet.write_formula(3, 0, Formula::new("=1+1").set_result("2")).unwrap();
        sheet.write_formula(3, 1, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
        sheet.write_boolean(3, 2, true).unwrap();
        let got = lines(&book.save_to_buffer().unwrap()).unwrap();
        assert_eq!(got[0], Line { number: 1, cells: vec![text("BẢNG GIÁ")] });
        assert_eq!(got[1], Line { number: 3, cells: vec![text("Áo"), text(""), Cell::Number(150_000.0)] });
        assert_eq!(got[2], Line { number: 4, cells: vec![Cell::Number(2.0), Cell::Faulty, text("true")] });
    }

    #[test]
    fn hidden_sheets_are_left_out() {
        let mut book = Workbook::new();
        book.add_worksheet().set_name("A").unwrap().set_hidden(true).write_string(0, 0, "hidden").unwrap();
        book.add_worksheet().set_name("B").unwrap().write_string(0, 0, "seen").unwrap().set_active(true);
        assert_eq!(lines(&book.save_to_buffer().unwrap()).unwrap()[0].cells, [text("seen")]);
    }

    fn archive(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn a_zip_bomb_is_refused_before_it_is_held() {
        let bomb = archive(&[("xl/sharedStrings.xml", vec![b' '; usize::try_from(MOST_HELD).unwrap() + 1])]);
        assert!(bomb.len() < 1024 * 1024, "it is small: {}", bomb.len());
        assert_eq!(lines(&bomb), Err(Broken("too_large_unpacked")));
        let many: Vec<(String, Vec<u8>)> = (0..=MOST_PARTS).map(|n| (n.to_string(), Vec::new())).collect();
        let many: Vec<(&str, Vec<u8>)> = many.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
        assert_eq!(lines(&archive(&many)), Err(Broken("too_large_unpacked")));
        // A directory that nobody could read to its end, in one that says it is short.
        let directory = [archive(&[]), ENTRY.repeat(MOST_PARTS + 1)].concat();
        assert_eq!(lines(&directory), Err(Broken("too_large_unpacked")));
    }

    #[test]
    fn texts_that_cells_share_are_counted_before_the_reader_makes_room() {
        for (part, count) in [
            (r#"<sst uniqueCount="1"><si><t>a</t></si><si/><x:si ><t>b</t></x:si></sst>"#, 3),
            (r#"<sst count="9" uniqueCount = '99999999999999999999'/>"#, u64::MAX),
            ("<sst><sit/><t>si</t></sst>", 0),
        ] {
            assert_eq!(shared(part.as_bytes()), Ok(count), "{part}");
        }
        let wide: Vec<u8> = "<sst/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(shared(&wide), Err(Broken("broken_file")));
        let many = "<si/>".repeat(usize::try_from(MOST_SHARED).unwrap() + 1).into_bytes();
        let said = br#"<sst uniqueCount="400000000000"></sst>"#.to_vec();
        for part in [many, said] {
            assert_eq!(lines(&archive(&[("xl/SharedStrings.xml", part)])), Err(Broken("too_large_unpacked")));
        }
    }

    #[test]
    fn a_broken_archive_is_refused() {
        let mut book = Workbook::new();
        book.add_worksheet().write_string(0, 0, "Tên sản phẩm").unwrap();
        let good = book.save_to_buffer().unwrap();
        assert_eq!(lines(&good[..good.len() / 2]), Err(Broken("broken_file")));
        assert_eq!(lines(b"PK\x03\x04 and nothing"), Err(Broken("broken_file")));
        assert_eq!(lines(&archive(&[("a.txt", b"no workbook".to_vec())])), Err(Broken("broken_file")));
        let mut wide = Workbook::new();
        wide.add_worksheet().write_string(0, 5_000, "far").unwrap();
        assert_eq!(lines(&wide.save_to_buffer().unwrap()), Err(Broken("too_many_columns")));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_damaged_workbook_is_read_or_refused(at in 0_usize..4_000, byte in any::<u8>()) {
            let mut book = Workbook::new();
            book.add_worksheet().write_string(0, 0, "Tên sản phẩm").unwrap();
            let mut bytes = book.save_to_buffer().unwrap();
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = lines(&bytes);
        }
    }
}
