"""The web application as a WSGI server wants it: made when imported, from the environment."""

from mendline.app import create_app
from mendline.config import Settings

application = create_app(Settings.from_environment())
