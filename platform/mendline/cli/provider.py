"""`mendline provider`: a provider group and its services, set up without a browser."""

import click

from mendline.cli.naming import connect, find_provider
from mendline.config import Settings
from tenants.directory.onboarding import add_service, create_provider

KINDS = ("residential", "nursing", "home_care", "supported_living")


@click.group()
def provider() -> None:
    """Set up a provider group and its services.

    The new identifier is printed on standard output.
    """


@provider.command()
@click.argument("name")
@click.option("--cqc-provider-id", help="The provider's identifier at CQC, such as 1-101641521.")
def create(name: str, cqc_provider_id: str | None) -> None:
    """Make a provider group called NAME."""
    database = connect(Settings.from_environment())
    try:
        with database.administration() as session:
            made = create_provider(session, name, cqc_provider_id=cqc_provider_id)
    finally:
        database.dispose()
    click.echo(f"Made the provider {name.strip()}.", err=True)
    click.echo(made)


@provider.command("add-service")
@click.argument("provider_name", metavar="PROVIDER")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), default="residential", show_default=True)
@click.option("--cqc-location-id", help="The service's identifier at CQC.")
@click.option("--own-reference", help="What your own files call it.")
@click.option("--beds", type=click.IntRange(0))
@click.option("--people", "people_count", type=click.IntRange(0), help="How many people use it.")
@click.option("--registered-manager", help="Their name, as CQC shows it.")
def add_service_to(
    provider_name: str,
    name: str,
    kind: str,
    cqc_location_id: str | None,
    own_reference: str | None,
    beds: int | None,
    people_count: int | None,
    registered_manager: str | None,
) -> None:
    """Add a service called NAME to a PROVIDER (its name or identifier)."""
    database = connect(Settings.from_environment())
    try:
        with database.administration() as session:
            provider_id, _ = find_provider(session, provider_name)
            made = add_service(
                session,
                provider_id,
                name,
                kind=kind,
                cqc_location_id=cqc_location_id,
                own_reference=own_reference,
                beds=beds,
                people_count=people_count,
                registered_manager=registered_manager,
            )
    finally:
        database.dispose()
    click.echo(f"Added {name}.", err=True)
    click.echo(made)
