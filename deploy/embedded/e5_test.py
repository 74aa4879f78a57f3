"""python3 -m unittest: the converter on a small file of the same format, and on files that are broken."""
import json
import os
import struct
import tempfile
import unittest

import e5

HIDDEN, LAYERS, INNER, WORDS, POSITIONS = 32, 1, 64, 6, 4
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "\u2581a", "<mask>"]


def blocks(weights):
    """Quanta from 0 to 15 as blocks with the scale 0.5."""
    out = b""
    for at in range(0, len(weights), 32):
        block = weights[at:at + 32]
        out += struct.pack("<e", 0.5) + bytes(block[n] | block[n + 16] << 4 for n in range(16))
    return out


def package(change=None):
    """A file like the package's, with weights that tell their place."""
    shape = {"hidden": HIDDEN, "layers": LAYERS, "inner": INNER, "vocabulary": WORDS, "positions": POSITIONS, "kinds": 2}
    tensors = []
    for short, _, dimensions in e5.expected(shape):
        values = 1
        for dimension in dimensions:
            values *= dimension
        if len(dimensions) == 2 and short not in ("emb.pos", "emb.type"):
            tensors.append((short, e5.Q4, values, blocks([n * 7 % 16 for n in range(values)])))
        else:
            tensors.append((short, e5.F32, values, struct.pack(f"<{values}f", *(n / 8 for n in range(values)))))
    if change:
        tensors = change(tensors)
    encoded = [piece.encode() for piece in PIECES]
    offsets = [sum(map(len, encoded[:n])) for n in range(len(encoded) + 1)]
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, LAYERS, 2, INNER, WORDS, POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, offsets[-1])
    head += struct.pack(f"<{len(offsets)}I", *offsets) + struct.pack(f"<{len(PIECES)}f", 0, 0, 0, 0, -1.5, 0)
    head += b"".join(encoded) + struct.pack("<iI", 1, 9) + struct.pack("<IBI", 160, 1, 32)
    head += struct.pack("<i", len(tensors))
    start = len(head) + sum(2 + len(name) + 21 for name, *_ in tensors)
    body = b""
    for name, kind, values, data in tensors:
        head += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, values, start + len(body), len(data))
        body += data
    return head + body


class Conversion(unittest.TestCase):
    def converted(self, data):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        e5.convert(data, folder.name)
        return folder.name

    def test_weights_come_out_as_they_were_meant(self):
        folder = self.converted(package())
        with open(os.path.join(folder, "model.safetensors"), "rb") as file:
            data = file.read()
        [size] = struct.unpack_from("<Q", data)
        header, body = json.loads(data[8:8 + size]), data[8 + size:]
        query = header["encoder.layer.0.attention.self.query.weight"]
        self.assertEqual((query["dtype"], query["shape"]), ("F16", [HIDDEN, HIDDEN]))
        begin, end = query["data_offsets"]
        values = struct.unpack(f"<{HIDDEN * HIDDEN}e", body[begin:end])
        self.assertEqual(list(values), [(n * 7 % 16 - 8) * 0.5 for n in range(HIDDEN * HIDDEN)])
        bias = header["encoder.layer.0.intermediate.dense.bias"]
        begin, end = bias["data_offsets"]
        self.assertEqual(struct.unpack(f"<{INNER}f", body[begin:end]), tuple(n / 8 for n in range(INNER)))
        ends = sorted(tensor["data_offsets"] for name, tensor in header.items() if name != "__metadata__")
        self.assertEqual((ends[0][0], ends[-1][1]), (0, len(body)))
        self.assertTrue(all(a[1] == b[0] for a, b in zip(ends, ends[1:])))

    def test_the_folder_says_how_it_is_used(self):
        folder = self.converted(package())
        said = {}
        for path in ["config.json", "tokenizer.json", "1_Pooling/config.json", "config_sentence_transformers.json"]:
            with open(os.path.join(folder, path), encoding="utf-8") as file:
                said[path] = json.load(file)
        self.assertEqual(said["config.json"]["layer_norm_eps"], 1e-12)
        self.assertEqual(said["config.json"]["num_attention_heads"], 2)
        self.assertTrue(said["1_Pooling/config.json"]["pooling_mode_mean_tokens"])
        self.assertEqual(said["config_sentence_transformers.json"]["prompts"]["query"], "query: ")
        vocabulary = said["tokenizer.json"]["model"]["vocab"]
        self.assertEqual(vocabulary[4], ["\u2581a", -1.5])
        self.assertEqual([token["id"] for token in said["tokenizer.json"]["added_tokens"]], [0, 1, 2, 3, 5])

    def test_each_beginning_of_a_file_is_refused(self):
        data = package()
        whole = e5.read(data)
        self.assertEqual(len(whole[1]), len(PIECES))
        for length in [*range(0, 600, 7), len(data) - 1]:
            with self.subTest(length=length), self.assertRaises(e5.Broken):
                e5.read(data[:length])

    def test_a_tensor_that_is_missing_or_of_another_size_is_refused(self):
        gone = package(lambda tensors: tensors[1:])
        short = package(lambda tensors: [(name, kind, 32, blocks([1] * 32)) if name == "l0.q.w" else (name, kind, values, data)
                                         for name, kind, values, data in tensors])
        for data, word in [(gone, "emb.word"), (short, "l0.q.w")]:
            with self.assertRaisesRegex(e5.Broken, word):
                self.converted(data)


if __name__ == "__main__":
    unittest.main()
