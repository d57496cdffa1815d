"""The web application as a WSGI server wants it: made when imported, from the environment."""

import gc

from mendline.app import create_app
from mendline.config import Settings
from mendline.log_lines import write_json_lines
from mendline.web.request_lines import name_requests

write_json_lines("gunicorn.error")
name_requests()

application = create_app(Settings.from_environment())

# What is loaded by now stays as long as the process; looking through it again and again took a tenth of each page.
gc.collect()
gc.freeze()
