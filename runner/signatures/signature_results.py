"""Signatures as results show them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.model.results import RemedyResult, SignatureResult
from runner.signatures.complete_code import complete_code, pip_command

if TYPE_CHECKING:
    from runner.model.signature import Remedy, Signature


def signature_result(signature: Signature) -> SignatureResult:
    """Return what a report needs to know of a signature."""
    return SignatureResult(
        id=signature.id,
        title=signature.title,
        cause=signature.cause,
        silent=signature.silent,
        remedies=tuple(
            RemedyResult(
                text=remedy.text,
                route=str(remedy.route) if remedy.route else None,
                code=remedy_code(remedy, signature),
            )
            for remedy in signature.remedies
        ),
        links=signature.links,
    )


def remedy_code(remedy: Remedy, signature: Signature) -> str | None:
    """Return what to type: the code with its imports, or the pins as a command."""
    if remedy.code:
        return complete_code(remedy.code, signature.where.loader.keras, remedy.pin)
    return pip_command(remedy.pin) if remedy.pin else None
