"""The web application: its sections, its guards, and the ground that every request stands on."""

from flask import Flask, request
from flask_login import LoginManager

from mendline.api.views import api
from mendline.api.webhooks.views import webhooks
from mendline.capture.views import capture
from mendline.comparison.figure_views import figures
from mendline.comparison.past import standings_then
from mendline.comparison.views import commissioner, comparison
from mendline.config import Settings, resources
from mendline.custody.views import custody
from mendline.evidence.checks.views import checks
from mendline.evidence.files.views import evidence_files
from mendline.evidence.imports.views import imports
from mendline.evidence.imports.views_matching import matching
from mendline.evidence.imports.views_merging import merging
from mendline.evidence.imports.views_templates import import_templates
from mendline.evidence.records.views_changing import records
from mendline.evidence.views import evidence
from mendline.indicators.past import declare_reader
from mendline.packs.commissioned.views import commissioned
from mendline.packs.commissioned.views_outside import outside
from mendline.packs.views import packs
from mendline.people.access.views import access
from mendline.people.alerts.views import alerts
from mendline.people.grants.views import grants
from mendline.people.inspection.views import inspection
from mendline.people.inspection.views_links import inspectors
from mendline.people.ledger.views import ledger
from mendline.people.members.views import members
from mendline.people.offers.views import offers
from mendline.people.opening.views import opening
from mendline.people.operating.views import operating, support
from mendline.people.register.views import service_register
from mendline.people.sign_on.views import sign_on
from mendline.people.signing.views_account import account
from mendline.people.signing.views_confirm import confirm
from mendline.people.signing.views_factors import factors
from mendline.people.signing.views_links import signin
from mendline.people.tablets.views import tablet
from mendline.people.views import start
from mendline.people.visits.views import visits
from mendline.recovery.clocks.views import clock_numbers, clocks
from mendline.recovery.effects.views import effects
from mendline.recovery.handover.views import handover
from mendline.recovery.minutes.views import minutes
from mendline.recovery.plans.views_changes import plans
from mendline.recovery.plans.views_templates import templates
from mendline.recovery.registers.views import escalations
from mendline.recovery.registers.views_entries import registers
from mendline.recovery.reviews.views import sittings
from mendline.recovery.story.views import story
from mendline.recovery.views import recovery
from mendline.services.views import services
from mendline.services.views_behind import behind
from mendline.services.views_charts import charts
from mendline.services.views_coverage import coverage
from mendline.services.views_indicators import indicators
from mendline.telling.views import stopping, telling
from mendline.web import assets
from mendline.web.compression import compress
from mendline.web.errors import answer_errors
from mendline.web.frame import Ground, SignedIn, signed_in_person
from mendline.web.health import health
from mendline.web.page import declare_filters
from mendline.web.section import Section
from mendline.web.security import guard
from mendline.web.static_files import serve_static
from mendline.work.views_items import work
from tenants.clock import now
from tenants.database import Database

LARGEST_REQUEST = 32 * 1024 * 1024

SECTIONS: tuple[Section, ...] = (
    start,
    signin,
    account,
    factors,
    confirm,
    tablet,
    sign_on,
    health,
    work,
    services,
    indicators,
    figures,
    charts,
    behind,
    coverage,
    records,
    capture,
    evidence,
    evidence_files,
    import_templates,
    imports,
    matching,
    merging,
    checks,
    recovery,
    clocks,
    clock_numbers,
    effects,
    handover,
    plans,
    templates,
    telling,
    stopping,
    escalations,
    registers,
    sittings,
    minutes,
    story,
    comparison,
    commissioner,
    packs,
    commissioned,
    outside,
    members,
    offers,
    access,
    opening,
    alerts,
    service_register,
    grants,
    visits,
    inspectors,
    inspection,
    support,
    operating,
    ledger,
    webhooks,
    custody,
    api,
)


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """An application over one database.

    Args:
        settings: where everything is.
        database: connections to share with the caller, such as a test's; made from the settings otherwise.
    """
    places = assets.Places.under(settings.state)
    app = Flask(
        "mendline",
        template_folder=str(resources().templates),
        static_folder=None,
    )
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
        # One-time messages after a form; never who is signed in.
        SESSION_COOKIE_NAME=f"{'__Host-' if settings.https else ''}mendline_messages",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
    )
    app.secret_key = settings.secret_key
    app.config["SECRET_KEY_FALLBACKS"] = [key.decode() for key in settings.key_ring.key(now()).former]
    app.extensions["mendline"] = Ground(settings, database or connect(settings), settings.key_ring)
    app.extensions["mendline.access"] = {}
    app.extensions["mendline.step_up"] = set()
    app.extensions["mendline.largest"] = {}
    serve_static(app, places.static)
    assets.install(app, places)
    declare_filters(app)
    declare_reader(standings_then)
    _sign_in_with_flask_login(app)
    guard(app)
    answer_errors(app)
    app.after_request(compress)
    for section in SECTIONS:
        register(app, section)
    refuse_undeclared(app)
    return app


def connect(settings: Settings) -> Database:
    """The connections of one process."""
    return Database(settings.database_url, settings.role_passwords, through_pooler=settings.through_pooler)


def register(app: Flask, section: Section) -> None:
    """Adds a section and what its routes declared."""
    app.register_blueprint(section)
    app.extensions["mendline.access"].update(section.declared)
    app.extensions["mendline.step_up"].update(section.stepped_up)
    app.extensions["mendline.largest"].update(section.largest)


def refuse_undeclared(app: Flask) -> None:
    """The application does not start with a route, put on it by whatever way, that says not who may use it.

    Raises:
        RuntimeError: naming each such route.
    """
    declared = app.extensions["mendline.access"]
    missing = [
        rule.rule for rule in app.url_map.iter_rules() if rule.endpoint != "static" and rule.endpoint not in declared
    ]
    if missing:
        raise RuntimeError(f"routes without a declared access: {', '.join(sorted(missing))}")


def _sign_in_with_flask_login(app: Flask) -> None:
    manager = LoginManager()
    manager.session_protection = None  # sessions live in PostgreSQL, Flask's own is not used
    manager.init_app(app)

    @manager.request_loader  # type: ignore[untyped-decorator]
    def _load(_request: object) -> SignedIn | None:
        return None if request.endpoint == "static" else signed_in_person()
