//! The line a customer gets when the assistant hands over and nothing else wrote one.

/// Letters that Vietnamese has and English has not.
const VIETNAMESE: &str = "ăâđêôơưáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ";
/// Words that are frequent in English questions and are no Vietnamese syllables.
const ENGLISH: [&str; 16] = [
    "the", "is", "are", "you", "your", "what", "how", "much", "this", "have", "please", "hello", "price", "want",
    "where", "when",
];

/// Whether a text is plainly English.
#[must_use]
pub fn is_english(text: &str) -> bool {
    let text = text.to_lowercase();
    let vietnamese = text.chars().any(|letter| VIETNAMESE.contains(letter));
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    !vietnamese && words.any(|word| ENGLISH.contains(&word))
}

/// One sentence in the language of what the customer wrote: English only when it is plainly that.
#[must_use]
pub fn handover_line(customer: &str) -> &'static str {
    if is_english(customer) {
        "Thank you for your message. A member of our team will answer you shortly."
    } else {
        "Dạ shop đã nhận được tin nhắn của mình, nhân viên sẽ trả lời mình sớm ạ."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_only_when_it_plainly_is() {
        for english in ["How much is this?", "hello", "WHERE are you"] {
            assert!(handover_line(english).starts_with("Thank"), "{english}");
        }
        for other in ["áo này bao nhiêu", "ao nay con khong", "", "👍", "what là gì vậy shop"] {
            assert!(handover_line(other).starts_with("Dạ"), "{other}");
        }
    }
}
