"""The web application as a WSGI server wants it: made when imported, from the environment."""

import gc

from mendline.app import create_app
from mendline.config import Settings

application = create_app(Settings.from_environment())

# What is loaded by now stays as long as the process; looking through it again and again took a tenth of each page.
gc.collect()
gc.freeze()
