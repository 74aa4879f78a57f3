//! Which column is what, by its header in Vietnamese or English, marks, case and signs aside.

mod names;

use std::collections::HashSet;

use chatdesk_platform::fold;

use self::names::{ATTRIBUTES, NAMES, SECRETS};
use crate::sheet::{Broken, Cell, Line};

/// Lines in which the header is looked for: a title, a date and the like may stand above it.
const LOOKED_AT: usize = 10;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Field {
    /// Our id of a product, in a file that we wrote.
    Id,
    /// What it is called.
    Name,
    /// What there is to say about it.
    Description,
    /// What it costs.
    Price,
    /// In which currency.
    Currency,
    /// The shop's code.
    Sku,
    /// The code of the product that a line is a form of.
    Parent,
    /// What it is sorted by.
    Category,
    /// How many are left.
    Stock,
    /// Whether it can be sold.
    Status,
    /// Links to pictures.
    Images,
    /// The name of one form of it.
    Variant,
    /// All attributes of a form, as `Màu: Đỏ; Size: M`.
    Attributes,
    /// One attribute of a form, by its name.
    Attribute(String),
    /// A JSON object, in a file that we wrote.
    ExtraInfo,
    /// Something else to say, by its name.
    Other(String),
    /// What customers must not be told, such as what the shop paid.
    Secret,
}

impl Field {
    /// The name that is shown, as in the API where it has the field.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Description => "description",
            Self::Price => "price",
            Self::Currency => "currency",
            Self::Sku => "sku",
            Self::Parent => "parent",
            Self::Category => "category",
            Self::Stock => "stock",
            Self::Status => "status",
            Self::Images => "image_urls",
            Self::Variant => "variant",
            Self::Attributes | Self::Attribute(_) => "attributes",
            Self::ExtraInfo | Self::Other(_) => "extra_info",
            Self::Secret => "ignored",
        }
    }
}

/// Letters and digits, with one blank between words.
fn plain(header: &str) -> String {
    let folded = fold(header);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn field(header: &str) -> Option<Field> {
    let plain = plain(header);
    let named = |name: &str| NAMES.iter().find(|(_, names)| names.contains(&name)).map(|(field, _)| field.clone());
    if let Some(field) = named(&plain) {
        return Some(field);
    }
    // "Giá vốn trung bình", "Giá sỉ (từ 10 cái)".
    let mut rests = SECRETS.iter().filter_map(|start| plain.strip_prefix(start));
    if rests.any(|rest| rest.is_empty() || rest.starts_with(' ')) {
        return Some(Field::Secret);
    }
    let is_attribute = |names: &&[&str]| names.contains(&plain.as_str());
    if let Some((name, _)) = ATTRIBUTES.iter().find(|(_, names)| is_attribute(names)) {
        return Some(Field::Attribute((*name).to_owned()));
    }
    // "Hình ảnh 2", and "Giá bán (VNĐ)" or "Tên sản phẩm *" as forms are printed.
    let counted = plain.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
    if named(counted) == Some(Field::Images) {
        return Some(Field::Images);
    }
    let (bare, _) = header.split_once('(')?;
    named(&self::plain(bare))
}

/// Whether a header means something.
pub fn is_known(header: &str) -> bool {
    field(header).is_some()
}

/// The columns of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The line of the header.
    pub line: u64,
    columns: Vec<(String, Field)>,
}

impl Columns {
    /// Finds the header among the first lines: the one with most columns that mean something, if one of them is the name.
    pub fn find(lines: &[Line]) -> Result<Self, Broken> {
        let known = |line: &Line| line.cells.iter().filter(|cell| is_known(&cell.text())).count();
        let has_name = |line: &&Line| line.cells.iter().any(|cell| field(&cell.text()) == Some(Field::Name));
        if lines.is_empty() {
            return Err(Broken("empty_file"));
        }
        // Of equals the first: what follows it are products.
        let header = lines.iter().take(LOOKED_AT).filter(has_name).rev().max_by_key(|line| known(line));
        Self::of(header.ok_or(Broken("no_name_column"))?)
    }

    fn of(header: &Line) -> Result<Self, Broken> {
        let mut seen = HashSet::new();
        let mut taken: Vec<Field> = Vec::new();
        let mut columns = Vec::with_capacity(header.cells.len());
        for (at, cell) in (0..).zip(&header.cells) {
            let text = cell.text();
            let name = plain(&text);
            let found = field(&text);
            if found != Some(Field::Images) && !name.is_empty() && !seen.insert(name) {
                return Err(Broken("duplicate_column"));
            }
            let other = || Field::Other(if text.is_empty() { format!("Cột {}", letters(at)) } else { text.clone() });
            let field = match found {
                Some(field @ (Field::Images | Field::Secret)) => field,
                // "Giá" beside "Giá bán": the first is the field, the other is something else to say.
                Some(field) if !taken.contains(&field) => field,
                _ => other(),
            };
            taken.push(field.clone());
            columns.push((text, field));
        }
        Ok(Self { line: header.number, columns })
    }

    /// Each header with what it was taken for.
    pub fn shown(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.columns.iter().map(|(header, field)| (header.as_str(), field.as_str()))
    }

    /// The cells of a line with what they are; what stands beyond the last header has no field.
    pub fn cells<'a>(&'a self, line: &'a Line) -> impl Iterator<Item = (Option<&'a Field>, &'a Cell)> {
        let fields = self.columns.iter().map(|(_, field)| Some(field)).chain(std::iter::repeat(None));
        fields.zip(&line.cells)
    }
}

/// A column as spreadsheets name it.
fn letters(at: u32) -> String {
    let last = char::from_u32('A' as u32 + at % 26).unwrap_or('?');
    if at < 26 { last.to_string() } else { format!("{}{last}", letters(at / 26 - 1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u64, cells: &[&str]) -> Line {
        Line { number, cells: cells.iter().map(|cell| Cell::Text((*cell).to_owned())).collect() }
    }

    fn shown(lines: &[Line]) -> Result<(u64, Vec<&'static str>), &'static str> {
        let columns = Columns::find(lines).map_err(|broken| broken.0)?;
        Ok((columns.line, columns.shown().map(|(_, field)| field).collect()))
    }

    #[test]
    fn headers_in_both_languages_are_known() {
        let vietnamese = line(
            1,
            &[
                "Tên sản phẩm",
                "GIÁ BÁN (VNĐ)",
                "Mô tả",
                "Tồn kho",
                "Mã SP",
                "Danh mục",
                "Hình ảnh",
                "Hình ảnh 2",
                "Màu",
                "Size",
                "Xuất xứ",
                "Giá vốn",
            ],
        );
        let want = [
            "name",
            "price",
            "description",
            "stock",
            "sku",
            "category",
            "image_urls",
            "image_urls",
            "attributes",
            "attributes",
            "extra_info",
            "ignored",
        ];
        assert_eq!(shown(&[vietnamese]), Ok((1, want.to_vec())));
        assert_eq!(shown(&[line(1, &["Product_Name*", "price", "QTY"])]), Ok((1, vec!["name", "price", "stock"])));
        assert_eq!(shown(&[line(1, &["ten sp", "gia", "Giá bán"])]), Ok((1, vec!["name", "price", "extra_info"])));
    }

    #[test]
    fn what_the_shop_pays_and_earns_is_left_out_however_it_goes_on() {
        for header in [
            "Giá vốn trung bình",
            "GIÁ NHẬP gần nhất",
            "Giá sỉ (từ 10 cái)",
            "Giá (sỉ)",
            "Hoa hồng",
            "Chiết khấu %",
            "Cost price",
            "cost_per_item",
            "Nhà cung cấp 2",
        ] {
            assert_eq!(field(header), Some(Field::Secret), "{header}");
        }
        assert_eq!(field("Giá"), Some(Field::Price));
        assert_eq!(field("Costume"), None, "whole words only");
        let columns = Columns::find(&[line(1, &["Tên", "Giá", "Giá sỉ", "Giá sỉ 2"])]).unwrap();
        let shown: Vec<_> = columns.shown().map(|(_, field)| field).collect();
        assert_eq!(shown, ["name", "price", "ignored", "ignored"]);
    }

    #[test]
    fn a_title_above_and_blank_headers_are_no_trouble() {
        let lines = [
            line(1, &["BẢNG GIÁ 2026"]),
            line(2, &["", "Giá"]),
            line(4, &["Tên", "Giá", "", "Màu"]),
            line(5, &["Tên gì đó", "1"]),
        ];
        assert_eq!(shown(&lines), Ok((4, vec!["name", "price", "extra_info", "attributes"])));
        assert_eq!(Columns::find(&lines).unwrap().columns[2].1, Field::Other("Cột C".to_owned()));
        assert_eq!(
            (letters(25), letters(26), letters(701), letters(702)),
            ("Z".into(), "AA".into(), "ZZ".into(), "AAA".into())
        );
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        assert_eq!(shown(&[]), Err("empty_file"));
        assert_eq!(shown(&[line(1, &["Giá", "Mô tả"])]), Err("no_name_column"));
        assert_eq!(shown(&[line(1, &["Tên", "Xuất xứ", "xuat xu"])]), Err("duplicate_column"));
    }
}
