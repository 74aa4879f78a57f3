//! How customers write and ask: short forms of chats, words that only ask, and which language a word may be of. Pure.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::marks::{Marks, toned};
use super::table::ENGLISH as ENGLISH_WORDS;
use crate::words;

/// Short forms of chats and what they mean. Forms that are words of their own are missing on purpose.
const SHORT: &str = "sz size|siz size|sai size|srm sua rua mat|kcn kem chong nang|tdc tay da chet|tbc te bao chet|nc nuoc|\
    dt dien thoai|dth dien thoai|dthoai dien thoai|dtdd dien thoai|sdt so dien thoai|ip iphone|iphon iphone|mtb may tinh bang|\
    sdp sac du phong|qj quan jean|qjean quan jean|jin jean|jeans jean|jeen jean|thik thich|thic thich|iu yeu|mk minh|mik minh|bik biet|\
    hc hoc|lm lam|lun luon|wa qua|zay vay|dzay vay|gj gi|ntn nhu the nao|nt nhan tin|bnhiu bao nhieu|bnhieu bao nhieu|\
    bn bao nhieu|bnh bao nhieu|nhiu nhieu|gtien gia tien|gja gia|dc duoc|dk duoc|sp san pham|\
    k khong|ko khong|kh khong|hk khong|hok khong|hem khong|khg khong|\
    sop shop|okela ok|ms moi|ng nguoi|bh bao hanh|fs free size|freeship mien phi ship|fom form|phom form|blutooth bluetooth|\
    tws true wireless|tpcn thuc pham chuc nang|ss so sinh|vsinh ve sinh|ncxv nuoc xa vai|nrc nuoc rua chen|ttrang tay trang|dgd dau goi dau|\
    aosomi ao so mi|somi so mi|aokhoac ao khoac|quanjean quan jean|hsd han su dung|nsx san xuat|auth chinh hang|authentic chinh hang|\
    vn viet nam|hq han quoc|vk vo|ck chong|ny nguoi yeu|bf ban trai|gf ban gai";

/// Words that say only how one asks, with their marks, besides those of [`words::asks`].
const ASKING: &str = "ạ à á ơi nhé nha nhá nhỉ hả hở vậy thế thì là mà và với vs của cho cái các chiếc con có còn không ko k kh khong hok \
    hông đi được đc gì nào này kia ấy đó đấy sao bao nhiêu nhiu nhiều mấy đâu khi giá tiền mình em anh chị bạn tôi mk shop sp ad admin \
    alo chào xin hỏi tư vấn giúp giùm xem muốn mún mua cần tìm bên nhà hàng loại mẫu màu kiểu về rồi ra lên vào luôn ngay đang đã sẽ \
    nên phải bị lại nữa đây như nếu hay hoặc ai biết thấy nghe nói cảm ơn dạ vâng ok oke ib inbox rep ship check báo gửi lấy đặt chốt order \
    v z r j dz zậy dzậy bn sản phẩm tên tới từ tại nè ha hen hem hôm nay mai bữa giờ chưa cũng đều chỉ rất quá lắm hơi ưi nghen thôi thật chắc vì để thêm những một";
/// English words that say only how one asks.
const ASKING_ENGLISH: &str = "a an the i im m you your u we my me it its this that these those is are am be do does did have has had can could \
    would will shall may any some all there here what which who how much many price cost costs buy get need want wants looking look find \
    show see recommend suggest tell sell selling available availability stock have in on at of to for with and or but not no from by as \
    please pls plz thanks thank hi hello hey good something anything thing things one ones kind type like d ll s re ve t up out so if when \
    go going wear use used using shop store guys us give also too very really best nice new more";
/// Which of them make a question English: they are no Vietnamese syllables.
const ENGLISH: &str = "the for with have has you your sell selling looking need want please any is are much how what which there something \
    buy price does do can under below my this that available best show recommend in stock cost and";

/// Words that without marks are something else as well, and with these marks only ask.
const PERHAPS: &str = "bạn bao cảm cần hông tìm vậy";

/// Words that say little by themselves.
const LITTLE: &str = "dùng xài mặc đeo mang tốt đẹp rẻ xịn hot mới sẵn hàng làm người nhiều loại dòng kiểu mẫu \
    set combo chuyên chất lượng chính hãng uy tín hợp phù cái nhất nhỏ to lớn sao nào trị bôi thoa chồng vợ mẹ \
    con nhà chỗ lúc ngày tháng tuổi giúp hết khỏi bớt";
const LITTLE_ENGLISH: &str = "size color colour style brand good quality top item product products people person";

/// Together these only ask, whatever each may be by itself.
const TOGETHER: &[(&str, &str)] = &[
    ("bao", "nhieu"),
    ("cam", "on"),
    ("may", "tien"),
    ("tu", "van"),
    ("san", "pham"),
    ("gia", "tien"),
    ("nhu", "the"),
    ("nhieu", "tien"),
];

/// Units that are written beside their number or behind it.
const UNITS: &[&str] = &[
    "ml", "l", "lit", "g", "gr", "gam", "gram", "kg", "ky", "cm", "mm", "m", "met", "mah", "w", "gb", "tb", "inch",
    "in", "mp", "k", "hz", "v",
];
const SAME_UNITS: &[(&str, &str)] = &[
    ("l", "lit"),
    ("lit", "l"),
    ("g", "gr"),
    ("gr", "g"),
    ("gram", "g"),
    ("gam", "g"),
    ("ky", "kg"),
    ("met", "m"),
    ("m", "met"),
];
const SAME: &[(&str, &str)] = &[
    ("2xl", "xxl"),
    ("xxl", "2xl"),
    ("3xl", "xxxl"),
    ("xxxl", "3xl"),
    ("freesize", "free size"),
    ("cafe", "ca phe"),
    ("caphe", "ca phe"),
    ("oto", "o to"),
    ("balo", "ba lo"),
    ("wifi", "wi fi"),
    ("bt", "bluetooth"),
];

static SHORTS: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let entry = |line: &str| {
        let (short, long) = line.trim().split_once(' ')?;
        Some((words::split(short).into_iter().next()?, long.split(' ').map(str::to_owned).collect()))
    };
    SHORT.split('|').filter_map(entry).collect()
});

/// Words by their form without marks, each with the marks it may have.
fn marked(list: &str) -> HashMap<String, Vec<String>> {
    let mut known: HashMap<String, Vec<String>> = HashMap::new();
    for word in list.split_whitespace() {
        for folded in words::split(word) {
            known.entry(folded).or_default().push(toned(word));
        }
    }
    known
}

static ASKS: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| marked(ASKING));
static MAY_ASK: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| marked(PERHAPS));
static SAYS_LITTLE: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| marked(LITTLE));
static SAYS_LITTLE_ENGLISH: LazyLock<HashSet<&str>> = LazyLock::new(|| LITTLE_ENGLISH.split_whitespace().collect());
static ASKS_ENGLISH: LazyLock<HashSet<&str>> = LazyLock::new(|| ASKING_ENGLISH.split_whitespace().collect());
static TELLS_ENGLISH: LazyLock<HashSet<&str>> = LazyLock::new(|| ENGLISH.split_whitespace().collect());

fn is_number(word: &str) -> bool {
    words::is_number(word)
}

/// The words with short forms written out, and a number that is glued to what it numbers set apart: "ip14" is "iphone 14".
pub fn written_out(all: Vec<String>, marks: &Marks) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(all.len());
    for word in all {
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = word.get(letters.len()..).unwrap_or_default();
        // A short form is typed without the marks of another word.
        let is_syllable = |short: &str| short.contains(['a', 'e', 'i', 'o', 'u', 'y']);
        let is_other = |short: &str| is_syllable(short) && marks.is_marked(short) && !marks.fits(short, short);
        let long = |short: &str| SHORTS.get(short).filter(|_| !is_other(short));
        if let Some(long) = long(&word) {
            out.extend(long.iter().cloned());
        } else if !number.is_empty() && matches!(letters, "ip" | "iphone" | "sz" | "size" | "sai") {
            out.extend(long(letters).cloned().unwrap_or_else(|| vec![letters.to_owned()]));
            out.push(number.to_owned());
        } else {
            out.push(word);
        }
    }
    out
}

/// Whether two neighbours only ask.
pub fn asks_together(a: &str, b: &str) -> bool {
    TOGETHER.contains(&(a, b))
}

/// Whether the word only says how one asks. Marks that no such word has tell another one; without marks, only what products do not
/// have by itself is sure.
pub fn only_asks(word: &str, marks: &Marks, is_english: bool) -> bool {
    if is_english {
        return ASKS_ENGLISH.contains(word);
    }
    let forms = ASKS.get(word).or_else(|| MAY_ASK.get(word));
    let has_form = |toned: bool| {
        forms.is_some_and(|forms| forms.iter().any(|form| (form != word) == toned && marks.fits(word, form)))
    };
    if marks.is_marked(word) {
        return has_form(true);
    }
    words::asks(word) || (has_form(false) && !SAYS_LITTLE.contains_key(word)) || (marks.is_literal() && has_form(false))
}

/// Whether the word may only say how one asks: its marks are missing, or others than such words have.
pub fn perhaps_asks(word: &str, marks: &Marks) -> bool {
    let is_one = ASKS.contains_key(word) || MAY_ASK.contains_key(word);
    (is_one && !marks.is_marked(word)) || (words::asks(word) && marks.is_marked(word))
}

/// Whether the word says little by itself.
pub fn says_little(word: &str, marks: &Marks, is_english: bool) -> bool {
    let is_one = || SAYS_LITTLE.get(word).is_some_and(|forms| forms.iter().any(|form| marks.fits(word, form)));
    word.len() == 1 || if is_english { SAYS_LITTLE_ENGLISH.contains(word) } else { is_one() }
}

/// Whether a question is English.
pub fn is_english(all: &[String], marks: &Marks) -> bool {
    if all.iter().any(|word| marks.is_marked(word)) {
        return false;
    }
    let counted: Vec<&str> = all.iter().map(String::as_str).filter(|word| !is_number(word)).collect();
    let count = |is: &dyn Fn(&str) -> bool| counted.iter().filter(|word| is(word)).count();
    let tells = count(&|word| TELLS_ENGLISH.contains(word));
    let foreign = count(&|word| !may_be_vietnamese(word));
    let known =
        count(&|word| ENGLISH_WORDS.knows(word) || ASKS_ENGLISH.contains(word) || SAYS_LITTLE_ENGLISH.contains(word));
    let most = tells >= 1 && foreign * 2 > counted.len();
    most || (tells >= 2 && foreign * 3 >= counted.len()) || (foreign > 0 && known == counted.len())
}

/// Whether the letters can be a Vietnamese syllable without its marks.
pub fn may_be_vietnamese(word: &str) -> bool {
    const ONSETS: &[&str] = &[
        "ngh", "ng", "nh", "th", "tr", "ch", "kh", "ph", "gh", "gi", "qu", "b", "c", "d", "g", "h", "k", "l", "m", "n",
        "r", "s", "t", "v", "x", "",
    ];
    const NUCLEI: &[&str] = &[
        "a", "e", "i", "o", "u", "y", "ai", "ao", "au", "ay", "ia", "ie", "ieu", "iu", "oa", "oai", "oay", "oe", "oi",
        "oo", "ua", "uay", "ue", "ui", "uo", "uoi", "uou", "uu", "uy", "uya", "uye", "uyu", "eo", "eu", "ye", "yeu",
        "ya", "oao", "oeo", "ieo", "iao", "iai",
    ];
    const CODAS: &[&str] = &["ng", "nh", "ch", "c", "m", "n", "p", "t", ""];
    if word.chars().any(|c| c.is_ascii_digit()) {
        return false;
    }
    ONSETS.iter().filter_map(|onset| word.strip_prefix(onset)).any(|rest| {
        let bodies = CODAS.iter().filter_map(|coda| rest.strip_suffix(coda));
        bodies.into_iter().any(|nucleus| NUCLEI.contains(&nucleus))
    })
}

/// A number, or letters with digits: no slip is looked for in it.
pub fn is_code(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    digits == word.len() || digits >= 2 || word.bytes().next().is_some_and(|first| first.is_ascii_digit())
}

/// Other ways to write the word: a size, a number with its unit apart, a code in two parts.
pub fn other_forms(word: &str) -> Vec<String> {
    let mut forms: Vec<String> =
        SAME.iter().filter(|(one, _)| *one == word).map(|(_, other)| (*other).to_owned()).collect();
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = word.split_at(digits);
    if !number.is_empty() && UNITS.contains(&unit) {
        forms.push(format!("{number} {unit}"));
        for (_, same) in SAME_UNITS.iter().filter(|(one, _)| *one == unit) {
            forms.extend([format!("{number}{same}"), format!("{number} {same}")]);
        }
    } else if !number.is_empty() && !unit.is_empty() {
        forms.push(format!("{number} {unit}"));
    } else if digits == 0 {
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        if !letters.is_empty() && letters.len() < word.len() {
            forms.push(format!("{letters} {}", word.get(letters.len()..).unwrap_or_default()));
        }
    }
    forms
}

/// A number and its unit, or the two halves of a code, as one word.
pub fn joined(a: &str, b: &str) -> Option<String> {
    let is_measure = is_number(a) && UNITS.contains(&b);
    let is_code = !is_number(a) && is_number(b) && a.len() <= 4;
    (is_measure || is_code).then(|| format!("{a}{b}"))
}
