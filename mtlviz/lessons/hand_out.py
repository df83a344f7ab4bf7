"""A lesson on paper: a page that prints well, with or without answers; and notes in Markdown."""

import re
from html import escape

from mtlviz.lessons.lesson import Lesson, Step

_STYLE = """
body { font: 11pt/1.4 sans-serif; max-width: 42em; margin: 2em auto; padding: 0 1em; color: #111; }
section { break-inside: avoid; border-top: 1px solid #999; margin-top: 1.2em; }
ul { list-style: none; padding-left: 0; } li { margin: .3em 0; }
.box { display: inline-block; width: .8em; height: .8em; border: 1px solid; margin-right: .6em; }
.line { border-bottom: 1px solid #999; height: 1.6em; } .small { font-size: 9pt; color: #444; }
@media print { body { margin: 0; } }
"""
_BOLD, _ITALIC, _CODE = (
    re.compile(r"\*\*(.+?)\*\*"),
    re.compile(r"\*(.+?)\*"),
    re.compile(r"`(.+?)`"),
)


def hand_out(lesson: Lesson, *, answers: bool = False) -> str:
    """The lesson as one HTML page that needs nothing else.

    Args:
        lesson: The lesson.
        answers: Whether it tells what is right, and what the teacher should know.
    """
    steps = "".join(
        f"<section><h2>{number}. {escape(step.title)}</h2>{_step(step, answers)}</section>"
        for number, step in enumerate(lesson.steps, start=1)
    )
    title = escape(lesson.title)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style><h1>{title}</h1>"
        f'<p class="small">{lesson.minutes:.0f} minutes. Name: ______________________</p>'
        f"{steps}</html>"
    )


def _step(step: Step, answers: bool) -> str:
    parts = [_paragraph(step.text), _paragraph(f"**{step.question}**") if step.question else ""]
    if step.options:
        parts.append(f"<ul>{''.join(_option(option, answers) for option in step.options)}</ul>")
    if step.do:
        parts.append(_paragraph(f"Do: {step.do}"))
    if answers:
        told = (f"What happens: {step.reveal}", f"Why: {step.explanation}", step.notes)
        parts += [_paragraph(each) for each in told if not each.endswith(": ")]
        parts.append(f'<p class="small">{escape(step.source)}</p>' if step.source else "")
    else:
        parts.append("<p>What did you see? Why?</p>" + '<div class="line"></div>' * 2)
    return "".join(parts)


def _option(option: object, answers: bool) -> str:
    text, why, right = (getattr(option, name) for name in ("text", "why", "right"))
    mark = "✔ " if answers and right else '<span class="box"></span>'
    reason = f'<br><span class="small">{_marked(why)}</span>' if answers else ""
    return f"<li>{mark}{_marked(text)}{reason}</li>"


def _paragraph(text: str) -> str:
    return f"<p>{_marked(text)}</p>" if text else ""


def _marked(text: str) -> str:
    """Bold, italics and code of Markdown; all else exactly as it is."""
    text = _BOLD.sub(r"<b>\1</b>", escape(text))
    return _CODE.sub(r"<code>\1</code>", _ITALIC.sub(r"<i>\1</i>", text))


def notes(lesson: Lesson) -> str:
    """What a teacher should know, step by step, in Markdown."""
    told = [f"**Goal.** {lesson.goal}"]
    if lesson.misconception:
        told.append(f"**Many believe:** {lesson.misconception}")
    for number, step in enumerate(lesson.steps, start=1):
        right = next((option.text for option in step.options if option.right), "")
        told.append(
            f"**{number}. {step.title}** ({step.minutes:g} min). {step.question} "
            f"{f'*{right}.*' if right else ''} {step.reveal} {step.notes}"
        )
    return "\n\n".join(told)
