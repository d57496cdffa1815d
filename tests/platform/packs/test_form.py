"""The form that asks for a pack: every kind of story is ticked, and what is left ticked is what is kept."""

import re

from support.facts import two_providers
from support.site import a_site, who_works_as
from support.tenancy import Place

from mendline.packs.composing_story import KINDS
from mendline.packs.queries import find_pack
from tenants.database import Database

TICKED = re.compile(r'name="story" value="(\w+)"[^>]* checked')


def test_all_kinds_are_ticked_and_those_that_stay_so_are_kept_with_the_pack(database: Database) -> None:
    (home, *_), _ = two_providers(database, services=1)
    manager = who_works_as(
        a_site(database), database, "registered_manager", Place(home.provider_id, home.service_id, "")
    )
    path = f"/services/{home.service_id}/packs"
    assert tuple(TICKED.findall(manager.text(path))) == KINDS
    given = {"story": ["decision", "effect"], "drills": "yes"}
    refused = manager.post(path, {**given, "as_at": "no day"})
    assert (refused.status_code, TICKED.findall(refused.text)) == (422, given["story"])
    answer = manager.post(path, given)
    assert answer.status_code == 303
    reach = database.command_reach(home.provider_id)
    with database.transaction(reach) as session:
        pack_id = answer.headers["Location"].rpartition("/")[2]
        assert find_pack(session, reach, pack_id).options == {"drills": True, "story": given["story"]}
