const HEADER = [
  "Tên sản phẩm",
  "Mã SP",
  "Danh mục",
  "Giá bán",
  "Tồn kho",
  "Màu",
  "Size",
  "Mô tả",
  "Hình ảnh",
  "Mã SP cha",
];
/** A product with two forms, and one without. */
const EXAMPLES = [
  [
    "Áo thun cotton",
    "AT01-DEN-M",
    "Áo thun",
    "150000",
    "12",
    "Đen",
    "M",
    "Cotton 100%, form rộng",
    "",
    "AT01",
  ],
  ["Áo thun cotton", "AT01-TRANG-L", "Áo thun", "159000", "8", "Trắng", "L", "", "", "AT01"],
  ["Mũ len trơn", "ML01", "Phụ kiện", "89000", "20", "", "", "Len mềm, giữ ấm tốt", "", ""],
];

/** A file to begin with, which spreadsheets open with its letters as they are. */
export function template(): Blob {
  const lines = [HEADER, ...EXAMPLES].map((line) => line.map(quoted).join(","));
  return new Blob([`\uFEFF${lines.join("\r\n")}\r\n`], { type: "text/csv;charset=utf-8" });
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
