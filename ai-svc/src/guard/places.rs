//! Places that a shop sends to, and which of a policy's lines holds for one: the line that names it, else the line for all others.

use super::reading::{Phrases, Reading};
use crate::text::Token;
use std::ops::Range;
use std::sync::LazyLock;

/// The provinces and cities of Vietnam as people write them, before and after the mergers of 2025, with the towns that are asked for most.
static PLACES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "hà nội|hn|hanoi|sài gòn|sg|saigon|hồ chí minh|ho chi minh|hcm|hcmc|tphcm|tp . hcm|đà nẵng|đn|danang|da nang|hải phòng|hp|haiphong|\
        cần thơ|can tho|huế|hue|an giang|bà rịa|vũng tàu|vung tau|bắc giang|bắc kạn|bạc liêu|bắc ninh|bến tre|bình định|bình dương|\
        binh duong|bình phước|bình thuận|cà mau|cao bằng|đắk lắk|đắc lắc|dak lak|daklak|đắk nông|điện biên|đồng nai|dong nai|đồng tháp|gia lai|\
        hà giang|hà nam|hà tĩnh|hải dương|hậu giang|hòa bình|hưng yên|khánh hòa|kiên giang|kon tum|lai châu|lâm đồng|lạng sơn|lào cai|\
        long an|nam định|nghệ an|ninh bình|ninh thuận|phú thọ|phú yên|quảng bình|quảng nam|quảng ngãi|quảng ninh|quảng trị|sóc trăng|\
        sơn la|tây ninh|thái bình|thái nguyên|thanh hóa|tiền giang|trà vinh|tuyên quang|vĩnh long|vĩnh phúc|yên bái|nha trang|đà lạt|dalat|\
        da lat|hội an|hoi an|quy nhơn|biên hòa|vinh|hạ long|ha long|phú quốc|phu quoc|buôn ma thuột|phan thiết|thủ đức|sa pa|sapa|rạch giá",
    )
});
/// What stands for every place that is not named.
static OTHERS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "tỉnh khác|tỉnh thành khác|các tỉnh|tỉnh thành|ngoại tỉnh|đi tỉnh|liên tỉnh|tỉnh|nơi khác|khu vực khác|toàn quốc|cả nước|other provinces|\
        other cities|other province|provinces|elsewhere|nationwide|rest of the country|outside|ngoài thành phố",
    )
});

/// Where places stand in a stretch.
pub(super) fn named(tokens: &[Token]) -> Vec<Range<usize>> {
    PLACES.all(tokens).map(|(at, n)| at..at + n).collect()
}

/// Whether a line of a policy holds for a place: it names it, or it is for all others and no line of the policy names it.
pub(super) fn holds_for(policy: &Reading, line: &Range<usize>, place: &[Token]) -> bool {
    let own = policy.slice(line);
    names(own, place) || (!names(&policy.tokens, place) && OTHERS.find(own).is_some())
}

/// Whether a stretch names the place, by whichever of its names.
pub(super) fn names(tokens: &[Token], place: &[Token]) -> bool {
    named(tokens).into_iter().any(|at| tokens.get(at).is_some_and(|words| same(words, place)))
}

/// Whether a line is for one place or for all others, rather than for any.
pub(super) fn is_of_a_place(tokens: &[Token]) -> bool {
    OTHERS.find(tokens).is_some() || PLACES.find(tokens).is_some()
}

/// The same place, also by its other name.
fn same(a: &[Token], b: &[Token]) -> bool {
    const NICKNAMES: &[&[&str]] = &[
        &["hn", "ha noi", "hanoi"],
        &["sg", "sai gon", "saigon", "ho chi minh", "hcm", "hcmc", "tphcm", "tp . hcm"],
        &["dn", "da nang", "danang"],
        &["hp", "hai phong", "haiphong"],
        &["da lat", "dalat"],
        &["dak lak", "dac lac", "daklak"],
        &["sa pa", "sapa"],
    ];
    let folded = |words: &[Token]| words.iter().map(|t| t.fold.as_str()).collect::<Vec<_>>().join(" ");
    let (a, b) = (folded(a), folded(b));
    a == b || NICKNAMES.iter().any(|names| names.contains(&a.as_str()) && names.contains(&b.as_str()))
}
