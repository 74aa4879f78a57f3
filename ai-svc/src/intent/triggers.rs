//! What only a person may answer, told by its words. Written with their marks: a message without any means them too, and one with others
//! means something else ("giao Sài Gòn" is not "giao sai").

use crate::model::Reason;
use crate::text::{Phrases, Token};
use std::sync::LazyLock;

static HANDOVER: LazyLock<Vec<(Reason, Phrases)>> = LazyLock::new(|| {
    let of = |reason, list: &str| (reason, Phrases::exactly(list));
    vec![
        of(
            Reason::SelfHarm,
            "tự tử|tự sát|tôi muốn chết|em muốn chết|mình muốn chết|chỉ muốn chết|không muốn sống|tự làm hại|kill myself|suicide|\
                suicidal|want to die|hurt myself|end my life|ending it all|end it all",
        ),
        of(
            Reason::Threat,
            "giết|đập shop|đốt shop|đập tiệm|đốt tiệm|xử đẹp|xử mày|đánh mày|đánh chết|cho người đến|biết tay|coi chừng tao|\
                chết với tao|chém chết|phá shop|kill you|hurt you|beat you up|burn down|burn your|know where you live|destroy your|\
                make you pay",
        ),
        of(
            Reason::Medical,
            "dị ứng|mang thai|bà bầu|uống thuốc|tác dụng phụ|ngộ độc|cấp cứu|bác sĩ|bác sỹ|bị bệnh|tiểu đường|huyết áp|ung thư|\
                nổi mẩn|nuốt phải|nuốt nhầm|hóc phải|allergic|allergy|pregnant|side effect|side effects|medication|rash|doctor|\
                diabetes|cancer|poisoned|swallowed",
        ),
        of(
            Reason::Legal,
            "luật sư|khởi kiện|kiện shop|đi kiện|sẽ kiện|công an|toà án|pháp luật|quản lý thị trường|lawyer|lawsuit|sue you|\
                i will sue|police|legal action|attorney",
        ),
        of(
            Reason::Refund,
            "hoàn tiền|trả lại tiền|lấy lại tiền|đổi tiền lại|đòi tiền|đền tiền|bồi thường|refund|refunded|money back|chargeback",
        ),
        of(
            Reason::Complaint,
            "khiếu nại|lừa đảo|thất vọng|bực mình|bực|tệ quá|quá tệ|hàng giả|hàng nhái|hàng lỗi|bị lỗi|bị hỏng|bị rách|bị mẻ|bị vỡ|\
                bị bể|vỡ khi nhận|bị phai màu|giao sai|giao nhầm|giao thiếu|ship sai|ship nhầm|ship thiếu|gửi sai|gửi nhầm|gửi thiếu|\
                thiếu hàng|sao chưa giao|chưa nhận được|chưa nhận hàng|chưa thấy hàng|không nhận được hàng|bóc phốt|làm ăn chán|\
                vô trách nhiệm|phàn nàn|complain|complaint|scam|scammed|fraud|terrible|awful|broken|damaged|defective|wrong item|\
                sent the wrong|never arrived|not arrived|disappointed|rip off|worst",
        ),
        of(
            Reason::AsksForPerson,
            "nhân viên|gặp người|người thật|nói chuyện với người|gặp chủ shop|gặp chủ|gặp quản lý|tư vấn viên|gọi lại cho|\
                gọi cho mình|gọi cho tôi|huỷ đơn|hủy đơn|đơn của mình đâu|talk to a person|talk to a human|speak to a human|\
                speak with a human|talk to someone|speak to someone|talk to a real|real person|real human|human|human agent|\
                live agent|customer service|representative|manager|call me|talk to staff|speak to a person|where is my parcel|\
                where is my order|where is my package|cancel my order|không phải bot|tắt bot",
        ),
    ]
});

/// What has such words and is no such thing: goods for somebody, and what without its marks is another word.
static HARMLESS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::exactly(
        "giao sai gon|ship sai gon|gui sai gon|hang gia bao|hang gia bn|hang gia nhieu|hang gia sao|hang gia re|hang gia dung|hang gia si|\
        hang gia tot|goi cho minh 1|goi cho minh 2|goi cho minh 3|goi lai cho minh 1|goi lai cho minh 2|áo cho nhân viên|đồ cho nhân viên|\
        quà cho nhân viên|tặng nhân viên|nhân viên văn phòng|nhân viên công ty|nhân viên ngân hàng|đồng phục nhân viên|tặng bác sĩ|\
        quà cho bác sĩ|áo bác sĩ|tặng công an|đầm cho bà bầu|váy cho bà bầu|áo cho bà bầu|quần cho bà bầu|đồ cho bà bầu|bầu cho bà bầu|\
        váy bà bầu|đầm bà bầu|đồ bà bầu|my manager|our manager|for the manager|my doctor friend|for a doctor|rash guard|\
        rash guards|human size|human hair",
    )
});

/// Why a person must answer, if one must.
pub(super) fn handover_reason(tokens: &[Token]) -> Option<Reason> {
    let harmless: Vec<(usize, usize)> = HARMLESS.all(tokens).collect();
    let is_meant = |(at, n): (usize, usize)| !harmless.iter().any(|(from, m)| *from <= at && at + n <= from + m);
    HANDOVER.iter().find(|(_, phrases)| phrases.all(tokens).any(is_meant)).map(|(reason, _)| *reason)
}
