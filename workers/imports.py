"""Reads, checks, saves and takes back files of facts that people sent; safe to run twice, since a state is left once."""

import uuid
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from mendline.config import Settings
from mendline.evidence.files.keeping import Keeper, keeper_of
from mendline.evidence.importing import ImportRefusedError, ImportUndecidedError
from mendline.evidence.imports import at_work, judging
from mendline.evidence.imports.decoding import UnreadableFileError
from mendline.evidence.imports.proposals import forget_proposals, keep_proposals
from mendline.evidence.imports.queries import find_import
from mendline.evidence.imports.sent import SentFile
from mendline.evidence.imports.target import Sender
from mendline.telling.asking import tell_soon
from tenants.clock import now
from tenants.errors import MendlineError, NotFoundError
from workers.claiming import Work


def import_facts(work: Work) -> None:
    """The actor of `import_facts` jobs: one step of one file."""
    keeper = keeper_of(Settings.from_environment())
    step = str(work.arguments.get("step"))
    with work.transaction() as session:
        sent = find_import(session, work.reach, uuid.UUID(work.arguments["import_id"]))
    if sent.state not in _EXPECTED.get(step, ()):
        with work.completing():
            return  # it was done, or a person put the file aside
    with work.renewed():
        {"read": _read, "check": _check, "save": _save, "undo": _undo}[step](work, keeper, sent, now())
    _clear(work, keeper)


_EXPECTED = {"read": ("reading",), "check": ("checking",), "save": ("saving",), "undo": ("undoing",)}


def _read(work: Work, keeper: Keeper, sent: SentFile, at: datetime) -> None:
    work.tell(20, "Reading the columns")
    try:
        with at_work.fetched(keeper, _key(sent)) as stream:
            found = judging.columns_found(stream)
    except UnreadableFileError as unreadable:
        _end(work, sent, at_work.refused_columns(str(unreadable), at))
        return
    _end(work, sent, {"state": "unmapped", "found": found, "changed_at": at})


def _check(work: Work, keeper: Keeper, sent: SentFile, at: datetime, why: str | None = None) -> None:
    """Checks a file; `why` tells the reader of its page why it is done once more."""
    work.tell(10, "Reading the file")
    proposals: judging.Proposals = ()
    with at_work.fetched(keeper, _key(sent)) as stream:
        if "header" not in sent.found:  # so that the columns can be matched where the mapping does not fit
            with suppress(UnreadableFileError), work.transaction() as session:
                found = dict(sent.found) | judging.columns_found(stream)
                at_work.keep(session, sent, ("checking",), {"found": found})
                sent = find_import(session, work.reach, sent.import_id)
        try:
            with work.transaction() as session:
                work.tell(40, "Comparing it with what is kept")
                columns, proposals = judging.check_sent(session, work.reach, sent, stream, at)
                session.rollback()
        except UnreadableFileError as unreadable:
            columns = at_work.refused_columns(str(unreadable), at)
    again = {"said": why, "on_conflict": "stop"} if why else {}
    with work.completing() as session:
        if at_work.keep(session, sent, (sent.state,), columns | again):
            keep_proposals(session, sent, proposals)


def _save(work: Work, keeper: Keeper, sent: SentFile, at: datetime) -> None:
    work.tell(10, "Reading the file")
    try:
        with at_work.fetched(keeper, _key(sent)) as stream, work.completing() as session:
            done = judging.save_sent(session, work.reach, sent, stream, at, at_work.told(work.tell))
            if not at_work.keep(session, sent, ("saving",), judging.saved_columns(sent, done, at)):
                raise NotFoundError("This file is not there any more.")
            forget_proposals(session, sent.provider_id, sent.import_id)
    except ImportUndecidedError as undecided:
        # Something changed since the check, so that there is more to decide: it is checked anew.
        _check(work, keeper, replace(sent, on_conflict="stop"), at, str(undecided))
    except ImportRefusedError as refused:
        _end(work, sent, at_work.refused_columns(str(refused), at, refused.rows, refused.count))
    except UnreadableFileError as unreadable:
        _end(work, sent, at_work.refused_columns(str(unreadable), at))
    else:
        _remove(keeper, sent.object_key)


def _undo(work: Work, keeper: Keeper, sent: SentFile, at: datetime) -> None:
    del keeper
    work.tell(20, "Taking it back")
    sender = Sender(work.requested_by, sent.recorded_initials if work.requested_by == sent.recorded_by else None)
    with work.completing() as session:
        columns = judging.undo_sent(session, work.reach, sent, str(work.arguments.get("reason", "")), sender, at)
        at_work.keep(session, sent, ("undoing",), columns)
        tell_soon(session, work.provider_id)  # whoever answers for a service whose figures changed


def _end(work: Work, sent: SentFile, columns: dict[str, Any]) -> None:
    with work.completing() as session:
        at_work.keep(session, sent, (sent.state,), columns)


def _key(sent: SentFile) -> str:
    if sent.object_key is None:
        raise NotFoundError("The file is not kept any more. Send it again.")
    return sent.object_key


def _remove(keeper: Keeper, object_key: str | None) -> None:
    if object_key is not None:
        with suppress(MendlineError):  # whatever is left goes with the provider's folder
            keeper.store.remove(object_key)


def _clear(work: Work, keeper: Keeper) -> None:
    with suppress(MendlineError):
        with work.transaction() as session:
            keys = at_work.forgotten(session, work.provider_id, now())
        for key in keys:
            _remove(keeper, key)
