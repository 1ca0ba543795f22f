"""How a page lies in a real browser: what is broken inside a word, cut, or wider than the window. Needs Chromium."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

WIDTHS = (1400, 800, 390)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A word may go on in the next line behind these; elsewhere a break in it is a fault.
_SCRIPT = """
const found = [];
for (const frame of document.querySelectorAll("iframe")) {
  const page = frame.contentDocument, view = page.defaultView, width = frame.clientWidth;
  const say = (what, node) => found.push([width, what, (node.textContent || node.tagName).trim().slice(0, 60)]);
  for (const details of page.querySelectorAll("details")) details.open = true;
  if (page.documentElement.scrollWidth > width + 1) say("page wider than the window", page.documentElement);
  for (const node of page.querySelectorAll("body *")) {
    if (node.closest("svg") && node.tagName !== "svg") continue;
    const box = node.getBoundingClientRect();
    if (box.width && (box.right > width + 1 || box.left < -1)) say("leaves the window", node);
    if (node.scrollWidth > node.clientWidth + 1 && view.getComputedStyle(node).overflowX !== "visible")
      say("is cut or scrolls", node);
  }
  for (const table of page.querySelectorAll("table")) {
    const box = table.getBoundingClientRect(), around = table.parentElement.getBoundingClientRect();
    if (box.right > around.right + 1) say("table leaves its place", table);
    const sheet = table.closest("article, .summary");
    const margin = sheet && sheet.getBoundingClientRect().right - parseFloat(view.getComputedStyle(sheet).paddingRight);
    if (sheet && box.right > margin + 1) say("table leaves the page", table);
  }
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest("svg, style, script")) continue;
    for (const word of node.data.matchAll(/[^\\s\\-_.\\/\\u2013:,;]+/g)) {
      const range = page.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].filter(r => r.width > 0).map(r => Math.round(r.top)));
      if (lines.size > 1) found.push([width, "word broken inside", word[0]]);
    }
  }
}
document.body.innerHTML = "<pre id=found></pre>";
document.getElementById("found").textContent = JSON.stringify(found);
"""


def chromium() -> str:
    """The browser; the test is skipped, and says so, where there is none."""
    for name in _NAMES:
        path = shutil.which(name)
        if path:
            return path
    pytest.skip("no Chromium here: how pages lie in a browser is not tested (Debian's package: chromium)")


def layout_faults(page: str, widths: tuple[int, ...] = WIDTHS) -> list[tuple[int, str, str]]:
    """What is wrong with a page (HTML text) in windows of these widths: width, fault, the text it is about."""
    browser = chromium()
    frames = "".join(
        f'<iframe style="width:{width}px;height:3000px;border:0" srcdoc="{html.escape(page)}"></iframe>'
        for width in widths
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "wrapper.html"
        path.write_text(
            f"<!doctype html><meta charset=utf-8><body style='margin:0'>{frames}"
            f"<script>addEventListener('load', () => {{{_SCRIPT}}});</script>",
            encoding="utf-8",
        )
        run = subprocess.run(
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                f"--user-data-dir={folder}/profile",
                "--window-size=1500,3200",
                "--virtual-time-budget=20000",
                "--dump-dom",
                path.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    said = re.search(r'<pre id="found">(.*?)</pre>', run.stdout, re.DOTALL)
    assert said is not None, run.stderr[-2000:]
    return [(int(width), str(what), str(text)) for width, what, text in json.loads(html.unescape(said.group(1)))]
