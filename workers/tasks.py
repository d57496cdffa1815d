"""Every kind of background work and what answers it; a test holds this against the kinds of `tenants.jobs`."""

from workers.claiming import Task

TASKS = (
    Task(
        "derive",
        "workers.rollups:derive",
        lease_seconds=20,
        prepare="mendline.catalogue.indicators:indicator_definitions",
    ),
    Task(
        "check_triggers",
        "workers.triggers:check_triggers",
        lease_seconds=60,
        prepare="mendline.catalogue.rules:rules",
    ),
    Task("plan_work", "workers.planned_work:plan_work", lease_seconds=60),
    Task("tell_people", "workers.telling:tell_people", lease_seconds=60),
    Task("seal_ledger", "workers.sealing:seal_ledger", lease_seconds=60),
    Task("make_pack", "workers.packs:make_pack", lease_seconds=120),
    Task("examine_file", "workers.files:examine_file", lease_seconds=60),
    Task("import_facts", "workers.imports:import_facts", lease_seconds=120),
    Task("custody_request", "workers.custody:answer_request", lease_seconds=120),
    Task("custody_day", "workers.custody:keep_day", lease_seconds=60),
    Task("transfer_service", "workers.custody:transfer_service", lease_seconds=120),
    Task("deliver_webhook", "workers.webhooks:deliver_webhook", lease_seconds=60),
    Task("send_mail", "workers.mail:send_mail", lease_seconds=120, is_letter=True),
)
