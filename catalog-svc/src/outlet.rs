//! Writes products as lines of a file, in the columns that an import knows: a line for the product, then one for each form of it, all with
//! the product's id.

use chatdesk_platform::Error;
use rust_xlsxwriter::Workbook;

use crate::model::{Minor, Product, Stock, Variant};
use crate::sheet::text::escaped;
use crate::sheet::{Cell, Format};

/// The columns, as an import knows them.
const HEADER: [&str; 13] = [
    "Tên sản phẩm",
    "Mã SP",
    "Danh mục",
    "Giá bán",
    "Tiền tệ",
    "Tồn kho",
    "Trạng thái",
    "Phiên bản",
    "Thuộc tính",
    "Mô tả",
    "Hình ảnh",
    "Thông tin thêm",
    "ID",
];

/// Lines of a sheet (ECMA-376 part 1, 18.3.1.73, as Excel has it).
const MOST_LINES: u32 = 1_048_576;

/// What a spreadsheet takes as a number without a loss.
const MOST_EXACT: i64 = 999_999_999_999_999;

/// A line's cells, in the order of the columns.
type Cells = [Cell; HEADER.len()];

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

const fn blank() -> Cell {
    Cell::Text(String::new())
}

#[expect(clippy::cast_precision_loss, reason = "of 15 digits, which a double holds exactly")]
fn number(number: i64) -> Cell {
    if number <= MOST_EXACT { Cell::Number(number as f64) } else { Cell::Text(number.to_string()) }
}

/// A price as it is read again: whole units as a number, others as a decimal text with all decimals.
fn price(minor: i64, decimals: u32) -> Cell {
    let unit = 10_i64.pow(decimals);
    if decimals == 0 {
        return number(minor);
    }
    // With two decimals behind a point nobody takes it for thousands; with three, a comma would be, so the currency stands beside it.
    let width = decimals as usize;
    Cell::Text(format!("{}.{:0width$}", minor / unit, minor % unit))
}

/// `Màu: Đỏ; Size: M`, with backslashes before what would part them.
fn attributes(variant: &Variant) -> Cell {
    let plain = |text: &str| text.replace('\\', "\\\\").replace(';', "\\;").replace(':', "\\:");
    let pairs = variant.attributes.iter().map(|(name, value)| format!("{}: {}", plain(name), plain(value)));
    Cell::Text(pairs.collect::<Vec<_>>().join("; "))
}

/// A product's lines.
pub fn lines(product: &Product) -> Vec<Cells> {
    let content = &product.content;
    let decimals = content.price.currency().decimals();
    let id = text(&product.id.to_string());
    let stock = |stock: Option<Stock>| stock.map_or_else(blank, |stock| number(stock.count()));
    let status = match content.status {
        crate::model::Status::Available => "Còn hàng",
        crate::model::Status::OutOfStock => "Hết hàng",
    };
    let extra_info = Some(content.extra_info.as_str()).filter(|text| *text != "{}").unwrap_or_default();
    let own = [
        text(content.name.as_str()),
        text(content.sku.as_str()),
        text(content.category.as_str()),
        price(content.price.minor(), decimals),
        text(content.price.currency().code()),
        stock(content.stock),
        text(status),
        blank(),
        blank(),
        text(content.description.as_str()),
        text(&content.image_urls.texts().join(" ")),
        text(extra_info),
        id.clone(),
    ];
    let form = |variant: &Variant| {
        let mut cells: Cells = std::array::from_fn(|_| blank());
        cells[0] = text(content.name.as_str());
        cells[1] = text(variant.sku.as_str());
        cells[3] = variant.price.map_or_else(blank, |minor| price(Minor::get(minor), decimals));
        cells[5] = stock(variant.stock);
        cells[7] = text(&variant.name);
        cells[8] = attributes(variant);
        cells[12] = id.clone();
        cells
    };
    std::iter::once(own).chain(content.variants.iter().map(form)).collect()
}

/// A file that is being written.
pub enum Outlet {
    /// Text with commas. Holds what was not taken yet.
    Csv(Box<csv::Writer<Vec<u8>>>),
    /// A workbook, and its next line. Its lines go to a file of the system's until the end.
    Xlsx(Box<Workbook>, u32),
}

impl Outlet {
    /// A file with its header.
    pub fn new(format: Format) -> Result<Self, Error> {
        let mut outlet = match format {
            // Excel takes a text without this mark for one of the machine's old encoding.
            Format::Csv => Self::Csv(Box::new(csv::Writer::from_writer(b"\xef\xbb\xbf".to_vec()))),
            Format::Xlsx => {
                let mut book = Workbook::new();
                // Where no file can be written, the lines are held in memory.
                if book.add_worksheet_with_constant_memory().is_err() {
                    book.add_worksheet();
                }
                Self::Xlsx(Box::new(book), 0)
            }
        };
        outlet.write(&[HEADER.map(text)])?;
        Ok(outlet)
    }

    /// Adds lines; refuses what a sheet has no room for.
    pub fn write(&mut self, lines: &[Cells]) -> Result<(), Error> {
        for cells in lines {
            match self {
                Self::Csv(writer) => {
                    let texts = cells.iter().map(|cell| escaped(&cell.text()).into_owned());
                    writer.write_record(texts).map_err(Error::internal)?;
                }
                Self::Xlsx(_, MOST_LINES..) => {
                    let detail = format!("a sheet has no room for more than {MOST_LINES} lines; a CSV file has");
                    return Err(Error::Precondition { code: "too_many_rows", detail });
                }
                Self::Xlsx(book, row) => {
                    let sheet = book.worksheet_from_index(0).map_err(Error::internal)?;
                    for (column, cell) in (0..).zip(cells) {
                        let written = match cell {
                            Cell::Number(number) => sheet.write_number(*row, column, *number),
                            Cell::Text(text) if text.is_empty() => continue,
                            // A text is never taken for a formula here, so it stays as it is.
                            cell => sheet.write_string(*row, column, cell.text()),
                        };
                        written.map_err(Error::internal)?;
                    }
                    *row += 1;
                }
            }
        }
        Ok(())
    }

    /// The bytes that are ready to go.
    pub fn ready(&mut self) -> Vec<u8> {
        match self {
            Self::Csv(writer) => {
                let next = csv::Writer::from_writer(Vec::new());
                std::mem::replace(writer.as_mut(), next).into_inner().unwrap_or_default()
            }
            Self::Xlsx(..) => Vec::new(),
        }
    }

    /// The rest of the bytes.
    pub fn finish(&mut self) -> Result<Vec<u8>, Error> {
        match self {
            Self::Csv(_) => Ok(self.ready()),
            Self::Xlsx(book, _) => book.save_to_buffer().map_err(Error::internal),
        }
    }
}

#[cfg(test)]
mod tests;
