"""What `python -m workers.serving workers.main --queues derive` imports: the broker, and an actor for each kind of job.

Every process declares every actor and works on the queues that it is told; what an actor needs is loaded with its first
job, so that only the process of packs pays for WeasyPrint.
"""

import dramatiq

from mendline.config import Settings
from mendline.log_lines import write_json_lines
from tenants.database import Database
from workers.broker import PromptBroker, make_broker
from workers.claiming import declare
from workers.tasks import TASKS


def boot(settings: Settings) -> PromptBroker:
    """The broker of a worker process, with an actor for each task."""
    made = make_broker(settings.redis_url)
    database = Database(
        settings.database_url, settings.role_passwords, pool_size=4, through_pooler=settings.through_pooler
    )
    declare(made, database, TASKS)
    return made


# Where processes are not forked, each begins with the lines of Dramatiq.
write_json_lines()
broker = boot(Settings.from_environment())
dramatiq.set_broker(broker)
