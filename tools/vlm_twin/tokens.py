"""Small tokenizers with real merges: byte-level BPE in the style of Qwen2 and of GPT-2, and BPE with byte fall-back in the style
of Llama. Trained on the few lines below, so that a second run makes the same file."""

import json
import os

os.environ["TOKENIZERS_PARALLELISM"] = "false"

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

TEXT = """
The robot is in the kitchen. There is a table in the middle of the room and a red chair beside the table.
The lamp stands on the table, left of the window. How many chairs are there in the room? There are four chairs.
Where is the door? The door is behind the sofa, near the other window. The cup is on the shelf above the sink.
What is in the picture? There are two pictures. Describe the pictures, then say what is different between them.
The box is under the bed. Which object is closer to the robot, the bed or the box? The bed is 2.5 m away, the box 3.1 m.
How far is it from the chair to the table? It is about 1.2 m. Is the shelf higher than the table? Yes, the shelf is higher.
In the video the robot turns left, then goes through the door. What happens in the video? The robot turns.
You are a helpful assistant. User: Assistant: USER: ASSISTANT: system user assistant
"""
QWEN_SPLIT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
MERGES = 112


def special(token):
    return AddedToken(token, special=True, normalized=False)


def byte_level(pre_tokenizer, normalizer, specials, others=()):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=256 + MERGES, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False
    )
    tokenizer.train_from_iterator(TEXT.strip().split("\n"), trainer)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens([special(token) for token in specials])
    tokenizer.add_tokens([AddedToken(token, special=False, normalized=False) for token in others])
    return tokenizer


def qwen(with_tools):
    specials = (
        "<|endoftext|> <|im_start|> <|im_end|> <|object_ref_start|> <|object_ref_end|> <|box_start|> <|box_end|> "
        "<|quad_start|> <|quad_end|> <|vision_start|> <|vision_end|> <|vision_pad|> <|image_pad|> <|video_pad|>"
    ).split()
    split = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN_SPLIT), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return byte_level(split, normalizers.NFC(), specials, ["<tool_call>", "</tool_call>"] if with_tools else [])


def smolvlm():
    specials = "<|endoftext|> <|im_start|> <|im_end|> <fake_token_around_image> <image> <end_of_utterance> <global-img>".split()
    specials += [f"<row_{row}_col_{col}>" for row in range(1, 7) for col in range(1, 7)]
    split = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    return byte_level(split, None, specials)


def llava():
    """Llama's: spaces are U+2581, unknown characters are bytes, `<s>` comes first, nothing is split before merging."""
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    letters = sorted({c for c in TEXT if c.isalnum() or c in ".,?:'"} | {"\u2581"})
    trainer = trainers.BpeTrainer(vocab_size=len(letters) + MERGES, initial_alphabet=letters, show_progress=False)
    learner.train_from_iterator(TEXT.strip().split("\n"), trainer)
    learned = json.loads(learner.to_str())["model"]
    merges = [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in learned["merges"]]
    pieces = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    pieces += ["".join(pair) for pair in merges] + letters
    vocab = {}
    for piece in pieces:
        vocab.setdefault(piece, len(vocab))
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.add_special_tokens([special(token) for token in ["<unk>", "<s>", "</s>", "<image>", "<pad>"]])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    return tokenizer


def specials_of(tokenizer):
    """Ids of the tokens that stand for no text."""
    return sorted(i for i, token in tokenizer.get_added_tokens_decoder().items() if token.special)
