"""The end of a command's help: examples, and the files that it writes."""

from __future__ import annotations

from collections.abc import Mapping

#: What the runner and the Logic's report write in every command.
ALWAYS = ("result.json", "overlay.png", "report.html", "report.pdf", "scene.mrb")


def epilog(command: str, examples: Mapping[str, str], each: str, also: str) -> str:
    """Markdown for `ModuleCommand.epilog`.

    Args:
        command: its name.
        examples: what is typed after it, without ``--out`` -> what that does, to go on after the command.
        each: one input in a word, "scan".
        also: what is written besides `ALWAYS`, and when.
    """
    lines = [f"`deepmed {command} {words} --out results` {does}." for words, does in examples.items()]
    written = f"**Written for each {each}** in DIR/NAME/: {', '.join(ALWAYS)}; {also}."
    return "\n\n".join(("", "**Examples**", *lines, f"{written}\n"))
