"""Asking for a pack for a commissioner, sharing it with a grant, and taking it back."""

import uuid

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.packs.commands import next_reference, ordered
from mendline.packs.commissioned.queries import newest_release
from mendline.packs.commissioned.rows import ALL, LONGEST_PURPOSE, WEEKS, GrantChoice, MadeFor, ShareLine
from mendline.packs.model import CommissionerPack
from mendline.packs.queries import PackLine
from mendline.places.rows import Place
from tenants.clock import now
from tenants.errors import ConflictError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST = 3


def ask_for_commissioner(
    session: Session, reach: Reach, place: Place, grant: GrantChoice | None, *, weeks: str
) -> uuid.UUID:
    """Asks for a pack of what was last released, as the officers of one grant would see it; a worker makes it.

    Args:
        session: a transaction within reach.
        reach: who asks: somebody who makes packs and releases figures there.
        place: the service.
        grant: for whom; a grant of the service that stands or is to come.
        weeks: how far its figures go back, or `all` that was released.

    Raises:
        RefusedError: there is no such grant, nothing was released yet, or the period is not offered.
    """
    reach.require("request_pack", place.provider_id, place.service_id)
    reach.require("release_figures", place.provider_id, place.service_id)
    if grant is None:
        raise RefusedError("The pack was not asked for.", {"grant": "Choose the commissioner it is for."})
    if weeks != ALL and weeks not in map(str, WEEKS):
        raise RefusedError("The pack was not asked for.", {"weeks": "Choose from the periods that are offered."})
    found = newest_release(session, place)
    if found is None:
        raise RefusedError(
            "The pack was not asked for. Release the figures first: a pack holds only what was released."
        )
    release_id, released = found
    at = now()
    # Where the service is shown by a code, not even the letters of its name stand in the pack's reference.
    reference = next_reference(
        session, place, place.name if grant.show_name else f"C {str(place.service_id)[:4].upper()}", at
    )
    pack_id = ordered(
        session, reach, place, reference,
        at=at, as_at=released.recorded_at, options={}, figures_to=released.figures_to,
    )  # fmt: skip
    session.add(
        CommissionerPack(
            provider_id=place.provider_id,
            service_id=place.service_id,
            pack_id=pack_id,
            body_id=grant.body_id,
            body=grant.body,
            grant_id=grant.grant_id,
            release_id=release_id,
            classes=[each for each in grant.classes if each != "evidence_files"],
            show_name=grant.show_name,
            weeks=None if weeks == ALL else int(weeks),
            recorded_by=reach.person_id,
            recorded_label=reach.name,
            recorded_at=at,
        )
    )
    note(
        session,
        reach,
        "pack for a commissioner requested",
        provider_id=place.provider_id,
        service_id=place.service_id,
        subject=reference,
        detail={"body": grant.body, "grant": str(grant.grant_id), "release": str(release_id)},
    )
    session.flush()
    return pack_id


def share(
    session: Session, reach: Reach, line: PackLine, made: MadeFor, grant: GrantChoice | None, purpose: str
) -> uuid.UUID:
    """Shares a finished pack with one grant: its officers may open it while grant and share stand.

    It answers a request of the same commissioner for a pack.

    Raises:
        RefusedError: no such grant, a grant that opens less than the pack holds, or no purpose.
        ConflictError: it is not finished, or shared with that grant already.
    """
    reach.require("release_figures", line.provider_id, line.service_id)
    said = " ".join(purpose.split())
    problems = {}
    if grant is None or not grant.covers(made):
        problems["grant"] = "Choose a grant of the same commissioner that opens no less than the pack holds."
    if not SHORTEST <= len(said) <= LONGEST_PURPOSE:
        problems["purpose"] = "Say what for, in a sentence that the commissioner reads too."
    if problems or grant is None:
        raise RefusedError("The pack was not shared.", problems)
    share_id = new_id()
    done = session.execute(
        text("select reach.share_pack(:provider, :service, :share, :pack, :grant, :why, :label)"),
        {
            "provider": line.provider_id,
            "service": line.service_id,
            "share": share_id,
            "pack": line.pack_id,
            "grant": grant.grant_id,
            "why": said,
            "label": reach.name,
        },
    ).scalar_one()
    if not done:
        raise ConflictError("The pack was not shared: it is not ready, or shared with this grant already.")
    answered = session.execute(
        text("select reach.answer_with_pack(:provider, :service, :share)"),
        {"provider": line.provider_id, "service": line.service_id, "share": share_id},
    ).scalar_one()
    told = {"body": grant.body, "grant": str(grant.grant_id), "share": str(share_id), "sha256": line.sha256 or ""}
    note(
        session,
        reach,
        "pack shared with a commissioner",
        provider_id=line.provider_id,
        service_id=line.service_id,
        subject=line.reference,
        detail=told | ({"answers_requests": answered} if answered else {}),
        why=said,
    )
    return share_id


def withdraw(session: Session, reach: Reach, line: PackLine, shared: ShareLine, why: str) -> None:
    """Takes a share back: an officer's next statement finds nothing, also in the middle of a page.

    Raises:
        RefusedError: no reason.
        ConflictError: it is withdrawn already.
    """
    reach.require("release_figures", line.provider_id, line.service_id)
    if len(why.strip()) < SHORTEST:
        raise RefusedError("The pack is still shared.", {"reason": "Say why, in a few words."})
    done = session.execute(
        text("select reach.withdraw_pack(:provider, :service, :share, :why)"),
        {"provider": line.provider_id, "service": line.service_id, "share": shared.share_id, "why": why.strip()},
    ).scalar_one()
    if not done:
        raise ConflictError("This share is withdrawn already.")
    note(
        session,
        reach,
        "pack no longer shared with a commissioner",
        provider_id=line.provider_id,
        service_id=line.service_id,
        subject=line.reference,
        detail={"body": shared.body, "share": str(shared.share_id)},
        why=why.strip(),
    )
