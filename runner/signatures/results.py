"""Signatures as results show them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.model.results import RemedyResult, SignatureResult

if TYPE_CHECKING:
    from runner.model.signature import Remedy, Signature


def signature_result(signature: Signature) -> SignatureResult:
    """What a report needs to know of a signature."""
    return SignatureResult(
        id=signature.id,
        title=signature.title,
        cause=signature.cause,
        silent=signature.silent,
        remedies=tuple(
            RemedyResult(
                text=remedy.text,
                route=str(remedy.route) if remedy.route else None,
                code=remedy_code(remedy),
            )
            for remedy in signature.remedies
        ),
        links=signature.links,
    )


def remedy_code(remedy: Remedy) -> str | None:
    """What to type: the pins as a command, and then the code."""
    quoted = " ".join(f'"{pin}"' for pin in remedy.pin)
    lines = [f"pip install {quoted}"] if quoted else []
    return "\n".join(lines + ([remedy.code] if remedy.code else [])) or None
