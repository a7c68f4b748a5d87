"""The decoder of `model.py` for llama.cpp: the same shapes, random weights, Q4_0 (four bits, a scale for 32).

    gguf_model.py FILE

The numbers are others, and so are the words that come out: speed is compared, nothing else.
"""

import sys

import gguf
import numpy as np

from model import CONTEXT, END, HEAD, HEADS, HIDDEN, INNER, KV_HEADS, LAYERS, VOCABULARY

BLOCK = 32


def q4_0(random, rows, columns):
    """Blocks of a half float and sixteen bytes of two weights each."""
    blocks = rows * columns // BLOCK
    scales = random.uniform(0.5, 1.5, (blocks, 1)).astype(np.float32) * np.float32(0.2 / np.sqrt(columns))
    packed = random.integers(0, 256, (blocks, BLOCK // 2), dtype=np.uint8)
    return np.concatenate([scales.astype(np.float16).view(np.uint8), packed], axis=1).reshape(rows, -1)


def main():
    random = np.random.default_rng(7)
    writer = gguf.GGUFWriter(sys.argv[1], "qwen2")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1e6)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)
    # Prompts are given as numbers: that each token has a word is all that is asked of these.
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([f"<{k}>" for k in range(VOCABULARY)])
    writer.add_token_types([gguf.TokenType.NORMAL] * VOCABULARY)
    writer.add_token_merges(["< 0"])
    writer.add_eos_token_id(END)

    def matrix(name, rows, columns):
        writer.add_tensor(name + ".weight", q4_0(random, rows, columns), raw_dtype=gguf.GGMLQuantizationType.Q4_0)

    def vector(name, size, numbers=np.ones):
        writer.add_tensor(name, numbers(size).astype(np.float32))

    matrix("token_embd", VOCABULARY, HIDDEN)
    vector("output_norm.weight", HIDDEN)
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        for name, rows, columns in [
            ("attn_q", HEADS * HEAD, HIDDEN),
            ("attn_k", KV_HEADS * HEAD, HIDDEN),
            ("attn_v", KV_HEADS * HEAD, HIDDEN),
            ("attn_output", HIDDEN, HEADS * HEAD),
            ("ffn_gate", INNER, HIDDEN),
            ("ffn_up", INNER, HIDDEN),
            ("ffn_down", HIDDEN, INNER),
        ]:
            matrix(block + name, rows, columns)
            if name in ("attn_q", "attn_k", "attn_v"):
                vector(f"{block}{name}.bias", rows, np.zeros)
        vector(block + "attn_norm.weight", HIDDEN)
        vector(block + "ffn_norm.weight", HIDDEN)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
